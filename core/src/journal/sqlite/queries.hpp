#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "journal/journal.hpp"
#include "journal/sqlite/database.hpp"
#include "journal/sqlite/rejection_rows.hpp"
#include "journal/sqlite/run_search.hpp"

namespace signalbox::journal::sqlite {

/// What readers answer from one connection, each from one snapshot of the file. One thread at a
/// time. Functions throw Failure when SQLite fails.
class Queries {
  public:
    /// Prepares its statements on `database`, which must outlive it.
    explicit Queries(Database& database);

    Result<RunWithAttempts> find(const std::string& run_id);
    Result<std::vector<Run>> load(const std::vector<Sequence>& sequences);
    Result<RunPage> list(const RunFilter& filter);
    Result<std::vector<LogLine>> logs(const std::string& run_id, std::int64_t after_number,
                                      std::size_t limit);
    Result<std::vector<LogLine>> last_logs(const std::string& run_id);

    Result<RejectionPage> rejections(std::int64_t before, std::size_t limit) {
        return rejections_.list(before, limit);
    }

    Result<std::vector<std::string>> actions(const std::string& after);
    Result<Sequence> older_than_newest(const std::string& action, std::size_t newer);

    Result<std::vector<UpstreamRun>> upstream(Sequence after);

    /// Live runs of one phase after `after`, in order of their numbers, at most
    /// limits::list_rows_max.
    std::vector<LiveRun> live(Phase phase, Sequence after);

  private:
    std::optional<Sequence> sequence_of(const std::string& run_id);
    /// Runs of a page are gathered lane by lane, each in an order that an index has: one lane for
    /// each phase that is indexed, one more where settled runs are asked for too.
    std::vector<Sequence> lanes(const RunFilter& filter, std::size_t count);
    void unsettled_lane(const RunFilter& filter, Phase phase, std::size_t count,
                        std::vector<Sequence>& into);
    void newest_lane(const RunFilter& filter, bool finished_only, std::size_t count,
                     std::vector<Sequence>& into);

    Statement begin_;
    Statement commit_;
    Statement by_id_;
    Statement by_sequence_;
    Statement listed_;
    Statement attempts_;
    Statement number_of_;
    Statement logs_;
    Statement last_logs_;
    Statement newest_;
    Statement newest_of_action_;
    Statement unsettled_;
    Statement live_;
    Statement next_action_;
    Statement nth_of_action_;
    Statement upstream_;
    RejectionReading rejections_;
    RunSearch search_;
};

/// Streams the runs that are to be taken up at the start, in order of their numbers, a page at a
/// time. Throws Failure.
void recover(Queries& queries, const std::function<void(const LiveRun&)>& each);

}  // namespace signalbox::journal::sqlite
