#include "jq/workers.hpp"

#include <catch2/catch.hpp>
#include <thread>

#include "support.hpp"
#include "support/shared_executor.hpp"

using namespace signalbox;
using namespace signalbox::test;
using jq::Workers;

namespace {

/// `done` as it was called: a code, or `done`.
struct Answers {
    std::vector<std::string> all;
    Workers::Done next() {
        return [this](std::optional<Error> late) { all.push_back(late ? late->code : "done"); };
    }
    std::size_t size() const { return all.size(); }
};

struct Shop {
    explicit Shop(Workers::Bounds bounds = {}) : workers(executor, clock, log, bounds) {}
    SharedClock clock;
    SharedExecutor executor{clock};
    CountingLog log;
    Gate gate;  // outlives the threads that are given up: opened by the tests that make such
    Workers workers;

    void run_stuck(Answers& answers) {
        workers.run(
            "stuck", [this](jq::Machine&, const std::atomic<bool>&) { gate.pass(); },
            answers.next());
    }
    void run_quick(Answers& answers) {
        workers.run(
            "quick", [](jq::Machine&, const std::atomic<bool>&) {}, answers.next());
    }
    void await(const Answers& answers, std::size_t count) {
        executor.run_until([&] { return answers.size() >= count; });
    }
};

/// Runs what the threads have posted so far: that a job has begun among it.
void let_begin(Shop& shop, int stuck) {
    shop.gate.await(stuck);
    bool here = false;
    shop.executor.post([&here] { here = true; });
    shop.executor.run_until([&here] { return here; });
}

}  // namespace

TEST_CASE("jq: a job runs aside and its end is told on the executor", "[jq]") {
    Shop shop;
    Answers answers;
    std::thread::id where;
    shop.workers.run(
        "a",
        [&where](jq::Machine&, const std::atomic<bool>&) { where = std::this_thread::get_id(); },
        answers.next());
    CHECK(answers.size() == 0);
    shop.await(answers, 1);
    CHECK(answers.all.front() == "done");
    CHECK(where != std::this_thread::get_id());
}

TEST_CASE("jq: an endless expression is answered at its deadline and the next job is done",
          "[jq]") {
    Shop shop({1, 1, 10});
    Answers endless;
    const auto loop = jq_test::compiled("def f: f; f", true);
    std::atomic<bool> begun{false};
    std::string ended_as;  // told by the one thread there is, and read after its next job
    shop.workers.run(
        "endless",
        [&](jq::Machine& machine, const std::atomic<bool>& stop) {
            jq::Evaluation evaluation(machine, loop, 0, stop);
            const json::Value nothing;
            evaluation.set_context(nothing);
            begun = true;
            ended_as = evaluation.evaluate(0).error().code;
        },
        endless.next());
    bool here = false;
    while (!begun)
        std::this_thread::yield();
    shop.executor.post([&here] { here = true; });
    shop.executor.run_until([&here] { return here; });
    shop.executor.pass(limits::jq_job_ms_max - 1);
    CHECK(endless.size() == 0);
    shop.executor.pass(1);
    REQUIRE(endless.size() == 1);
    CHECK(endless.all.front() == "template_timeout");
    Answers next;
    shop.run_quick(next);
    shop.await(next, 1);
    CHECK(next.all.front() == "done");
    CHECK(ended_as == "template_timeout");
    CHECK(endless.size() == 1);
    CHECK(shop.log.names.empty());
}

TEST_CASE("jq: a thread that does not come back is given up and replaced", "[jq]") {
    Shop shop({1, 2, 10});
    Answers stuck;
    Answers quick;
    shop.run_stuck(stuck);
    let_begin(shop, 1);
    shop.run_quick(quick);
    shop.executor.pass(limits::jq_job_ms_max);
    CHECK(stuck.all == std::vector<std::string>{"template_timeout"});
    CHECK(shop.log.names.empty());
    shop.executor.pass(limits::jq_grace_ms);
    CHECK(shop.log.names == std::vector<std::string>{"template_overrun"});
    shop.await(quick, 1);
    CHECK(quick.all.front() == "done");
    shop.gate.open();
}

TEST_CASE("jq: lost threads are replaced up to a bound, and taken back when they return", "[jq]") {
    Shop shop({1, 1, 10});
    Answers stuck;
    shop.run_stuck(stuck);
    let_begin(shop, 1);
    shop.executor.pass(limits::jq_job_ms_max);
    shop.executor.pass(limits::jq_grace_ms);
    CHECK(shop.log.names.size() == 1);
    Answers waits;
    shop.run_quick(waits);
    shop.executor.pass(limits::jq_job_wait_ms_max);
    CHECK(waits.all == std::vector<std::string>{"templates_busy"});
    Answers later;
    shop.run_quick(later);
    shop.gate.open();
    shop.await(later, 1);
    CHECK(later.all.front() == "done");
    CHECK(stuck.size() == 1);
}

TEST_CASE("jq: as many jobs wait as may, and one more is refused", "[jq]") {
    Shop shop({1, 1, 2});
    Answers stuck;
    Answers waiting;
    shop.run_stuck(stuck);
    let_begin(shop, 1);
    shop.run_quick(waiting);
    shop.run_quick(waiting);
    CHECK(waiting.size() == 0);
    shop.run_quick(waiting);
    CHECK(waiting.all == std::vector<std::string>{"templates_busy"});
    shop.gate.open();
    shop.await(waiting, 3);
    CHECK(waiting.all.back() == "done");
}

TEST_CASE("jq: whoever waits at the end is not answered any more", "[jq]") {
    Answers answers;
    auto alive = std::make_shared<int>(0);
    {
        Shop shop({1, 1, 10});
        shop.run_stuck(answers);
        shop.gate.await(1);
        shop.workers.run(
            "b", [alive](jq::Machine&, const std::atomic<bool>&) {}, answers.next());
        shop.gate.open();
    }
    CHECK(answers.size() == 0);
    CHECK(alive.use_count() == 1);
}
