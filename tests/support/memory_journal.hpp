#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "base/executor.hpp"
#include "base/limits.hpp"
#include "journal/journal.hpp"

namespace signalbox::test {

/// The journal's promises without a disk: operations are applied in the order of their calls when commit()
/// says so, and their answers are posted after that. `fail_commits` refuses whole batches, as a full disk
/// does.
class MemoryJournal : public journal::Journal {
  public:
    explicit MemoryJournal(Executor& executor) : executor_(executor) {}

    bool commit_at_once = true;  ///< false: operations wait for commit()
    bool fail_commits = false;
    bool fail_reads = false;
    std::set<journal::Sequence> damaged;  ///< runs whose bodies cannot be read
    std::size_t commits = 0;
    std::size_t loaded_runs = 0;  ///< asked for by load()
    std::map<journal::Sequence, journal::Run> runs;
    std::map<journal::Sequence, std::map<int, journal::Attempt>> attempts;
    std::map<journal::Sequence, std::vector<journal::LogLine>> log_lines;
    std::map<journal::Sequence, journal::UpstreamRun> upstream_runs;
    std::set<std::pair<std::string, std::string>> replay_keys;

    void insert(journal::SharedSeed shared, journal::RunState state, journal::InsertDone done) override {
        queue([this, seed = *shared, state = std::move(state),
               done = std::move(done)]() -> Task {
            if (fail_commits) return [done] { done(full()); };
            for (const auto& [sequence, run] : runs) {
                if (run.seed.idempotency_key.empty() || run.seed.client != seed.client ||
                    run.seed.action != seed.action ||
                    run.seed.idempotency_key != seed.idempotency_key) {
                    continue;
                }
                if (run.seed.idempotency_digest != seed.idempotency_digest) {
                    return [done] { done(Error{"idempotency_conflict", "another body"}); };
                }
                return [done, run = run] { done(journal::Inserted{0, run}); };
            }
            if (seed.replay && !replay_keys.emplace(seed.replay->source, seed.replay->digest).second) {
                return [done] { done(Error{"replay_refused", "known"}); };
            }
            const journal::Sequence sequence = ++last_;
            runs[sequence] = {sequence, seed, state};
            if (seed.upstream_reports) upstream_runs[sequence] = {sequence, {}, 0};
            return [done, sequence] { done(journal::Inserted{sequence, {}}); };
        });
    }
    void change(journal::Sequence sequence, journal::Decide decide,
                journal::ChangeDone done) override {
        queue([this, sequence, decide = std::move(decide), done = std::move(done)] {
            return apply(sequence, decide, done);
        });
    }
    void change(std::string run_id, journal::Decide decide, journal::ChangeDone done) override {
        queue([this, run_id = std::move(run_id), decide = std::move(decide), done = std::move(done)] {
            return apply(sequence_of(run_id), decide, done);
        });
    }
    void find(std::string run_id,
              std::function<void(Result<journal::RunWithAttempts>)> done) override {
        executor_.post([this, run_id = std::move(run_id), done = std::move(done)] {
            const journal::Sequence sequence = sequence_of(run_id);
            if (sequence == 0) return done(Error{"run_not_found", "no run " + run_id});
            journal::RunWithAttempts found{runs[sequence], {}};
            for (auto& [number, attempt] : attempts[sequence]) found.attempts.push_back(attempt);
            done(std::move(found));
        });
    }
    void load(std::vector<journal::Sequence> sequences,
              std::function<void(Result<std::vector<journal::Run>>)> done) override {
        loaded_runs += sequences.size();
        executor_.post([this, sequences = std::move(sequences), done = std::move(done)] {
            if (fail_commits || fail_reads) return done(full());
            std::vector<journal::Run> loaded;
            for (const journal::Sequence sequence : sequences) {
                if (damaged.count(sequence) != 0)
                    return done(Error{"journal_corrupt", "a page is damaged"});
                if (runs.count(sequence) != 0) loaded.push_back(runs[sequence]);
            }
            done(std::move(loaded));
        });
    }
    void list(journal::RunFilter filter,
              std::function<void(Result<journal::RunPage>)> done) override {
        executor_.post([this, filter = std::move(filter), done = std::move(done)] {
            journal::RunPage page;
            for (auto it = runs.rbegin(); it != runs.rend(); ++it) {
                const journal::Run& run = it->second;
                if (filter.before != 0 && run.sequence >= filter.before) continue;
                if (!filter.action.empty() && run.seed.action != filter.action) continue;
                if (!filter.phases.empty() &&
                    std::find(filter.phases.begin(), filter.phases.end(), run.state.phase) ==
                        filter.phases.end()) {
                    continue;
                }
                if (page.runs.size() == filter.limit) {
                    page.next = page.runs.back().sequence;
                    break;
                }
                page.runs.push_back(run);
            }
            done(std::move(page));
        });
    }
    void logs(std::string run_id, std::int64_t after_number, std::size_t limit,
              std::function<void(Result<std::vector<journal::LogLine>>)> done) override {
        executor_.post([this, run_id = std::move(run_id), after_number, limit, done = std::move(done)] {
            const journal::Sequence sequence = sequence_of(run_id);
            if (sequence == 0) return done(Error{"run_not_found", "no run " + run_id});
            std::vector<journal::LogLine> lines;
            for (const auto& line : log_lines[sequence]) {
                if (line.number > after_number && lines.size() < limit) lines.push_back(line);
            }
            done(std::move(lines));
        });
    }
    void last_logs(std::string run_id,
                   std::function<void(Result<std::vector<journal::LogLine>>)> done) override {
        logs(std::move(run_id), 0, limits::list_rows_max, std::move(done));
    }
    void told_upstream(journal::UpstreamRun run, std::function<void(Result<Done>)> done) override {
        queue([this, run = std::move(run), done = std::move(done)]() -> Task {
            if (fail_commits) return [done] { done(full()); };
            if (upstream_runs.count(run.sequence) != 0) upstream_runs[run.sequence] = run;
            return [done] { done(Done{}); };
        });
    }
    void forget_upstream(journal::Sequence sequence, std::function<void(Result<Done>)> done) override {
        queue([this, sequence, done = std::move(done)]() -> Task {
            if (fail_commits) return [done] { done(full()); };
            upstream_runs.erase(sequence);
            return [done] { done(Done{}); };
        });
    }
    void upstream(journal::Sequence after,
                  std::function<void(Result<std::vector<journal::UpstreamRun>>)> done) override {
        executor_.post([this, after, done = std::move(done)] {
            std::vector<journal::UpstreamRun> found;
            for (const auto& [sequence, run] : upstream_runs) {
                if (sequence > after) found.push_back(run);
            }
            done(std::move(found));
        });
    }
    Result<Done> recover(const std::function<void(const journal::LiveRun&)>& each) override {
        for (const auto& [sequence, run] : runs) {
            using journal::Phase;
            const Phase phase = run.state.phase;
            const bool waited_for = phase == Phase::held && !run.seed.order_key.empty();
            if (waited_for || phase == Phase::queued || phase == Phase::sending ||
                phase == Phase::retrying || phase == Phase::waiting_approval) {
                journal::LiveRun live;
                live.sequence = sequence;
                live.connection = run.seed.connection;
                live.phase = phase;
                live.due_ms = run.state.due_ms;
                live.open = run.state.open.has_value();
                live.action = run.seed.action;
                live.order_key = run.seed.order_key;
                live.deadline_ms = run.state.deadline_ms;
                each(live);
            }
        }
        return Done{};
    }
    std::string token_key() const override { return std::string(32, 'k'); }
    std::optional<Error> trouble() const override {
        if (fail_commits) return full();
        return {};
    }
    void close() override { commit(); }

    /// One group commit of everything that waits.
    void commit() {
        std::vector<std::function<Task()>> batch;
        batch.swap(waiting_);
        if (batch.empty()) return;
        ++commits;
        for (auto& operation : batch) executor_.post(operation());
    }
    std::size_t waiting() const { return waiting_.size(); }

    journal::Run& run(const std::string& id) { return runs.at(sequence_of(id)); }

  private:
    static Error full() { return {"journal_unavailable", "the disk is full"}; }

    void queue(std::function<Task()> operation) {
        waiting_.push_back(std::move(operation));
        if (commit_at_once) commit();
    }
    journal::Sequence sequence_of(const std::string& run_id) const {
        for (const auto& [sequence, run] : runs) {
            if (run.seed.id == run_id) return sequence;
        }
        return 0;
    }
    Task apply(journal::Sequence sequence, const journal::Decide& decide,
               const journal::ChangeDone& done) {
        if (fail_commits) return [done] { done(full()); };
        const auto found = runs.find(sequence);
        if (found == runs.end()) {
            return [done] { done(Error{"run_not_found", "no such run"}); };
        }
        journal::Run& run = found->second;
        journal::Change change = decide(run);
        if (change.state) run.state = *change.state;
        if (change.attempt) attempts[sequence][change.attempt->number] = *change.attempt;
        if (change.log) {
            change.log->number = static_cast<std::int64_t>(log_lines[sequence].size()) + 1;
            log_lines[sequence].push_back(*change.log);
        }
        journal::Run changed = run;
        if (change.log) changed.logged = change.log->number;
        return [done, changed] { done(changed); };
    }

    Executor& executor_;
    journal::Sequence last_ = 0;
    std::vector<std::function<Task()>> waiting_;
};

}  // namespace signalbox::test
