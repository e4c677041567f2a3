// A host's own threads and targets, as the headers in core/include promise.
#include <signal.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <thread>

#include "host.hpp"

using namespace signalbox;
using namespace signalbox::test;

TEST_CASE("embed: a target written in the host delivers and a report ends the run", "[embed]") {
    World world;
    world.start_standin();
    Host host;
    Dispatcher& dispatcher = host.start(webhook_of(world));
    CHECK(dispatcher.url().empty());
    auto run = dispatcher.invoke({"deploy", R"({"name": "checkout"})", "", "tester", ""});
    REQUIRE(run);
    CHECK(run->origin == "HOST");
    CHECK(run->by == "tester");

    auto events = dispatcher.subscribe({run->id, {}, {}});
    REQUIRE(events);
    auto seen = dispatcher.find(run->id);
    while (seen && seen->phase != "accepted" && (*events)->next(30'000))
        seen = dispatcher.find(run->id);
    REQUIRE(seen);
    REQUIRE(seen->phase == "accepted");
    CHECK(seen->attempts.size() == 1);
    CHECK(world.received_body() == R"({"name":"checkout"})");

    std::thread pipeline([&dispatcher, id = run->id] {
        CHECK(dispatcher.report(id, {"SUCCESS", "done", "https://ci.test/1", "", ""}));
    });
    auto ended = dispatcher.wait(run->id, 30'000);
    pipeline.join();
    REQUIRE(ended);
    CHECK(ended->settled());
    CHECK(ended->ended());
    CHECK(ended->status == "SUCCESS");
    CHECK(ended->link == "\"https://ci.test/1\"");
    auto again = dispatcher.report(run->id, {"FAILURE", "", "", "", ""});
    REQUIRE_FALSE(again);
    CHECK(again.error().code == "run_finished");
    dispatcher.stop(1'000);
}

TEST_CASE("embed: a deadline that passes gives the run as it stands", "[embed]") {
    Host host;
    Dispatcher& dispatcher = host.start(nowhere());
    auto run = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""});
    REQUIRE(run);
    auto waited = dispatcher.wait(run->id, 1);
    REQUIRE(waited);
    CHECK_FALSE(waited->settled());
    auto unknown = dispatcher.wait("r_nothing", 30'000);
    REQUIRE_FALSE(unknown);
    CHECK(unknown.error().code == "run_not_found");
}

TEST_CASE("embed: runs are listed and cancelled and refused with the API's words", "[embed]") {
    Host host;
    Dispatcher& dispatcher = host.start(nowhere());
    std::vector<std::string> ids;
    for (int i = 0; i < 3; ++i) {
        auto run = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""});
        REQUIRE(run);
        ids.insert(ids.begin(), run->id);
    }
    auto first = dispatcher.list({"deploy", "", 2, 0});
    REQUIRE(first);
    REQUIRE(first->runs.size() == 2);
    auto rest = dispatcher.list({"", "", 2, first->next});
    REQUIRE(rest);
    REQUIRE(rest->runs.size() == 1);
    CHECK(std::vector<std::string>{first->runs[0].id, first->runs[1].id, rest->runs[0].id} == ids);
    CHECK(rest->next == 0);
    for (const std::size_t limit : {std::size_t{0}, std::size_t{1'001}})
        CHECK(dispatcher.list({"", "", limit, 0}).error().code == "invalid_query");
    CHECK(dispatcher.list({"", "", 1'000, 0}));
    CHECK(dispatcher.list({"", "resting", 2, 0}).error().code == "invalid_query");

    // Each of them fails to connect, and is retried until somebody cancels it.
    Result<Run> cancelled = dispatcher.cancel(ids[0]);
    while (!cancelled && cancelled.error().code == "not_cancellable")
        cancelled = dispatcher.cancel(ids[0]);
    REQUIRE(cancelled);
    CHECK(cancelled->status == "CANCELLED");
    CHECK(dispatcher.redeliver(ids[0]).error().code == "not_redeliverable");

    CHECK(dispatcher.invoke({"deplay", "{}", "", "", ""}).error().code == "action_not_found");
    CHECK(dispatcher.invoke({"deploy", "{", "", "", ""}).error().code == "invalid_body");
    const Error inputs = dispatcher.invoke({"deploy", R"({"nam": 1})", "", "", ""}).error();
    CHECK(inputs.code == "invalid_inputs");
    CHECK_FALSE(inputs.details.empty());
}

TEST_CASE("embed: an idempotency key gives the same run and refuses another body", "[embed]") {
    Host host;
    Dispatcher& dispatcher = host.start(nowhere());
    auto first = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", std::string(255, 'k')});
    REQUIRE(first);
    CHECK_FALSE(first->replayed);
    auto second = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", std::string(255, 'k')});
    REQUIRE(second);
    CHECK(second->replayed);
    CHECK(second->id == first->id);
    auto other = dispatcher.invoke({"deploy", R"({"name": "y"})", "", "", std::string(255, 'k')});
    CHECK(other.error().code == "idempotency_conflict");
    auto long_key =
        dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", std::string(256, 'k')});
    CHECK(long_key.error().code == "invalid_idempotency_key");
    CHECK(dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", "a b"}).error().code ==
          "invalid_idempotency_key");
}

TEST_CASE("embed: before start and after stop every call is answered", "[embed]") {
    Host host;
    auto made =
        Dispatcher::from_settings(host_settings(host.folder.path(), nowhere()), host.seams());
    REQUIRE(made);
    Dispatcher& dispatcher = **made;
    CHECK(dispatcher.find("r_1").error().code == "not_running");
    REQUIRE(dispatcher.start());
    CHECK(dispatcher.start().error().code == "already_started");
    auto run = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""});
    REQUIRE(run);
    // Somebody waits for far longer than the dispatcher lives.
    Result<Run> waited = Error{"", ""};
    std::thread waiter([&] { waited = dispatcher.wait(run->id, 3'600'000); });
    auto events = dispatcher.subscribe({});
    REQUIRE(events);
    dispatcher.stop(0);
    waiter.join();
    CHECK_FALSE((waited && waited->ended()));
    while ((*events)->next(0)) {
    }
    CHECK((*events)->over());
    CHECK_FALSE((*events)->lagged());
    CHECK(dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""}).error().code ==
          "not_running");
    CHECK(dispatcher.subscribe({}).error().code == "not_running");
}

TEST_CASE("embed: a call from inside a target is refused and does not hang", "[embed]") {
    Host host;
    Dispatcher& dispatcher = host.start(nowhere());
    std::string code;
    HostTarget::asked_while_planning = [&] { code = dispatcher.find("r_1").error().code; };
    auto run = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""});
    dispatcher.stop(0);
    HostTarget::asked_while_planning = nullptr;
    CHECK(run);
    CHECK(code == "wrong_thread");
}

TEST_CASE("embed: draining lets nothing new in", "[embed]") {
    World world;
    world.start_standin();
    Host host;
    Dispatcher& dispatcher = host.start(webhook_of(world));
    auto run = dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""});
    REQUIRE(run);
    auto drained = dispatcher.drain(30'000);
    REQUIRE(drained);
    CHECK(*drained);
    CHECK(dispatcher.find(run->id)->phase == "accepted");
    CHECK(dispatcher.invoke({"deploy", R"({"name": "x"})", "", "", ""}).error().code ==
          "shutting_down");
}

TEST_CASE("embed: two dispatchers with different configs run and stop independently", "[embed]") {
    World world;
    world.start_standin();
    ::setenv("AZURE_SECRET", "azure-secret", 1);
    ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
    for (const char* client : {"PORTAL_SECRET", "PIPELINE_SECRET", "OPS_SECRET"})
        ::setenv(client, "a-long-enough-secret", 1);
    // One from a file, with the loaded Azure plugin and HTTP; one from code, with the host's
    // target.
    auto from_file = Dispatcher::from_file(world.config());
    REQUIRE(from_file);
    REQUIRE((*from_file)->start());
    Host host;
    Dispatcher& in_code = host.start(webhook_of(world));
    CHECK_FALSE((*from_file)->url().empty());

    auto azure = (*from_file)->invoke({"release", R"({"name": "one", "count": 1})", "", "", ""});
    REQUIRE(azure);
    auto own = in_code.invoke({"deploy", R"({"name": "two"})", "", "", ""});
    REQUIRE(own);
    CHECK((*from_file)->find(own->id).error().code == "run_not_found");
    CHECK(in_code.find(azure->id).error().code == "run_not_found");
    CHECK((*from_file)->invoke({"deploy", "{}", "", "", ""}).error().code == "action_not_found");

    (*from_file)->stop(5'000);
    REQUIRE(in_code.report(own->id, {"SUCCESS", "", "", "", ""}));
    CHECK(in_code.wait(own->id, 30'000)->status == "SUCCESS");
    // The first one's journal is free again.
    auto again = Dispatcher::from_file(world.config());
    REQUIRE(again);
    REQUIRE((*again)->start());
    CHECK((*again)->find(azure->id)->phase == "accepted");
    in_code.stop(0);
    CHECK((*again)->find(azure->id));
}

TEST_CASE("embed: signals stay with the host's own threads", "[embed]") {
    // Poco blocks SIGPIPE in the main thread while it is loaded; docs/embedding.md says how to undo it.
    sigset_t pipe;
    sigemptyset(&pipe);
    sigaddset(&pipe, SIGPIPE);
    sigset_t before;
    REQUIRE(pthread_sigmask(SIG_UNBLOCK, &pipe, &before) == 0);
    CHECK(sigismember(&before, SIGPIPE) == 1);
    const auto handlers = [] {
        std::vector<void (*)(int)> set;
        for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1}) {
            struct sigaction action = {};
            REQUIRE(sigaction(signal, nullptr, &action) == 0);
            set.push_back(action.sa_handler);
        }
        return set;
    };
    const auto handlers_before = handlers();
    Host host;
    host.start(nowhere());
    std::size_t ours = 0;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
        std::ifstream status(task.path() / "status");
        const bool main_thread = task.path().filename() == std::to_string(::getpid());
        for (std::string line; std::getline(status, line);) {
            if (line.rfind("SigBlk:", 0) != 0) continue;
            const auto blocked = std::stoull(line.substr(7), nullptr, 16);
            for (const int signal : {SIGPIPE, SIGTERM, SIGINT, SIGCHLD, SIGUSR1})
                CHECK(((blocked >> (signal - 1)) & 1) == (main_thread ? 0u : 1u));
            ours += main_thread ? 0 : 1;
        }
    }
    CHECK(ours >= 4);
    CHECK(handlers() == handlers_before);
    host.dispatcher->stop(0);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

TEST_CASE("embed: the second dispatcher on one journal is refused by name", "[embed]") {
    Host host;
    host.start(nowhere());
    auto second =
        Dispatcher::from_settings(host_settings(host.folder.path(), nowhere()), host.seams());
    REQUIRE(second);
    auto started = (*second)->start();
    REQUIRE_FALSE(started);
    CHECK(started.error().code == "journal_locked");
}

TEST_CASE("embed: what waits at a stop is taken up by the next dispatcher", "[embed]") {
    World world;
    world.start_standin();
    Host host;
    std::string id;
    {
        Dispatcher& dispatcher = host.start(nowhere());
        auto run = dispatcher.invoke({"deploy", R"({"name": "later"})", "", "", ""});
        REQUIRE(run);
        id = run->id;
        dispatcher.stop(0);
    }
    Dispatcher& dispatcher = host.start(webhook_of(world));
    auto events = dispatcher.subscribe({id, {}, {}});
    REQUIRE(events);
    auto seen = dispatcher.find(id);
    while (seen && seen->phase != "accepted" && (*events)->next(30'000))
        seen = dispatcher.find(id);
    REQUIRE(seen);
    CHECK(seen->phase == "accepted");
}
