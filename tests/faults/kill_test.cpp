// kill -9 at random moments under load, then an exact ledger: ids answered with 202 against ids
// that the target has verified and taken. The bounds are those of the architecture's decision 4.
#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <map>
#include <mutex>
#include <random>
#include <set>
#include <thread>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

constexpr int kKills = 50;
constexpr int kInFlight = 8;
constexpr int kCallers = 3;

/// Callers that invoke without pause, whether or not anybody answers, and keep every id they were
/// given.
class Load {
  public:
    explicit Load(World& world) : world_(world) {
        for (int i = 0; i < kCallers; ++i) {
            threads_.emplace_back([this, i] { work(i); });
        }
    }
    std::set<std::string> stop() {
        done_ = true;
        for (std::thread& thread : threads_)
            thread.join();
        return accepted_;
    }

  private:
    void work(int caller) {
        for (int i = 0; !done_; ++i) {
            const Called called = call(world_.url(), "POST", "/v1/actions/release/runs",
                                       R"({"properties":{"name":"c)" + std::to_string(caller) +
                                           "-" + std::to_string(i) + "\"}}");
            if (called.status == 202) {
                const std::string id = called.text("run.id");
                const std::lock_guard lock(mutex_);
                accepted_.insert(id);
            } else if (called.status == 0) {
                std::this_thread::yield();
            }
        }
    }

    World& world_;
    std::atomic<bool> done_{false};
    std::mutex mutex_;
    std::set<std::string> accepted_;
    std::vector<std::thread> threads_;
};

struct Ledger {
    std::set<std::string> accepted;
    std::map<std::string, int> received;
    std::set<std::string> held;
    int duplicates = 0;
};

std::set<std::string> in_phase(World& world, const std::string& phase) {
    std::set<std::string> ids;
    std::string cursor;
    do {
        const Called page =
            world.as("", "GET", "/v1/actions/runs?limit=200&phase=" + phase + cursor);
        REQUIRE(page.status == 200);
        const auto runs = page.json()->getArray("runs");
        for (unsigned i = 0; i < runs->size(); ++i) {
            ids.insert(runs->getObject(i)->getValue<std::string>("id"));
        }
        cursor = page.text("next").empty() ? "" : "&cursor=" + page.text("next");
    } while (!cursor.empty());
    return ids;
}

void await_rest(World& world) {
    for (const char* phase : {"queued", "sending", "retrying"}) {
        while (!in_phase(world, phase).empty()) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));  // between two questions
        }
    }
}

Ledger kill_often(const std::string& on_unknown) {
    WorldOptions options;
    options.clients = false;
    options.in_flight = kInFlight;
    options.on_unknown = on_unknown;
    options.retry = "{ attempts: 100, first: 10ms, factor: 1, cap: 1s, jitter: 0.2 }";
    World world(options);
    world.start_standin();
    world.start();
    Load load(world);
    std::mt19937 random(20261123);
    for (int i = 0; i < kKills; ++i) {
        std::this_thread::sleep_for(
            std::chrono::milliseconds(20 + random() % 130));  // a random moment
        world.kill();
        world.start();
    }
    Ledger ledger;
    ledger.accepted = load.stop();
    await_rest(world);
    ledger.held = in_phase(world, "held");
    for (const std::string& id : world.received()) {
        if (++ledger.received[id] > 1) ++ledger.duplicates;
    }
    CHECK(world.stop() == 0);
    return ledger;
}

}  // namespace

TEST_CASE("faults: under hold 50 kills lose nothing and send nothing twice", "[faults]") {
    const Ledger ledger = kill_often("hold");
    int lost = 0;
    for (const std::string& id : ledger.accepted) {
        if (ledger.received.count(id) == 0 && ledger.held.count(id) == 0) ++lost;
    }
    WARN("accepted " << ledger.accepted.size() << ", received " << ledger.received.size()
                     << ", held " << ledger.held.size() << ", duplicates " << ledger.duplicates
                     << ", lost " << lost);
    CHECK(ledger.accepted.size() > 200);
    CHECK(lost == 0);
    CHECK(ledger.duplicates == 0);
    CHECK(ledger.held.size() <= std::size_t(kKills * kInFlight));
}

TEST_CASE("faults: under resend 50 kills lose nothing and double no more than what was in flight",
          "[faults]") {
    const Ledger ledger = kill_often("resend");
    int lost = 0;
    for (const std::string& id : ledger.accepted)
        lost += ledger.received.count(id) == 0 ? 1 : 0;
    WARN("accepted " << ledger.accepted.size() << ", received " << ledger.received.size()
                     << ", held " << ledger.held.size() << ", duplicates " << ledger.duplicates
                     << ", lost " << lost);
    CHECK(ledger.accepted.size() > 200);
    CHECK(lost == 0);
    CHECK(ledger.held.empty());
    CHECK(ledger.duplicates <= kKills * kInFlight);
}
