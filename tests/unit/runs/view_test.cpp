// Runs as the API shows them: the members that Port has, with what is truly known.
#include "runs/view.hpp"

#include <catch2/catch.hpp>

#include "base/hole.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

using namespace signalbox;

namespace {

runs::Catalog catalog_of(const std::string& blueprint) {
    auto action = std::make_shared<actions::Action>();
    action->identifier = "deploy";
    action->blueprint = blueprint;
    runs::Catalog catalog;
    catalog["deploy"].action = action;
    return catalog;
}

journal::Run run_of(const std::string& method, const std::string& response = {}) {
    journal::Run run;
    run.seed.id = "r_1";
    run.seed.action = "deploy";
    run.seed.invocation_type = "WEBHOOK";
    run.seed.origin = "port";
    run.seed.method = method;
    run.state.response = response;
    return run;
}

/// A member of the run as JSON.
std::string shown(const journal::Run& run, const char* member,
                  const runs::Catalog& catalog = catalog_of("service")) {
    const auto value = json::parse(runs::run_json(catalog, run, {}, false));
    REQUIRE(value);
    return json::write(value->at(member));
}

}  // namespace

TEST_CASE("view: a run's payload is its method, secrets hidden", "[runs]") {
    CHECK(shown(run_of("{}"), "payload") == R"({"type":"WEBHOOK"})");
    CHECK(shown(run_of(""), "payload") == R"({"type":"WEBHOOK"})");
    CHECK(shown(run_of(R"({"url":"https://x.test/)" + hole("A") + R"(","headers":{"A":")" +
                       hole("B-2") + R"("}})"),
                "payload") ==
          R"({"type":"WEBHOOK","url":"https://x.test/***","headers":{"A":"***"}})");
}

TEST_CASE("view: a run's blueprint is that of its action as it stands", "[runs]") {
    CHECK(shown(run_of("{}"), "blueprint") == R"({"identifier":"service"})");
    CHECK(shown(run_of("{}"), "blueprint", catalog_of("")) == "null");
    CHECK(shown(run_of("{}"), "blueprint", {}) == "null");
}

TEST_CASE("view: a run's source is where it came from", "[runs]") {
    CHECK(shown(run_of("{}"), "source") == "\"port\"");
}

TEST_CASE("view: a run's response is JSON or a text", "[runs]") {
    CHECK(shown(run_of("{}"), "response") == "null");
    CHECK(shown(run_of("{}", R"({"made":[7]})"), "response") == R"({"made":[7]})");
    CHECK(shown(run_of("{}", "no \"such\" word"), "response") == R"("no \"such\" word")");
    CHECK(shown(run_of("{}", R"({"made":…)"), "response") == R"("{\"made\":…")");
}
