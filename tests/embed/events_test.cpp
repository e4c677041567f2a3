#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

#include "host.hpp"

using namespace signalbox;
using namespace signalbox::test;

namespace {

std::vector<std::string> taken(RunEvents& events, const std::string& until) {
    std::vector<std::string> kinds;
    while (auto event = events.next(30'000)) {
        kinds.push_back(run_event_name(event->kind));
        if (kinds.back() == until) break;
    }
    return kinds;
}

}  // namespace

TEST_CASE("embed: the events of a run tell its road from the 202 to its end", "[embed]") {
    World world;
    world.start_standin();
    Host host;
    Dispatcher& dispatcher = host.start(webhook_of(world));
    auto events = dispatcher.subscribe({});
    REQUIRE(events);
    auto run = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""});
    REQUIRE(run);
    CHECK(taken(**events, "closed") == std::vector<std::string>{"accepted", "closed"});
    REQUIRE(dispatcher.report(run->id, {"SUCCESS", "", "", "", ""}));
    auto finished = (*events)->next(30'000);
    REQUIRE(finished);
    CHECK(finished->run_id == run->id);
    CHECK(finished->status == "SUCCESS");

    // Whoever lost the connection goes on after the number it saw.
    auto back = dispatcher.subscribe({run->id, finished->number - 1, {}});
    REQUIRE(back);
    CHECK((*back)->complete());
    CHECK(taken(**back, "finished") == std::vector<std::string>{"finished"});
    auto of_another_start = dispatcher.subscribe({run->id, std::uint64_t{7}, {}});
    REQUIRE(of_another_start);
    CHECK_FALSE((*of_another_start)->complete());
}

TEST_CASE("embed: a reader with a loop of its own is woken", "[embed]") {
    Host host;
    Dispatcher& dispatcher = host.start(nowhere());
    std::mutex mutex;
    std::condition_variable woken;
    int wakes = 0;
    auto events = dispatcher.subscribe({"", {}, [&] {
                                            const std::lock_guard lock(mutex);
                                            ++wakes;
                                            woken.notify_one();
                                        }});
    REQUIRE(events);
    REQUIRE(dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""}));
    {
        std::unique_lock lock(mutex);
        CHECK(woken.wait_for(lock, std::chrono::seconds(30), [&] { return wakes > 0; }));
    }
    CHECK((*events)->next(0)->kind == RunEventKind::accepted);
    dispatcher.stop(0);
    while ((*events)->next(0)) {
    }
    CHECK((*events)->over());
    CHECK_FALSE((*events)->next(60'000));  // answers at once
}

TEST_CASE("embed: readers may come and go while runs are told", "[embed]") {
    Host host;
    Dispatcher& dispatcher = host.start(nowhere());
    for (int i = 0; i < 20; ++i) {
        auto events = dispatcher.subscribe({});
        REQUIRE(events);
        REQUIRE(dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""}));
        if (i % 2 == 0) CHECK((*events)->next(30'000));
    }
}

TEST_CASE("embed: figures reach the host's metrics sink", "[embed]") {
    struct Sink final : MetricsSink {
        std::mutex mutex;
        std::map<std::string, double> seen;
        void note(const char* name, double value) {
            const std::lock_guard lock(mutex);
            seen[name] += value;
        }
        void add(Counter counter, const MetricLabels&, std::uint64_t count) override {
            note(metric_name(counter), static_cast<double>(count));
        }
        void set(Gauge gauge, const MetricLabels&, double) override { note(metric_name(gauge), 1); }
        void observe(Histogram histogram, const MetricLabels&, double) override {
            note(metric_name(histogram), 1);
        }
    } sink;
    World world;
    world.start_standin();
    Host host;
    auto seams = host.seams();
    seams.metrics = &sink;
    auto made =
        Dispatcher::from_settings(host_settings(host.folder.path(), webhook_of(world)), seams);
    REQUIRE(made);
    REQUIRE((*made)->start());
    REQUIRE((*made)->invoke({"deploy", R"({"name": "x"})", "", "", ""}));
    REQUIRE((*made)->drain(30'000));
    (*made)->stop(1'000);
    const std::lock_guard lock(sink.mutex);
    CHECK(sink.seen["signalbox_runs_accepted_total"] == 1);
    CHECK(sink.seen["signalbox_attempts_total"] == 1);
    CHECK(sink.seen["signalbox_attempt_ms"] == 1);
    CHECK(sink.seen["signalbox_journal_operations_total"] == 2);
    CHECK(sink.seen["signalbox_journal_commit_ms"] >= 1);
    CHECK(sink.seen["signalbox_runs_held"] >= 1);
    CHECK(sink.seen["signalbox_runs_in_flight"] >= 1);
}
