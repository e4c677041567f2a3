#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <utility>
#include <vector>

#include "journal/ahead/unfiled.hpp"
#include "journal/changes.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/known_messages.hpp"
#include "journal/sqlite/lookups.hpp"
#include "journal/sqlite/transaction.hpp"

namespace signalbox::journal::ahead {

/// The commit that is being made: its operations see the journal's file, over it what the log has beyond that,
/// and over both what the operations before them have done. It writes nothing itself. [writer thread, once
/// that runs]
class Draft final : public sqlite::Transaction {
  public:
    /// All of the log is in the file of `path` now. `unfiled` must outlive it. Throws sqlite::Failure.
    Draft(std::filesystem::path path, Unfiled& unfiled);

    void begin();
    /// Something is to be written: frame().
    bool wrote() const;
    /// What the log must have before anybody is told: room for a frame's header, then the records.
    std::string& frame() { return frame_; }
    /// It is on disk, up to `position`. Where that cannot be noted, going on would give its numbers again.
    void accept(Position position) noexcept;
    /// It is not.
    void forget();

    /// Gives up its connection to the file.
    void close() { file_.reset(); }

    Result<Inserted> insert(const SharedSeed& seed, RunState state) override;
    Result<Run> change(const sqlite::RunName& name, const Decide& decide) override;
    void keep(const std::vector<Rejection>& rejections) override;
    void told_upstream(const UpstreamRun& run) override;
    void forget_upstream(Sequence sequence) override;

  private:
    struct File {
        explicit File(const std::filesystem::path& path) : database(path), lookups(database) {}
        sqlite::Database database;
        sqlite::Lookups lookups;
    };
    struct Found {
        Run run;          ///< without its bodies
        SharedSeed seed;  ///< of one that the file does not have, whole
        bool is_new = false;
        std::int64_t lines = 0;  ///< the number of the last of its log lines that the file does not have
    };
    /// Calls `read`, on a new connection after a failure.
    template <class Read>
    auto read_file(Read read);
    std::optional<Found> find(const sqlite::RunName& name);
    std::optional<Found> find_here(const sqlite::RunName& name);
    std::optional<Sequence> holder_of_key(const RunSeed& seed);
    Run load_whole(Sequence sequence);
    bool is_taken(const std::string& id);
    std::int64_t log_lines(const Found& found);
    std::optional<Error> refusal_of(const ReplayKey& key, std::int64_t now_ms);
    void keep_message(const ReplayKey& key);
    void load_messages();
    void drop_expired(const std::string& source, std::int64_t now_ms);

    const std::filesystem::path path_;
    Unfiled& unfiled_;
    std::unique_ptr<File> file_;  // none: the last reading failed
    Sequence newest_ = 0;         // number that was given
    Sequence newest_before_ = 0;  // the batch
    std::string largest_id_;      // no run has a larger one
    Changes batch_;
    std::string frame_;
    sqlite::KnownMessages messages_;
    bool has_messages_ = false;  // of the file
    struct Expiry {
        std::int64_t at_ms = 0;
        std::uint64_t message = 0;
        auto operator<=>(const Expiry&) const = default;
    };
    using Expiries = std::priority_queue<Expiry, std::vector<Expiry>, std::greater<>>;
    std::map<std::string, Expiries> expiries_;  // by source
    std::vector<std::pair<std::string, Expiry>> expired_;      // taken from there by the batch
    std::vector<std::pair<std::string, Expiry>> kept_;         // by the batch, and not there yet
};

}  // namespace signalbox::journal::ahead
