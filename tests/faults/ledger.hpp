#pragma once

#include <cstddef>
#include <map>
#include <set>
#include <string>

/// What was accepted against what arrived, by run id, over a load with kill -9 in the middle of it.
namespace signalbox::test {

inline constexpr int ledger_in_flight = 8;

struct LedgerOptions {
    std::string on_unknown = "hold";
    int kills = 50;
    std::size_t runs = 0;  ///< at least so many are accepted, with the kills spread over them
    int callers = 3;
    std::string commits = "file";  ///< of the journal
    bool upkeep = false;  ///< meanwhile the config is read again and backups are made, without pause
};

struct Ledger {
    std::set<std::string> accepted;       ///< ids answered with 202
    std::map<std::string, int> received;  ///< ids the target verified and took, and how often
    std::set<std::string> held;
    std::size_t duplicates = 0;

    /// Accepted, and neither arrived nor held for a person to decide.
    std::set<std::string> lost() const;
    std::string text() const;
};

/// Invokes without pause, kills Signalbox with SIGKILL at random moments and starts it again, waits until
/// nothing is under way, and answers the ledger.
Ledger kill_often(const LedgerOptions& options);

/// Invokes without pause while the running process has room in its files for nothing more, then while it
/// may open no more descriptors, and again once it may; no kill. Checks on the way that readiness says so.
Ledger squeeze(const LedgerOptions& options);

/// Checks the bounds of the architecture's "open on disk before its first byte leaves".
void check_bounds(const Ledger& ledger, const LedgerOptions& options);

}  // namespace signalbox::test
