#include "support.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

Error refused(const std::filesystem::path& file) {
    const auto plugin = load(file, fake_log(), fake_clock());
    REQUIRE_FALSE(plugin);
    CHECK(contains(plugin.error().message, file.string()));
    return plugin.error();
}

RunView run_with(std::string_view method) {
    RunView run;
    run.id = "r_1";
    run.method = method;
    return run;
}

}  // namespace

TEST_CASE("plugins: a plugin in plain C is loaded and called", "[plugins]") {
    const auto plugin = load(test_plugin("in_c"), fake_log(), fake_clock());
    REQUIRE(plugin);
    CHECK((*plugin)->descriptor().id == "in-c");
    CHECK((*plugin)->origin() == test_plugin("in_c").string());
    auto connection = (*plugin)->connect(parsed("{}"));
    REQUIRE(connection);
    const auto request = (*connection)->plan(run_with("{}"));
    REQUIRE(request);
    CHECK(request->method == "PUT");
    CHECK(request->url == "https://target.example/runs");
    CHECK(request->headers == std::vector<Header>{{"X-Run", "r_1"}});
    CHECK_FALSE(request->body);
    CHECK_FALSE(request->safe);
    CHECK_FALSE(request->done);
    ResponseView response;
    response.status = 200;
    const auto verdict = (*connection)->judge(run_with("{}"), response);
    REQUIRE(verdict);
    CHECK(verdict->outcome == Outcome::accepted);
}

TEST_CASE("plugins: a file is loaded twice as two plugins", "[plugins]") {
    const auto first = load(test_plugin("in_c"), fake_log(), fake_clock());
    const auto second = load(test_plugin("in_c"), fake_log(), fake_clock());
    REQUIRE(first);
    REQUIRE(second);
    CHECK(*first != *second);
}

TEST_CASE("plugins: a relative path is not searched for by the loader", "[plugins]") {
    const auto relative = std::filesystem::relative(test_plugin("in_c"));
    CHECK(load(relative, fake_log(), fake_clock()));
}

TEST_CASE("plugins: a stripped plugin loads", "[plugins]") {
    CHECK(load(test_plugin("stripped"), fake_log(), fake_clock()));
}

TEST_CASE("plugins: a connection outlives its plugin object", "[plugins]") {
    std::unique_ptr<Connection> connection;
    {
        auto plugin = load(test_plugin("in_c"), fake_log(), fake_clock());
        REQUIRE(plugin);
        auto connected = (*plugin)->connect(parsed("{}"));
        REQUIRE(connected);
        connection = std::move(*connected);
    }
    CHECK(connection->plan(run_with("{}")));
}

TEST_CASE("plugins: what an author's code throws stops at the barrier", "[plugins]") {
    const auto plugin = load(test_plugin("throwing"), fake_log(), fake_clock());
    REQUIRE(plugin);

    const auto refused_settings = (*plugin)->connect(parsed(R"({"mode": "refuse"})"));
    REQUIRE_FALSE(refused_settings);
    CHECK(refused_settings.error().code == "connection_refused");
    REQUIRE(refused_settings.error().details.size() == 1);
    CHECK(refused_settings.error().details[0].pointer == "/mode");

    const auto broken_settings = (*plugin)->connect(parsed(R"({"mode": "throw"})"));
    REQUIRE_FALSE(broken_settings);
    CHECK(broken_settings.error().code == "plugin_broken");
    CHECK(contains(broken_settings.error().message, "the constructor threw"));

    auto connection = (*plugin)->connect(parsed("{}"));
    REQUIRE(connection);
    CHECK((*connection)->plan(run_with("{}")));
    const auto refused_plan = (*connection)->plan(run_with(R"({"mode": "refuse"})"));
    REQUIRE_FALSE(refused_plan);
    CHECK(refused_plan.error().code == "plan_refused");
    CHECK(contains(refused_plan.error().message, "is not to be had"));
    const auto broken_plan = (*connection)->plan(run_with(R"({"mode": "throw"})"));
    REQUIRE_FALSE(broken_plan);
    CHECK(broken_plan.error().code == "plugin_broken");
    CHECK(contains(broken_plan.error().message, "plan threw"));
    const auto broken_verdict = (*connection)->judge(run_with("{}"), {});
    REQUIRE_FALSE(broken_verdict);
    CHECK(broken_verdict.error().code == "plugin_broken");
    CHECK(contains(broken_verdict.error().message, "not a std::exception"));
}

TEST_CASE("plugins: another major is refused before any of its code runs", "[plugins]") {
    // Opening this file would abort the process.
    CHECK(refused(test_plugin("newer_major")).code == "plugin_abi");
}

TEST_CASE("plugins: a library without the entry is refused", "[plugins]") {
    CHECK(refused(test_plugin("no_entry")).code == "plugin_no_entry");
}

TEST_CASE("plugins: an entry that contradicts the note is refused", "[plugins]") {
    CHECK(refused(test_plugin("other_descriptor")).code == "plugin_mismatch");
}

TEST_CASE("plugins: an unresolved symbol is found while loading and named", "[plugins]") {
    const Error error = refused(test_plugin("unresolved"));
    CHECK(error.code == "plugin_unloadable");
    CHECK(contains(error.message, "signalbox_test_nowhere_to_be_found"));
}

TEST_CASE("plugins: a library that is no plugin is not opened", "[plugins]") {
    CHECK(refused(test_plugin("no_plugin")).code == "plugin_no_note");
}

TEST_CASE("plugins: a plugin that was cut off is refused and never mapped", "[plugins]") {
    // The loader would map it and die of SIGBUS in what is not there.
    const std::string whole = slurp(test_plugin("in_c"));
    const TemporaryDirectory directory;
    for (const std::size_t parts : {2, 4, 8}) {
        const auto file =
            directory.write("signalbox_cut.so", whole.substr(0, whole.size() / parts));
        CHECK(refused(file).code == "plugin_not_elf");
    }
}
