#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/executor.hpp"
#include "journal/journal.hpp"
#include "sources/port_channel.hpp"

namespace signalbox::sources {

/// Tells Port what becomes of the runs that came from it. It says only what the journal holds: each step reads
/// the run there, sends what is not told yet, and keeps in the journal that it was told, before the next one.
///
/// Of a run one call is under way at a time, in this order: what its state says (label, link, summary), the
/// log lines, the end. Changes that come while Port is slow or away are told as they stand then. A call that
/// fails is repeated with growing delays, after a restart too, until limits::upstream_keep_ms_max after the
/// run's end; one whose reply was lost is repeated, so a log line may stand in Port twice. What Port refuses
/// (400, 404, 409, 413, 422: the run has ended there, or is not there) is logged and dropped. [loop thread]
class Reporter {
  public:
    /// All must outlive this, and this must outlive the transport's last reply.
    Reporter(Executor& executor, const Clock& clock, Random& random, journal::Journal& journal,
             dispatch::Transport& transport, LogSink& log);
    ~Reporter();

    /// Where to report, in the place of what was before. Runs of a source that is not among them wait.
    void use(std::vector<ReportTo> to);
    /// Takes up what the journal holds from before. Once.
    void start();
    /// To be told of each run with reports to deliver that was recorded, and of each change of any run, after
    /// the commit.
    void changed(journal::Sequence sequence, bool added);
    /// Nothing more is sent; what is not told is taken up at the next start.
    void stop();

    /// Runs with something to tell, or that may have.
    std::size_t pending() const { return pending_.size(); }

  private:
    struct Pending {
        journal::UpstreamRun kept;
        bool busy = false;   // being read, sent, or waiting to be tried again
        bool again = false;  // it changed meanwhile
        int failures = 0;
        std::deque<journal::LogLine> lines;  // read and not told yet
    };
    using PendingPtr = std::shared_ptr<Pending>;

    void take_up(journal::Sequence after);
    void look(const PendingPtr& run);
    void step(const PendingPtr& pending, const journal::Run& run);
    void read_lines(const PendingPtr& pending, const journal::Run& run);
    void send(const PendingPtr& pending, const journal::Run& run, PortMessage message,
              journal::UpstreamRun after, bool last);
    void answered(const PendingPtr& pending, const journal::Run& run,
                  const dispatch::WireReply& reply, journal::UpstreamRun after, bool last);
    void keep(const PendingPtr& pending, const journal::Run& run, journal::UpstreamRun after);
    void rest(const PendingPtr& pending);
    void retry(const PendingPtr& pending, std::int64_t delay_ms);
    void drop(const PendingPtr& pending);
    PortChannel* channel_of(const std::string& source);
    void note(std::string_view name, const journal::Run& run, const dispatch::WireReply& reply,
              std::int64_t delay_ms = 0);

    Executor& executor_;
    const Clock& clock_;
    Random& random_;
    journal::Journal& journal_;
    dispatch::Transport& transport_;
    LogSink& log_;
    std::map<std::string, std::unique_ptr<PortChannel>> channels_;  // by source
    // Replies may still come for those that a reload has replaced.
    std::vector<std::unique_ptr<PortChannel>> retired_;
    std::unordered_map<journal::Sequence, PendingPtr> pending_;
    bool stopped_ = false;
};

}  // namespace signalbox::sources
