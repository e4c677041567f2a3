#include "ledger.hpp"

#include <sys/resource.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <chrono>
#include <filesystem>
#include <memory>
#include <mutex>
#include <random>
#include <sstream>
#include <thread>
#include <vector>

#include "support/world.hpp"

namespace signalbox::test {
namespace {

/// Callers that invoke without pause, whether or not anybody answers, and keep every id they were
/// given.
class Load {
  public:
    Load(World& world, int callers) : world_(world) {
        for (int i = 0; i < callers; ++i) {
            threads_.emplace_back([this, i] { work(i); });
        }
    }
    ~Load() { stop(); }
    Load(const Load&) = delete;
    Load& operator=(const Load&) = delete;
    std::size_t accepted() const {
        const std::lock_guard lock(mutex_);
        return accepted_.size();
    }
    /// Answered with 503.
    std::size_t refused() const { return refused_; }
    /// Of those, without a Retry-After.
    std::size_t curt() const { return curt_; }
    std::set<std::string> stop() {
        done_ = true;
        for (std::thread& thread : threads_)
            thread.join();
        threads_.clear();
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
            } else {
                if (called.status == 503) ++refused_;
                if (called.status == 503 && called.headers.count("retry-after") == 0) ++curt_;
                std::this_thread::yield();
            }
        }
    }

    World& world_;
    std::atomic<bool> done_{false};
    std::atomic<std::size_t> refused_{0};
    std::atomic<std::size_t> curt_{0};
    mutable std::mutex mutex_;
    std::set<std::string> accepted_;
    std::vector<std::thread> threads_;
};

/// Reads the config again and makes backups without pause, whether or not anybody answers.
class Upkeep {
  public:
    Upkeep(World& world, bool wanted) : world_(world) {
        if (wanted) thread_ = std::thread([this] { work(); });
    }
    ~Upkeep() {
        done_ = true;
        if (thread_.joinable()) thread_.join();
    }
    Upkeep(const Upkeep&) = delete;
    Upkeep& operator=(const Upkeep&) = delete;

  private:
    void work() {
        for (int i = 0; !done_; ++i) {
            const std::string name = "b" + std::to_string(i);
            call(world_.url(), "POST", "/v1/reload");
            call(world_.url(), "POST", "/v1/backups", "{\"name\":\"" + name + "\"}");
            std::error_code ignored;
            std::filesystem::remove(
                world_.folder().path() / "data" / "backups" / (name + ".sqlite"), ignored);
        }
    }

    World& world_;
    std::atomic<bool> done_{false};
    std::thread thread_;
};

std::set<std::string> in_phase(World& world, const std::string& phase) {
    std::set<std::string> ids;
    std::string cursor;
    do {
        const Called page =
            world.as("", "GET", "/v1/actions/runs?limit=1000&phase=" + phase + cursor);
        REQUIRE(page.status == 200);
        const auto runs = page.json()->getArray("runs");
        for (unsigned i = 0; i < runs->size(); ++i) {
            ids.insert(runs->getObject(i)->getValue<std::string>("id"));
        }
        cursor = page.text("next").empty() ? "" : "&cursor=" + page.text("next");
    } while (!cursor.empty());
    return ids;
}

bool is_empty(World& world, const std::string& phase) {
    const Called page = world.as("", "GET", "/v1/actions/runs?limit=1&phase=" + phase);
    REQUIRE(page.status == 200);
    return page.json()->getArray("runs")->size() == 0;
}

/// Until nothing is under way; false: something is, and nothing has arrived for a minute.
bool await_rest(World& world) {
    using Clock = std::chrono::steady_clock;
    std::uintmax_t arrived = 0;
    Clock::time_point moved = Clock::now();
    // A run may pass from one phase to another between two questions, so all three must be empty in
    // one round after another.
    for (int quiet = 0; quiet < 2;) {
        const bool empty =
            is_empty(world, "queued") && is_empty(world, "sending") && is_empty(world, "retrying");
        quiet = empty ? quiet + 1 : 0;
        const auto now_arrived = std::filesystem::file_size(world.folder().path() / "received");
        if (now_arrived != arrived) moved = Clock::now();
        arrived = now_arrived;
        if (Clock::now() - moved > std::chrono::minutes(1)) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // between two questions
    }
    return true;
}

void await_accepted(const Load& load, std::size_t count) {
    while (load.accepted() < count)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks
}

WorldOptions world_of(const LedgerOptions& options) {
    WorldOptions world;
    world.commits = options.commits;
    world.clients = false;
    world.in_flight = ledger_in_flight;
    world.on_unknown = options.on_unknown;
    world.retry = "{ attempts: 100, first: 10ms, factor: 1, cap: 1s, jitter: 0.2 }";
    return world;
}

Ledger close_ledger(World& world, Load& load) {
    Ledger ledger;
    ledger.accepted = load.stop();
    CHECK(await_rest(world));
    ledger.held = in_phase(world, "held");
    for (const std::string& id : world.received()) {
        if (++ledger.received[id] > 1) ++ledger.duplicates;
    }
    CHECK(world.stop() == 0);
    return ledger;
}

/// A limit of another process, for as long as this lives.
class Squeezed {
  public:
    Squeezed(pid_t process, __rlimit_resource resource, rlim_t to)
        : process_(process), resource_(resource) {
        REQUIRE(::prlimit(process_, resource_, nullptr, &before_) == 0);
        rlimit limit = before_;
        limit.rlim_cur = to;
        REQUIRE(::prlimit(process_, resource_, &limit, nullptr) == 0);
    }
    ~Squeezed() { ::prlimit(process_, resource_, &before_, nullptr); }
    Squeezed(const Squeezed&) = delete;
    Squeezed& operator=(const Squeezed&) = delete;

  private:
    pid_t process_;
    __rlimit_resource resource_;
    rlimit before_{};
};

void await_refused(const Load& load, std::size_t count) {
    while (load.refused() < count)
        std::this_thread::sleep_for(std::chrono::milliseconds(5));  // between two looks
}

std::size_t descriptors_of(pid_t process) {
    const std::filesystem::path folder = "/proc/" + std::to_string(process) + "/fd";
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder), {}));
}

}  // namespace

std::set<std::string> Ledger::lost() const {
    std::set<std::string> lost;
    for (const std::string& id : accepted) {
        if (received.count(id) == 0 && held.count(id) == 0) lost.insert(id);
    }
    return lost;
}

std::string Ledger::text() const {
    std::ostringstream text;
    text << "accepted " << accepted.size() << ", delivered " << received.size() << ", held "
         << held.size() << ", duplicates " << duplicates << ", lost " << lost().size();
    return text.str();
}

Ledger kill_often(const LedgerOptions& options) {
    World world(world_of(options));
    world.start_standin();
    world.start();
    Load load(world, options.callers);
    auto upkeep = std::make_unique<Upkeep>(world, options.upkeep);
    std::mt19937 random(20261123);
    for (int i = 0; i < options.kills; ++i) {
        await_accepted(load, options.runs * static_cast<std::size_t>(i) /
                                 static_cast<std::size_t>(options.kills));
        std::this_thread::sleep_for(
            std::chrono::milliseconds(20 + random() % 130));  // a random moment
        world.kill();
        world.start();
    }
    await_accepted(load, options.runs);
    upkeep.reset();
    if (options.upkeep) {
        CHECK(world.as("", "POST", "/v1/reload").status == 200);
        CHECK(world.as("", "POST", "/v1/backups", R"({"name":"last"})").status == 201);
    }
    return close_ledger(world, load);
}

Ledger squeeze(const LedgerOptions& options) {
    World world(world_of(options));
    world.start_standin();
    world.start();
    Load load(world, options.callers);
    await_accepted(load, 100);
    {
        // So far a file may go on to be written that is as large as its like is now.
        const std::string growing = options.commits == "log" ? "-log0" : "-wal";
        const auto log = world.folder().path() / "data" / ("journal.sqlite" + growing);
        const Squeezed full(world.process(), RLIMIT_FSIZE, std::filesystem::file_size(log));
        await_refused(load, 20);
        CHECK(load.curt() == 0);
        const Called ready = world.as("", "GET", "/readyz");
        CHECK(ready.status == 503);
        CHECK(ready.body.find("file-size limit") != std::string::npos);
        CHECK(world.as("", "GET", "/healthz").status == 200);
    }
    await_accepted(load, load.accepted() + 100);
    CHECK(world.as("", "GET", "/readyz").status == 200);
    {
        const Squeezed none(world.process(), RLIMIT_NOFILE, descriptors_of(world.process()));
        // Connections come and go, in and out: some find a descriptor and some do not.
        std::this_thread::sleep_for(std::chrono::seconds(1));
    }
    await_accepted(load, load.accepted() + 100);
    return close_ledger(world, load);
}

void check_bounds(const Ledger& ledger, const LedgerOptions& options) {
    WARN("on_unknown: " << options.on_unknown << ", kills " << options.kills << ": "
                        << ledger.text());
    const auto in_flight_times_kills =
        static_cast<std::size_t>(options.kills) * std::size_t{ledger_in_flight};
    CHECK(ledger.accepted.size() > 200);
    CHECK(ledger.accepted.size() >= options.runs);
    CHECK(ledger.lost().empty());
    if (options.on_unknown == "hold") {
        CHECK(ledger.duplicates == 0);
        CHECK(ledger.held.size() <= in_flight_times_kills);
    } else {
        CHECK(ledger.held.empty());
        CHECK(ledger.duplicates <= in_flight_times_kills);
    }
}

}  // namespace signalbox::test
