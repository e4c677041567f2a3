// Templates of jq, evaluated aside while the loop goes on.
#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

#include "host.hpp"

using namespace signalbox;
using namespace signalbox::test;
using Catch::Matchers::Contains;

namespace {

ActionDocument with_name(const std::string& identifier, const std::string& expression,
                         bool unbounded = false) {
    ActionDocument document = host_action(identifier);
    const std::string plain = "{{ .inputs.name }}";
    document.text.replace(document.text.find(plain), plain.size(), "{{ " + expression + " }}");
    if (unbounded) document.text += "unbounded: true\n";
    return document;
}

/// A dispatcher with `deploy` and these, whose target is at `url`.
struct Templates : Host {
    explicit Templates(const std::string& url, std::vector<ActionDocument> more) {
        Settings settings = host_settings(folder.path(), url);
        settings.actions.insert(settings.actions.end(), more.begin(), more.end());
        auto made = Dispatcher::from_settings(settings, seams());
        if (!made) throw std::runtime_error(made.error().message);
        dispatcher = std::move(*made);
        if (auto started = dispatcher->start(); !started)
            throw std::runtime_error(started.error().message);
    }
};

}  // namespace

TEST_CASE("embed: what is sent is what jq made", "[embed]") {
    World world;
    world.start_standin();
    Templates host(webhook_of(world),
                   {with_name("slug", ".inputs.name | gsub(\\\" \\\"; \\\"-\\\") | ascii_downcase")});
    auto run = host.dispatcher->invoke({"slug", R"({"name": "Some Name"})", "", "", ""});
    REQUIRE(run);
    auto sent = host.dispatcher->find(run->id);
    while (sent && sent->phase != "accepted")
        sent = host.dispatcher->find(run->id);
    CHECK(world.received_body() == R"({"name":"some-name"})");
    host.dispatcher->stop(1'000);
}

TEST_CASE("embed: an endless expression is answered and the next invocation works", "[embed]") {
    Templates host(nowhere(), {with_name("endless", "def f: f; f", true),
                               with_name("length", ".inputs.name | length"),
                               with_name("number", ".inputs.name | tonumber")});
    std::vector<std::thread> callers;
    std::vector<std::string> codes(3);
    for (std::string& code : codes) {
        callers.emplace_back([&host, &code] {
            auto run = host.dispatcher->invoke({"endless", R"({"name": "x"})", "", "", ""});
            code = run ? "a run" : run.error().code;
        });
    }
    CHECK(host.dispatcher->invoke({"deploy", R"({"name": "plain"})", "", "", ""}));
    for (std::thread& caller : callers)
        caller.join();
    CHECK(codes == std::vector<std::string>(3, "template_timeout"));
    CHECK(host.dispatcher->invoke({"length", R"({"name": "x"})", "", "", ""}));
    auto refused = host.dispatcher->invoke({"number", R"({"name": "hush"})", "", "", ""});
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "template_failed");
    CHECK_THAT(refused.error().message, Contains("number.yaml:") && !Contains("hush"));
    host.dispatcher->stop(1'000);
}

TEST_CASE("embed: a stop while jq is evaluated answers whoever waits for it", "[embed]") {
    Templates host(nowhere(), {with_name("endless", "def f: f; f", true)});
    std::vector<std::thread> callers;
    std::vector<std::string> codes(4);
    std::atomic<int> begun{0};
    for (std::string& code : codes) {
        callers.emplace_back([&host, &code, &begun] {
            ++begun;
            auto run = host.dispatcher->invoke({"endless", R"({"name": "x"})", "", "", ""});
            code = run ? "a run" : run.error().code;
        });
    }
    while (begun < 4)
        std::this_thread::yield();
    host.dispatcher->stop(0);
    for (std::thread& caller : callers)
        caller.join();
    for (const std::string& code : codes)
        CHECK((code == "not_running" || code == "template_timeout"));
}
