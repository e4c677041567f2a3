// What a person does to many runs at once, retention, and a backup that is restored.
#include <stdlib.h>

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>

#include "signalbox/dispatcher.hpp"
#include "support/world.hpp"

using namespace signalbox::test;

namespace fs = std::filesystem;

namespace {

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

/// A target that takes the first `times` deliveries and never answers.
WorldOptions hangs(int times) {
    WorldOptions options;
    options.timeout = "300ms";
    options.standin = {"--fault", "hang-after-body,times=" + std::to_string(times)};
    return options;
}

/// The machine's clock, which a test sets forward.
class MovedClock final : public signalbox::Clock {
  public:
    std::int64_t wall_ms() const override { return signalbox::system_clock().wall_ms() + moved_; }
    std::int64_t steady_ms() const override {
        return signalbox::system_clock().steady_ms() + moved_;
    }
    std::int64_t steady_us() const override { return steady_ms() * 1000; }
    void pass(std::int64_t ms) { moved_ += ms; }

  private:
    std::atomic<std::int64_t> moved_{0};
};

}  // namespace

TEST_CASE("upkeep: held runs are redelivered by a filter and each says what happened",
          "[integration]") {
    World world(hangs(3));
    world.start_standin();
    world.start();
    std::vector<std::string> ids;
    for (const char* name : {"a", "b", "c"}) {
        ids.push_back(world.invoke(name));
        REQUIRE(world.await(ids.back(), {"held"}).text("run.phase") == "held");
    }
    const std::string path = "/v1/actions/runs/redeliver";
    CHECK(world.as("portal", "POST", path, R"({"action":"release"})").status == 403);
    CHECK(world.as("ops", "POST", path, "{}").status == 422);

    const Called tried = world.as("ops", "POST", path, R"({"action":"release","dryRun":true})");
    CHECK(tried.status == 200);
    CHECK(tried.text("result.dryRun") == "true");
    CHECK(tried.text("result.count.matched") == "3");
    CHECK(tried.text("result.count.done") == "3");
    CHECK(tried.text("result.runs.0.id") == ids[2]);
    CHECK(world.await(ids[0], {"held"}).text("run.phase") == "held");

    const Called first = world.as("ops", "POST", path, R"({"action":"release","limit":2})");
    CHECK(first.text("result.count.done") == "2");
    CHECK(first.text("result.runs.0.phase") == "retrying");
    CHECK(world.await(ids[2], {"accepted"}).text("run.phase") == "accepted");
    CHECK(world.await(ids[1], {"accepted"}).text("run.phase") == "accepted");
    CHECK(world.await(ids[0], {"held"}).text("run.phase") == "held");
    const Called second =
        world.as("ops", "POST", path,
                 R"({"action":"release","cursor":")" + first.text("result.next") + "\"}");
    CHECK(second.text("result.runs.0.id") == ids[0]);
    CHECK(second.text("result.next").empty());
    CHECK(world.await(ids[0], {"accepted"}).text("run.phase") == "accepted");

    const Ran nothing = world.cli({"runs", "redeliver", "--action", "release", "--phase", "held"});
    CHECK(nothing.code == 0);
    CHECK(nothing.output == "0 runs match: 0 redelivered\n");
    const Ran refused =
        world.cli({"runs", "redeliver", "--action", "release", "--phase", "accepted"});
    CHECK(refused.code == 1);
    CHECK(contains(refused.output, ids[0] + "  release  refused: run " + ids[0] + " is accepted"));
    CHECK(contains(refused.output, "3 runs match: 0 redelivered, 3 refused\n"));
    CHECK(world.received().size() == 6);
}

TEST_CASE("upkeep: what waits is cancelled by a filter and what is being sent is not",
          "[integration]") {
    WorldOptions options = hangs(1);
    options.timeout = "30s";
    options.in_flight = 1;
    World world(options);
    world.start_standin();
    world.start();
    const std::string sending = world.invoke("sending");
    REQUIRE(world.await(sending, {"sending"}).text("run.phase") == "sending");
    const std::string first = world.invoke("first");
    const std::string second = world.invoke("second");
    const Ran tried = world.cli({"runs", "cancel", "--connection", "contoso", "--dry-run"});
    CHECK(tried.code == 0);
    CHECK(contains(tried.output, "2 runs match: 2 would be cancelled\n"));
    const Ran none = world.cli({"runs", "cancel", "--connection", "another"});
    CHECK(contains(none.output, "0 runs match"));
    const Ran past =
        world.cli({"runs", "cancel", "--action", "release", "--created-before", "2020-01-01"});
    CHECK(contains(past.output, "0 runs match"));
    const Ran done =
        world.cli({"runs", "cancel", "--action", "release", "--created-from", "2020-01-01"});
    CHECK(done.code == 0);
    CHECK(done.output == second + "  release  cancelled\n" + first +
                             "  release  cancelled\n2 runs match: 2 cancelled\n");
    CHECK(world.await(first, {"cancelled"}).text("run.status") == "CANCELLED");
    const Ran refused = world.cli({"runs", "cancel", "--action", "release", "--phase", "sending"});
    CHECK(refused.code == 1);
    CHECK(contains(refused.output, sending + "  release  refused: "));
}

TEST_CASE("upkeep: a backup of a running Signalbox is restored and sends nothing by itself",
          "[integration]") {
    WorldOptions options = hangs(1);
    options.timeout = "30s";
    options.in_flight = 1;
    World world(options);
    world.start_standin();
    world.start();
    const std::string sending = world.invoke("sending");
    REQUIRE(world.await(sending, {"sending"}).text("run.phase") == "sending");
    const std::string queued = world.invoke("queued");
    CHECK(world.as("portal", "POST", "/v1/backups", R"({"name":"b"})").status == 403);
    CHECK(world.as("ops", "POST", "/v1/backups", R"({"name":"../b"})").status == 422);
    CHECK(world.as("ops", "POST", "/v1/backups", R"({"nmae":"b"})").status == 422);
    const Ran backup = world.cli({"backup", "nightly"});
    REQUIRE(backup.code == 0);
    const fs::path data = world.folder().path() / "data";
    CHECK(contains(backup.output, (data / "backups" / "nightly.sqlite").string()));
    CHECK(world.as("ops", "POST", "/v1/backups", R"({"name":"nightly"})").status == 409);
    CHECK(contains(world.log(), "backup_made"));
    world.kill();

    // As docs/reliability.md says it.
    for (const char* old : {"journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"})
        fs::remove(data / old);
    fs::copy_file(data / "backups" / "nightly.sqlite", data / "journal.sqlite");
    world.start();
    for (const std::string& id : {sending, queued}) {
        const Called run = world.as("ops", "GET", "/v1/actions/runs/" + id);
        CHECK(run.text("run.phase") == "held");
        CHECK(contains(run.text("run.statusLabel") + run.body, "restored from a backup"));
    }
    CHECK(contains(world.log(), "journal_restored"));
    CHECK(world.received().size() == 1);
    const Ran again = world.cli({"runs", "redeliver", "--action", "release"});
    CHECK(contains(again.output, "2 runs match: 2 redelivered"));
    CHECK(world.await(queued, {"accepted"}).text("run.phase") == "accepted");
    CHECK(world.await(sending, {"accepted"}).text("run.phase") == "accepted");
    CHECK(world.stop() == 0);
}

TEST_CASE("upkeep: runs that ended longer ago than the config keeps them are gone",
          "[integration]") {
    WorldOptions options;
    options.clients = false;
    options.standin = {"--fault", "status=400"};
    options.config = "retention: { keep: 30d }\n";
    World world(options);
    world.start_standin();
    ::setenv("AZURE_SECRET", "azure-secret", 1);
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    MovedClock clock;
    signalbox::Seams seams;
    seams.clock = &clock;
    auto dispatcher = signalbox::Dispatcher::from_file(world.config(), seams);
    REQUIRE(dispatcher);
    REQUIRE((*dispatcher)->start());
    const std::string old = world.invoke("old");
    REQUIRE(world.await(old, {"finished"}).text("run.status") == "FAILURE");
    clock.pass(29LL * 24 * 3'600'000);
    const std::string young = world.invoke("young");
    REQUIRE(world.await(young, {"finished"}).text("run.phase") == "finished");
    clock.pass(2LL * 24 * 3'600'000);
    int status = 200;
    for (int i = 0; status == 200 && i < 3'000; ++i)  // each question wakes the loop, too
        status = world.as("", "GET", "/v1/actions/runs/" + old).status;
    CHECK(status == 404);
    CHECK(world.as("", "GET", "/v1/actions/runs/" + young).status == 200);
    (*dispatcher)->stop(1'000);
}
