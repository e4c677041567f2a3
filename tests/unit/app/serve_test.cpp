#include "app/serve.hpp"

#include <sys/resource.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <csignal>
#include <thread>

#include "app/process.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

namespace {

/// Writes what happens to it where the signals do too, so that the order can be seen.
class FakeService final : public Service {
  public:
    FakeService(std::vector<std::string>& calls, Result<Done> started)
        : calls_(calls), started_(std::move(started)) {}
    Result<Done> start() override { return calls_.push_back("start"), started_; }
    std::string url() const override { return "http://127.0.0.1:4711"; }
    Result<Done> reload() override { return calls_.push_back("reload"), Done{}; }
    void stop(std::int64_t drain_ms) override {
        calls_.push_back("stop " + std::to_string(drain_ms));
    }

  private:
    std::vector<std::string>& calls_;
    Result<Done> started_;
};

void bring_service(test::Program& program, Result<Done> started = Done{}) {
    program.core.open_service = [&program, started](const auto& config,
                                                    LogSink&) -> Result<std::unique_ptr<Service>> {
        program.signals.calls.push_back("open " + config.string());
        return std::unique_ptr<Service>(new FakeService(program.signals.calls, started));
    };
}

}  // namespace

TEST_CASE("app: serve holds the signals before anything starts and drains after one came",
          "[app]") {
    test::Program program;
    bring_service(program);
    const auto ended = program.run({"serve", "--config", "c.yaml", "--drain", "3s"});
    CHECK(ended.code == exit_code::success);
    CHECK(ended.out == "http://127.0.0.1:4711\n");
    CHECK(program.signals.calls ==
          std::vector<std::string>{"hold", "open c.yaml", "start", "wait", "let", "stop 3000"});
}

TEST_CASE("app: serve logs JSON lines unless a person reads them", "[app]") {
    const auto logged = [](bool terminal) {
        int ends[2];
        REQUIRE(pipe(ends) == 0);
        test::Program program;
        bring_service(program);
        program.terminal = terminal;
        program.log_descriptor = ends[1];
        program.run({"serve", "--config", "c.yaml"});
        close(ends[1]);
        std::string text(4096, '\0');
        const ssize_t count = read(ends[0], text.data(), text.size());
        close(ends[0]);
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(count, 0)));
        return text;
    };
    CHECK(contains(logged(false), "\"event\":\"stopping\""));
    CHECK(contains(logged(false), "\"signal\":\"SIGTERM\""));
    CHECK(contains(logged(true), " info stopping  "));
}

TEST_CASE("app: serve drains for ten seconds unless told otherwise", "[app]") {
    test::Program program;
    bring_service(program);
    program.run({"serve", "--config", "c.yaml"});
    CHECK(program.signals.calls.back() == "stop 10000");
}

TEST_CASE("app: serve exits 2 for a config that is not valid and prints its findings as they are",
          "[app]") {
    test::Program program;
    program.core.open_service = [](const auto&, LogSink&) -> Result<std::unique_ptr<Service>> {
        return Error{"config_invalid", "c.yaml:1:1: error: a\nc.yaml:2:1: error: b"};
    };
    const auto ended = program.run({"serve", "--config", "c.yaml"});
    CHECK(ended.code == exit_code::usage);
    CHECK(ended.err == "c.yaml:1:1: error: a\nc.yaml:2:1: error: b\n");
    CHECK(ended.out.empty());
}

TEST_CASE("app: serve exits 1 when it cannot start", "[app]") {
    test::Program program;
    bring_service(program, Error{"listen_failed", "127.0.0.1:80 is in use"});
    const auto ended = program.run({"serve", "--config", "c.yaml"});
    CHECK(ended.code == exit_code::failure);
    CHECK(contains(ended.err, "error: 127.0.0.1:80 is in use"));
    CHECK(ended.out.empty());
}

TEST_CASE("app: serve refuses a drain that is no duration before it opens anything", "[app]") {
    test::Program program;
    bring_service(program);
    const auto ended = program.run({"serve", "--config", "c.yaml", "--drain", "soon"});
    CHECK(ended.code == exit_code::usage);
    CHECK(contains(ended.err, "--drain: 'soon' is not a duration"));
    CHECK(program.signals.calls.empty());
}

TEST_CASE("app: a held stop signal waits until it is asked for", "[app]") {
    const auto [number, name] =
        GENERATE(table<int, std::string>({{SIGTERM, "SIGTERM"}, {SIGINT, "SIGINT"}}));
    std::string came;
    // In a thread of its own, as the mask is the thread's.
    std::thread([&, signal = number] {
        ProcessStopSignals signals;
        signals.hold();
        pthread_kill(pthread_self(), signal);
        came = signals.wait();
    }).join();
    CHECK(came == name);
}

TEST_CASE("app: the soft descriptor limit is raised to the hard one", "[app]") {
    rlimit before = {};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit low = before;
    low.rlim_cur = std::min<rlim_t>(before.rlim_max, 64);
    REQUIRE(setrlimit(RLIMIT_NOFILE, &low) == 0);
    raise_descriptor_limit();
    rlimit after = {};
    REQUIRE(getrlimit(RLIMIT_NOFILE, &after) == 0);
    CHECK(after.rlim_cur == before.rlim_max);
    CHECK(after.rlim_max == before.rlim_max);
    setrlimit(RLIMIT_NOFILE, &before);
}
