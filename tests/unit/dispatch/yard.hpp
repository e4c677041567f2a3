#pragma once

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <string>
#include <vector>

#include "dispatch/engine.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"
#include "support/scripted_target.hpp"

/// An engine with connections of the test's own choice.
namespace signalbox::dispatch::test {

using namespace signalbox::test;

class KeptLog final : public LogSink {
  public:
    void write(const LogEvent& event) override { names.emplace_back(event.name); }
    std::size_t count(const std::string& name) const {
        return static_cast<std::size_t>(std::count(names.begin(), names.end(), name));
    }
    std::vector<std::string> names;
};

/// Connections of the test's own choice, on a journal, a network and a clock that it holds.
struct Yard {
    ManualClock clock;
    ManualExecutor executor{clock};
    MiddleRandom random;
    KeptLog log;
    MemoryJournal journal{executor};
    ScriptedTransport transport{executor};
    std::unique_ptr<Engine> engine;
    std::vector<Error> refused;

    explicit Yard(Bounds bounds = {}) { start(bounds); }

    void start(Bounds bounds = {}) {
        engine = std::make_unique<Engine>(executor, clock, random, journal, transport, log,
                                          silent_metrics(), bounds);
    }
    /// Dies in the middle of everything and comes back on its journal.
    void crash() {
        executor.forget();
        transport.open.clear();
        start();
    }
    void take_up() {
        REQUIRE(journal.recover([this](const journal::LiveRun& run) { engine->take_up(run); }));
        executor.settle();
    }
    /// What another room does to a run, and tells the engine.
    void move(const std::string& id, journal::Phase phase) {
        journal::Run& run = journal.run(id);
        run.state.phase = phase;
        run.state.due_ms = run.state.deadline_ms = 0;
        engine->moved(run);
        if (phase == journal::Phase::retrying) engine->due(run);
        executor.settle();
    }
    void add(const std::string& name, Policy policy) {
        engine->add(plain_target(name, std::move(policy)));
    }
    void accept(const std::string& id, const std::string& connection = "target",
                const std::string& action = "deploy", const std::string& order_key = {}) {
        journal::RunSeed seed;
        seed.id = id;
        seed.action = action;
        seed.connection = connection;
        seed.payload = id;
        seed.order_key = order_key;
        seed.created_ms = clock.wall_ms();
        engine->accept(std::move(seed), [this](Result<Accepted> done) {
            if (!done) refused.push_back(done.error());
        });
        executor.settle();
    }
    void answer(int status, std::vector<Header> headers = {}) {
        transport.answer(status, std::move(headers));
        executor.settle();
    }
    journal::Phase phase(const std::string& id) { return journal.run(id).state.phase; }
    /// What was sent, in order.
    std::vector<std::string> sent() const {
        std::vector<std::string> bodies;
        for (const WireRequest& request : transport.sent)
            bodies.push_back(request.body);
        return bodies;
    }
};

inline Policy policy_of(int in_flight) {
    Policy policy;
    policy.in_flight_max = in_flight;
    return policy;
}

using Names = std::vector<std::string>;

}  // namespace signalbox::dispatch::test
