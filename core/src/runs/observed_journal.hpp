#pragma once

#include <cstddef>
#include <cstdint>
#include <unordered_set>

#include "journal/journal.hpp"
#include "runs/feed.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/metrics.hpp"

namespace signalbox::runs {

/// What one change meant for a run; pure.
RunEventKind kind_of(journal::Phase before, const journal::RunState& after, const journal::Change& change);

/// The journal as dispatch and runs see it: every call goes through to the journal, and what was committed
/// is told to the feed and counted, before the caller's own `done` runs. Because nothing else has the
/// journal in hand, no change can be forgotten.
class ObservedJournal final : public journal::Journal {
  public:
    /// All must outlive this, and this must outlive the last `done`.
    ObservedJournal(journal::Journal& journal, Feed& feed, MetricsSink& metrics, const Clock& clock);

    void insert(journal::SharedSeed seed, journal::RunState state, journal::InsertDone done) override;
    void change(journal::Sequence sequence, journal::Decide decide, journal::ChangeDone done) override;
    void change(std::string run_id, journal::Decide decide, journal::ChangeDone done) override;

    void find(std::string run_id,
              std::function<void(Result<journal::RunWithAttempts>)> done) override {
        journal_.find(std::move(run_id), std::move(done));
    }
    void load(std::vector<journal::Sequence> sequences,
              std::function<void(Result<std::vector<journal::Run>>)> done) override {
        journal_.load(std::move(sequences), std::move(done));
    }
    void list(journal::RunFilter filter,
              std::function<void(Result<journal::RunPage>)> done) override {
        journal_.list(std::move(filter), std::move(done));
    }
    void logs(std::string run_id, std::int64_t after_number, std::size_t limit,
              std::function<void(Result<std::vector<journal::LogLine>>)> done) override {
        journal_.logs(std::move(run_id), after_number, limit, std::move(done));
    }
    void last_logs(std::string run_id,
                   std::function<void(Result<std::vector<journal::LogLine>>)> done) override {
        journal_.last_logs(std::move(run_id), std::move(done));
    }
    Result<Done> recover(const std::function<void(const journal::LiveRun&)>& each) override {
        return journal_.recover(each);
    }
    void told_upstream(journal::UpstreamRun run, std::function<void(Result<Done>)> done) override {
        journal_.told_upstream(std::move(run), std::move(done));
    }
    void forget_upstream(journal::Sequence sequence, std::function<void(Result<Done>)> done) override {
        journal_.forget_upstream(sequence, std::move(done));
    }
    void upstream(journal::Sequence after,
                  std::function<void(Result<std::vector<journal::UpstreamRun>>)> done) override {
        journal_.upstream(after, std::move(done));
    }
    void actions(std::string after,
                 std::function<void(Result<std::vector<std::string>>)> done) override {
        journal_.actions(std::move(after), std::move(done));
    }
    void older_than_newest(std::string action, std::size_t newer,
                           std::function<void(Result<journal::Sequence>)> done) override {
        journal_.older_than_newest(std::move(action), newer, std::move(done));
    }
    void sweep(journal::SweepStep step, std::function<void(Result<journal::Swept>)> done) override {
        journal_.sweep(std::move(step), std::move(done));
    }
    void backup(std::string name, std::function<void(Result<journal::Backup>)> done) override {
        journal_.backup(std::move(name), std::move(done));
    }
    void keep_rejections(std::vector<journal::Rejection> rejections,
                         std::function<void(Result<Done>)> done) override {
        journal_.keep_rejections(std::move(rejections), std::move(done));
    }
    void rejections(std::int64_t before, std::size_t limit,
                    std::function<void(Result<journal::RejectionPage>)> done) override {
        journal_.rejections(before, limit, std::move(done));
    }
    std::string token_key() const override { return journal_.token_key(); }
    std::optional<Error> trouble() const override { return journal_.trouble(); }
    void close() override { journal_.close(); }

    /// Counts the runs that are held already, page by page; from then on the gauge is kept by what
    /// changes. Once, before the first change.
    void count_held();

    /// Called after the commit of each run that has reports upstream to deliver, and of each change of any
    /// run, with its number. At most one; before the first change.
    void also_tell(std::function<void(journal::Sequence, bool added)> told) { told_ = std::move(told); }

  private:
    struct Seen;
    template <class Name>
    void observe(Name name, journal::Decide decide, journal::ChangeDone done);
    void tell(const journal::Run& run, Seen& seen);
    void count_held_page(journal::Sequence before);
    void note_held(const journal::Run& run);
    void show_held();

    journal::Journal& journal_;
    Feed& feed_;
    MetricsSink& metrics_;
    const Clock& clock_;
    std::function<void(journal::Sequence, bool)> told_;

    // By name rather than by number: a page of the count may show a change before or after it is told
    // here, and neither may count twice.
    std::unordered_set<journal::Sequence> held_;
    bool counting_ = false;
    std::unordered_set<journal::Sequence> changed_while_counting_;
};

}  // namespace signalbox::runs
