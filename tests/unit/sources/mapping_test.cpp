#include "sources/mapping.hpp"

#include <catch2/catch.hpp>

#include "json/writer.hpp"
#include "support.hpp"

using namespace sources_test;
using signalbox::Error;
using signing::Scheme;

namespace {

const Pairs kHeaders = {{"x-github-event", "push"},
                        {"x-port-signature", "v1,secret"},
                        {"authorization", "Bearer secret"},
                        {"x-twice", "first"},
                        {"x-twice", "second"}};

sources::Mapped mapped(const std::string& body, const sources::Source& source = source_of(Scheme::port_v1)) {
    auto got = sources::map(source, {kHeaders, body});
    INFO((got ? "" : got.error().message));
    REQUIRE(got);
    return *got;
}

Error refused(const std::string& body, const sources::Source& source = source_of(Scheme::port_v1)) {
    auto got = sources::map(source, {kHeaders, body});
    REQUIRE_FALSE(got);
    return got.error();
}

std::string pointer_of(const std::string& body) {
    const Error error = refused(body);
    CHECK(error.code == "invalid_message");
    return error.details.at(0).pointer;
}

}  // namespace

TEST_CASE("mapping: Port's invocation message says everything by itself", "[sources]") {
    const auto got = mapped(kBodyB);
    CHECK(got.fits);
    CHECK(got.action == "Create");
    CHECK(got.run_id == "r_jE5FhDURh4Uen2Qr");
    CHECK(got.by == "test_user");
    CHECK(signalbox::json::write(got.invocation) == R"({"properties":{},"entity":null})");
    CHECK(got.trigger.at("origin").get_string() == "UI");
    const auto with_entity = mapped(
        R"({"action":"a","trigger":{"by":{"userId":"u","user":{"email":"jane@example.com"}}},)"
        R"("payload":{"entity":{"identifier":"shop"},"properties":{"env":"prod"}}})");
    CHECK(with_entity.by == "jane@example.com");
    CHECK(with_entity.run_id.empty());
    CHECK(signalbox::json::write(with_entity.invocation) ==
          R"({"properties":{"env":"prod"},"entity":{"identifier":"shop"}})");
}

TEST_CASE("mapping: what is no invocation of Port's is refused at its place", "[sources]") {
    CHECK(refused("{").code == "invalid_json");
    CHECK(refused("").code == "invalid_json");
    CHECK(refused(R"({"action":"a","action":"b"})").code == "invalid_json");
    CHECK(pointer_of("[]") == "/action");
    CHECK(pointer_of(R"({"action":7})") == "/action");
    CHECK(pointer_of(R"({"action":""})") == "/action");
    CHECK(pointer_of(R"({"action":"a","resourceType":"entity"})") == "/resourceType");
    CHECK(pointer_of(R"({"action":"a","status":"SUCCESS"})") == "/status");
    const auto with_run = [](const std::string& id) {
        return R"({"action":"a","context":{"runId":")" + id + "\"}}";
    };
    for (const char* id : {"", "../x", "a/b", "a b", "a?b", "a%2fb", "\xc3\xa9"})
        CHECK(pointer_of(with_run(id)) == "/context/runId");
    CHECK(pointer_of(R"({"action":"a","context":{"runId":7}})") == "/context/runId");
    const std::size_t most = signalbox::limits::source_id_bytes_max;
    CHECK(mapped(with_run(std::string(most, 'r'))).run_id.size() == most);
    CHECK(pointer_of(with_run(std::string(most + 1, 'r'))) == "/context/runId");
}

TEST_CASE("mapping: a name of who invoked that is over the limit is left out", "[sources]") {
    const auto by = [](std::size_t bytes) {
        return mapped(R"({"action":"a","trigger":{"by":{"userId":")" + std::string(bytes, 'u') +
                      "\"}}}")
            .by.size();
    };
    const std::size_t most = signalbox::limits::source_by_bytes_max;
    CHECK(by(most) == most);
    CHECK(by(most + 1) == 0);
}

TEST_CASE("mapping: templates make an invocation of any message", "[sources]") {
    sources::Source source = source_of(Scheme::port_v1);
    source.action = compiled("\"deploy-{{ .body.env }}\"");
    source.properties = compiled(R"(event: '{{ .headers["x-github-event"] }}'
size: "{{ .body.size }}"
from: "{{ .source }}"
twice: '{{ .headers["x-twice"] }}'
nothing: "{{ .body.none }}")");
    source.entity = compiled("\"{{ .body.entity }}\"");
    const auto got = mapped(R"({"env":"prod","size":3,"entity":"shop"})", source);
    CHECK(got.action == "deploy-prod");
    CHECK(signalbox::json::write(got.invocation) ==
          R"({"properties":{"event":"push","size":3,"from":"port","twice":"first","nothing":null},)"
          R"("entity":"shop"})");
    CHECK(got.run_id.empty());
    source.reports = true;
    CHECK(mapped(R"({"context":{"runId":"r_1"}})", source).run_id == "r_1");
    source.action = compiled("\"{{ .body.env }}\"");
    CHECK(refused(R"({"env":7})", source).code == "template_failed");
    CHECK(refused("{}", source).code == "template_failed");
}

TEST_CASE("mapping: what proves the sender is in no template's reach", "[sources]") {
    sources::Source source = source_of(Scheme::port_v1);
    source.action = compiled("deploy");
    source.properties = compiled("\"{{ .headers }}\"");
    CHECK(signalbox::json::write(mapped("{}", source).invocation).find("secret") == std::string::npos);
}

TEST_CASE("mapping: a message that does not fit every condition is passed by", "[sources]") {
    sources::Source source = source_of(Scheme::port_v1);
    source.when.push_back({compiled("'{{ .headers[\"x-github-event\"] }}'"), {"release", "push"}});
    source.when.push_back({compiled("\"{{ .body.size }}\""), {"3", "null"}});
    CHECK(mapped(R"({"action":"a","size":3})", source).fits);
    CHECK(mapped(R"({"action":"a"})", source).action == "a");
    CHECK_FALSE(mapped(R"({"action":"a","size":4})", source).fits);
    source.when.front().is = {"ping"};
    CHECK_FALSE(mapped(R"({"action":"a","size":3})", source).fits);
}
