// kill -9 at random moments under load, then an exact ledger: ids answered with 202 against ids
// that the target has verified and taken. The bounds are those of docs/reliability.md.
#include <catch2/catch.hpp>

#include "ledger.hpp"

using namespace signalbox::test;

TEST_CASE("faults: under hold 50 kills lose nothing and send nothing twice", "[faults]") {
    LedgerOptions options;
    options.on_unknown = "hold";
    check_bounds(kill_often(options), options);
}

TEST_CASE("faults: under resend 50 kills lose nothing and double no more than what was in flight",
          "[faults]") {
    LedgerOptions options;
    options.on_unknown = "resend";
    check_bounds(kill_often(options), options);
}

TEST_CASE("faults: with a log before the file 50 kills lose nothing and send nothing twice", "[faults]") {
    LedgerOptions options;
    options.on_unknown = "hold";
    options.commits = "log";
    check_bounds(kill_often(options), options);
}

TEST_CASE("faults: with a log before the file kills in the middle of reloads and backups lose nothing",
          "[faults]") {
    LedgerOptions options;
    options.on_unknown = "hold";
    options.commits = "log";
    options.kills = 15;
    options.runs = 400;
    options.upkeep = true;
    check_bounds(kill_often(options), options);
}

TEST_CASE("faults: kills in the middle of reloads and backups lose nothing and send nothing twice",
          "[faults]") {
    LedgerOptions options;
    options.on_unknown = "hold";
    options.kills = 15;
    options.runs = 400;
    options.upkeep = true;
    check_bounds(kill_often(options), options);
}
