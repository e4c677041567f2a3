#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "journal/ahead/position.hpp"
#include "journal/changes.hpp"
#include "journal/sqlite/recent_runs.hpp"
#include "journal/sqlite/transaction.hpp"
#include "journal/sqlite/trouble.hpp"
#include "signalbox/log.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::ahead {

/// A run as commits have left it that the file does not show yet.
struct UnfiledRun {
    Sequence sequence = 0;
    SharedSeed seed;  ///< of one that is not new, without its bodies
    RunState state;
    bool is_new = false;
    std::int64_t lines = 0;  ///< the number of the last of its log lines that are here; 0: none is
};

/// What is on disk in the log and not in the journal's file yet. Commits add to it; it is taken over into the
/// file in portions, each as one transaction, once there is enough of it or somebody wants to read. What is
/// being taken over is still found here. Any thread.
class Unfiled {
  public:
    /// `ask` has take() called soon, on the thread that writes the file. A portion is taken once the log has
    /// `portion_bytes` of it. `log` must outlive it.
    Unfiled(Position start, std::size_t portion_bytes, LogSink& log, std::function<void()> ask);

    /// Another commit is on disk: its changes, where the log ends now and how many bytes it had. `changes` is
    /// empty then.
    void add(Changes& changes, Position position, std::size_t bytes);

    std::optional<UnfiledRun> find(const sqlite::RunName& name) const;
    std::optional<UnfiledRun> find_by_key(const RunSeed& seed) const;
    /// A run in flight that was taken over a moment ago, as it is in the file; handed over.
    std::optional<Run> take_recent(Sequence sequence);

    using Then = std::function<void(const Error* failure)>;
    /// Calls `then` once all that was added before is in the file, or with the reason why it is not (also
    /// `journal_busy`: limits::journal_reads_max wait): at once, or on the thread that writes the file.
    void when_filed(Then then);
    /// Waits for the first `frames` frames of the log to be in the file.
    Result<Done> await(std::uint64_t frames);
    /// Waits for everything that was added.
    Result<Done> await_all();

    /// From now on commits are taken over at once, or when there is enough of them again.
    void hurry(bool at_once);

    /// Why the last portion could not be taken over; none: it was. The log is told when that changes.
    std::optional<Error> trouble() const { return trouble_.get(); }

    // For who takes over.

    struct Portion {
        std::shared_ptr<const Changes> changes;
        Position position;  ///< up to which the file has everything once they are in it
    };
    /// The next portion, or the last one again if it failed. None: there is nothing to do.
    std::optional<Portion> take();
    void filed();
    void failed(const Error& error);

  private:
    struct Waiting {
        std::uint64_t frames = 0;
        Then then;
    };
    const ChangedRun* newest(Sequence sequence) const;
    UnfiledRun described(const ChangedRun& run) const;
    void ask_if_needed(std::unique_lock<std::mutex>& lock);
    std::vector<Then> take_waiting(std::uint64_t frames);

    const std::size_t portion_bytes_;
    const std::function<void()> ask_;

    mutable std::mutex mutex_;
    std::condition_variable changed_;
    Changes added_;
    Position added_to_;
    std::size_t added_bytes_ = 0;
    std::optional<Portion> taken_;  // being taken over
    std::uint64_t filed_ = 0;       // frames
    bool is_asked_ = false;
    bool is_wanted_ = false;   // by a reader, or who waits
    bool is_hurried_ = false;
    std::vector<Waiting> waiting_;
    std::optional<Error> failure_;  // of the last try; none: there is another
    sqlite::Trouble trouble_;
    sqlite::RecentRuns recent_;
};

}  // namespace signalbox::journal::ahead
