#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "journal/journal.hpp"
#include "journal/sqlite/transaction.hpp"

namespace signalbox::journal::sqlite {

/// One call that waits for the writer, then for its `done` function to be told.
class Operation {
  public:
    virtual ~Operation() = default;
    /// About what it adds to the log, as far as is known before it is applied.
    virtual std::size_t bytes() const = 0;
    /// [writer thread] Does the work and keeps the outcome. Once. Throws Failure.
    virtual void apply(Transaction& transaction) = 0;
    /// Any outcome so far is void: this is what came of it.
    virtual void fail(const Error& error) = 0;
    /// [executor] Tells the outcome. Once.
    virtual void tell() = 0;
};

/// Insertions and changes differ in what they apply; how an outcome is kept and told is the same.
template <class Value, class DoneFunction>
class Told : public Operation {
  public:
    explicit Told(DoneFunction done) : done_(std::move(done)) {}
    void fail(const Error& error) override { outcome_.emplace(error); }
    void tell() override {
        if (done_) done_(*std::move(outcome_));
    }

  protected:
    void keep(Result<Value> outcome) { outcome_.emplace(std::move(outcome)); }

  private:
    DoneFunction done_;
    std::optional<Result<Value>> outcome_;
};

class Insertion final : public Told<Inserted, InsertDone> {
  public:
    Insertion(SharedSeed seed, RunState state, InsertDone done)
        : Told(std::move(done)), seed_(std::move(seed)), state_(std::move(state)) {}

    std::size_t bytes() const override {
        return seed_->properties.size() + seed_->entity.size() + seed_->method.size() +
               seed_->payload.size();
    }
    void apply(Transaction& transaction) override { keep(transaction.insert(seed_, std::move(state_))); }

  private:
    const SharedSeed seed_;
    RunState state_;
};

class Changing final : public Told<Run, ChangeDone> {
  public:
    Changing(RunName name, Decide decide, ChangeDone done)
        : Told(std::move(done)), name_(std::move(name)), decide_(std::move(decide)) {}

    std::size_t bytes() const override { return 0; }
    void apply(Transaction& transaction) override { keep(transaction.change(name_, decide_)); }

  private:
    RunName name_;
    Decide decide_;
};

class Rejecting final : public Told<Done, std::function<void(Result<Done>)>> {
  public:
    Rejecting(std::vector<Rejection> rejections, std::function<void(Result<Done>)> done)
        : Told(std::move(done)), rejections_(std::move(rejections)) {}

    std::size_t bytes() const override {
        std::size_t bytes = 0;
        for (const Rejection& rejection : rejections_)
            bytes += sizeof(Rejection) + rejection.message.size();
        return bytes;
    }
    void apply(Transaction& transaction) override {
        transaction.keep(rejections_);
        keep(Done{});
    }

  private:
    std::vector<Rejection> rejections_;
};

/// Keeps how far a run's reports upstream have come, or that they are at their end.
class TellingUpstream final : public Told<Done, std::function<void(Result<Done>)>> {
  public:
    TellingUpstream(UpstreamRun run, bool ended, std::function<void(Result<Done>)> done)
        : Told(std::move(done)), run_(std::move(run)), ended_(ended) {}

    std::size_t bytes() const override { return run_.told.size(); }
    void apply(Transaction& transaction) override {
        if (ended_) {
            transaction.forget_upstream(run_.sequence);
        } else {
            transaction.told_upstream(run_);
        }
        keep(Done{});
    }

  private:
    UpstreamRun run_;
    bool ended_;
};

}  // namespace signalbox::journal::sqlite
