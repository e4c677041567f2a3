#include "journal/ahead/front.hpp"

#include <exception>
#include <future>
#include <string>
#include <utility>

#include "base/thread.hpp"
#include "journal/ahead/taking_over.hpp"
#include "journal/sqlite/chore.hpp"
#include "journal/sqlite/commit_figures.hpp"
#include "journal/sqlite/failure.hpp"
#include "journal/sqlite/refusals.hpp"

namespace signalbox::journal::ahead {
namespace {

/// Each asking makes a chore of its own: a chore is told once, and may not be asked for again before that.
std::shared_ptr<Unfiled> make_unfiled(Position start, std::size_t portion_bytes, LogSink& log,
                                      sqlite::Writer& writer) {
    auto self = std::make_shared<std::weak_ptr<Unfiled>>();
    auto unfiled = std::make_shared<Unfiled>(start, portion_bytes, log, [&writer, self] {
        writer.submit(std::make_unique<TakingOver>(self->lock()));
    });
    *self = unfiled;
    return unfiled;
}

Error too_large(std::size_t bytes, std::size_t most) {
    return Error{"journal_unavailable", "What was to be committed together has " + std::to_string(bytes) +
                                            " bytes; a frame of the journal's log has at most " +
                                            std::to_string(most) + ". Try again with less at once."};
}

/// A chore of the writer's that the log's thread stands still for.
class WaitedFor final : public sqlite::Chore {
  public:
    explicit WaitedFor(std::unique_ptr<sqlite::Chore> chore) : chore_(std::move(chore)) {}
    std::future<void> done() { return done_.get_future(); }
    bool step(sqlite::Database& database, sqlite::Store& store) override {
        if (!chore_->step(database, store)) return false;
        done_.set_value();
        return true;
    }
    void fail(const Error& error) override {
        chore_->fail(error);
        done_.set_value();
    }
    void tell() override { chore_->tell(); }

  private:
    const std::unique_ptr<sqlite::Chore> chore_;
    std::promise<void> done_;
};

}  // namespace

Front::Front(const std::filesystem::path& file, Position start, std::uint32_t salt,
             sqlite::Writer& writer, Executor& executor, LogSink& log, const sqlite::Tuning& tuning,
             const Clock& clock, MetricsSink& metrics)
    : executor_(executor),
      clock_(clock),
      metrics_(metrics),
      trouble_(log),
      unfiled_(make_unfiled(start, tuning.log_take_over_bytes, log, writer)),
      queue_(std::make_shared<sqlite::WriteQueue>(executor)),
      writer_(writer),
      frame_bytes_full_(tuning.log_frame_bytes_full),
      frame_bytes_max_(tuning.log_frame_bytes_max),
      draft_(file, *unfiled_),
      segments_(file, start, salt, tuning.log_segment_bytes, tuning.disk),
      // Between two syncs it does little, and everybody waits for that. As a thread that waits its turn it had
      // a p99 of 8.5 ms at a paced 10,000/s, and so 4.6.
      thread_(start_thread("journal-log", [this] { work(); }, Wakes::at_once)) {}

Front::~Front() {
    close();
}

std::optional<Error> Front::trouble() const {
    if (auto error = trouble_.get()) return error;
    return unfiled_->trouble();
}

void Front::close() {
    queue_->close();
    if (!thread_.joinable()) return;
    thread_.join();
    // Where the file cannot have it the log does, and the next opening takes it over.
    static_cast<void>(unfiled_->await_all());
    draft_.close();
}

void Front::work() {
    sqlite::WriteQueue::Batch batch;
    while (queue_->take(batch)) {
        if (!batch.empty()) {
            commit(batch);
            executor_.post([told = std::make_shared<sqlite::WriteQueue::Batch>(std::move(batch))] {
                for (auto& operation : *told)
                    operation->tell();
            });
            batch.clear();
            ++batches_since_chore_;
        }
        do_chore();
    }
    for (auto& chore : queue_->drop_chores()) {
        chore->fail(sqlite::closed_error());
        executor_.post([told = std::shared_ptr<sqlite::Chore>(std::move(chore))] { told->tell(); });
    }
}

// What a commit has found in the file must be there still when it is on disk.
void Front::do_chore() {
    auto chore = queue_->take_chore(batches_since_chore_);
    if (!chore) return;
    batches_since_chore_ = 0;
    if (auto filed = unfiled_->await_all(); !filed) {
        chore->fail(filed.error());
        executor_.post([told = std::shared_ptr<sqlite::Chore>(std::move(chore))] { told->tell(); });
        return;
    }
    auto waited_for = std::make_unique<WaitedFor>(std::move(chore));
    const std::future<void> done = waited_for->done();
    writer_.submit(std::move(waited_for));
    done.wait();
}

void Front::commit(sqlite::WriteQueue::Batch& batch) {
    std::size_t begun = 0;  // the first of which is not known yet what came of it
    while (begun < batch.size()) {
        const std::int64_t begun_us = clock_.steady_us();
        std::size_t applied = begun;
        const auto error = commit_frame(batch, applied);
        if (error) {
            draft_.forget();
            for (std::size_t i = begun; i < applied; ++i)
                batch[i]->fail(*error);
        }
        sqlite::count_commit(metrics_, !error, applied - begun, clock_.steady_us() - begun_us);
        begun = applied;
    }
}

std::optional<Error> Front::commit_frame(sqlite::WriteQueue::Batch& batch, std::size_t& applied) {
    const auto failed = [&](const Error& error) {
        applied = batch.size();  // the rest would fail as this did
        trouble_.set(error);
        return std::optional(error);
    };
    try {
        draft_.begin();
        // What a change brings is known only when it is applied.
        while (applied < batch.size() && draft_.frame().size() < frame_bytes_full_)
            batch[applied++]->apply(draft_);
        if (!draft_.wrote()) return std::nullopt;  // proves nothing about the disk
        if (draft_.frame().size() > frame_bytes_max_) return too_large(draft_.frame().size(), frame_bytes_max_);
        // What the next frame is written over must be in the file.
        if (auto filed = unfiled_->await(segments_.frames_needed()); !filed) return failed(filed.error());
        draft_.accept(segments_.append(draft_.frame()));
    } catch (const sqlite::Failure& failure) {
        return failed(failure.error());
    } catch (const std::exception& fault) {
        // Out of memory, or a deciding function that breaks its promise not to throw.
        return failed(Error{"journal_unavailable",
                            "The journal gave up a batch of changes: " + std::string(fault.what()) + "."});
    }
    trouble_.clear();
    return std::nullopt;
}

}  // namespace signalbox::journal::ahead
