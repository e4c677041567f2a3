#include <catch2/catch.hpp>

#include "support.hpp"

using config_test::read;
using signalbox::config::Proof;
using signalbox::signing::Scheme;
namespace config = signalbox::config;
namespace limits = signalbox::limits;

namespace {

/// What is said of a config with one source, which is written in one line.
std::string said(const std::string& source) {
    return read("actions: []\nsources:\n  port: " + source).findings();
}

config::SourceSettings read_source(const std::string& source) {
    const auto got = read("actions: []\nsources:\n  port: " + source);
    INFO(got.findings());
    REQUIRE(got.problems.empty());
    return got.config.sources.at(0);
}

bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("config: a source is read with its defaults", "[config]") {
    const auto port = read_source("{ verify: port-v1, key: { env: KEY } }");
    CHECK(port.name == "port");
    CHECK(port.proof == Proof::signature);
    CHECK(port.scheme == Scheme::port_v1);
    CHECK(port.key->env == "KEY");
    CHECK(port.tolerance_ms == 300'000);
    CHECK(port.keep_ms == 0);
    CHECK(port.per_second == limits::source_per_second_default);
    CHECK_FALSE(port.action);
    CHECK_FALSE(port.report);
    const auto azure = read_source("{ verify: hmac-sha1-prefixed, key: { env: KEY } }");
    CHECK(azure.keep_ms == limits::replay_keep_ms_default);
}

TEST_CASE("config: a source is read with everything", "[config]") {
    const auto port = read_source(
        "{ verify: basic, user: hook, key: { env: KEY }, previous_keys: [ { file: old } ], keep: 2d, "
        "per_second: 5, when: [ { value: '{{ .body.a }}', is: [ b, c ] } ], action: '{{ .body.a }}', "
        "properties: { x: 1 }, entity: '{{ .body.e }}', report: { url: 'https://api.port.io/', client_id: "
        "id, client_secret: { env: SECRET }, egress: { allow: [ 10.0.0.0/8 ] }, first: 2s, cap: 4s } }");
    CHECK(port.proof == Proof::basic);
    CHECK(port.user == "hook");
    CHECK(port.previous_keys.at(0).file == "/etc/signalbox/old");
    CHECK(port.keep_ms == 2 * 86'400'000);
    CHECK(port.per_second == 5);
    CHECK(port.when.at(0).is == std::vector<std::string>{"b", "c"});
    CHECK(port.action->text == "{{ .body.a }}");
    CHECK(port.properties->members.size() == 1);
    CHECK(port.entity->text == "{{ .body.e }}");
    REQUIRE(port.report);
    CHECK(port.report->url == "https://api.port.io");
    CHECK(port.report->client_id == "id");
    CHECK(port.report->client_secret.env == "SECRET");
    CHECK(port.report->egress_allow == std::vector<std::string>{"10.0.0.0/8"});
    CHECK(port.report->first_ms == 2'000);
    CHECK(port.report->cap_ms == 4'000);
}

TEST_CASE("config: a source that would be an open door is refused", "[config]") {
    CHECK(contains(said("{ verify: none, key: { env: KEY } }"), "f:3:19: error: `verify: none` would let "
                                                                "everybody in"));
    CHECK(contains(said("{ key: { env: KEY } }"), "has no `verify`"));
    CHECK(contains(said("{ verify: port-v1 }"), "the source has no `key`"));
    CHECK(contains(said("{ verify: port-v2, key: { env: KEY } }"), "did you mean `port-v1`?"));
    const std::string literal = said("{ verify: bearer, key: hunter2 }");
    CHECK(contains(literal, "secrets do not belong in this file"));
    CHECK_FALSE(contains(literal, "hunter2"));
    CHECK(contains(said("{ verify: basic, key: { env: KEY } }"), "has no `user`"));
    CHECK(contains(said("{ verify: basic, user: 'a:b', key: { env: KEY } }"), "`user` has a `:`"));
    CHECK(contains(said("{ verify: port-v1, key: { env: KEY }, report: { url: 'http://x:y@z', client_id: a, "
                        "client_secret: { env: S } } }"),
                   "`url`:"));
}

TEST_CASE("config: what has no use in a source is an error", "[config]") {
    const std::string key = ", key: { env: KEY }";
    CHECK(contains(said("{ verify: port-v1, user: a" + key + " }"), "`user` has no use here"));
    CHECK(contains(said("{ verify: bearer, header: X-A" + key + " }"), "`header` has no use here"));
    CHECK(contains(said("{ verify: standard-webhooks, header: X-A" + key + " }"),
                   "`header` has no use here"));
    CHECK(contains(said("{ verify: hmac-sha1-hex, tolerance: 10s" + key + " }"),
                   "`tolerance` has no use here"));
    CHECK(contains(said("{ verify: port-v1, properties: { a: b }" + key + " }"),
                   "`properties` stands without `action`"));
    CHECK(contains(said("{ verify: port-v1, properti: { a: b }" + key + " }"),
                   "did you mean `properties`?"));
}

TEST_CASE("config: a source's limits hold at the limit and not past it", "[config]") {
    const auto with = [](const std::string& member) {
        return said("{ verify: port-v1, key: { env: KEY }, " + member + " }");
    };
    for (const char* good : {"tolerance: 1s", "tolerance: 1h", "keep: 1m", "keep: 90d"})
        CHECK(with(good).empty());
    for (const char* bad : {"tolerance: 999ms", "tolerance: 3601s", "tolerance: 1500ms", "keep: 59s",
                            "keep: 91d", "per_second: -1", "when: []x"})
        CHECK_FALSE(with(bad).empty());
    const auto conditions = [&](std::size_t count) {
        std::string list;
        for (std::size_t i = 0; i < count; ++i)
            list += (i == 0 ? "" : ", ") + std::string("{ value: a, is: [ a ] }");
        return with("when: [ " + list + " ]");
    };
    CHECK(conditions(limits::source_conditions_max).empty());
    CHECK(contains(conditions(limits::source_conditions_max + 1), "at most 32"));
}
