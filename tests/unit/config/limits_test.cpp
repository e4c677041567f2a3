#include "unit/config/support.hpp"

using Catch::Matchers::Contains;
using config_test::read;
namespace limits = signalbox::limits;

namespace {

std::string connection(const std::string& name, const std::string& members) {
    return "plugins: [p]\nconnections: {" + name + ": {plugin: p" + members + "}}\n";
}

bool is_accepted(const std::string& text) {
    return !has_errors(read(text).problems);
}

}  // namespace

TEST_CASE("config: the longest name is accepted and one byte more is refused", "[config]") {
    const std::string longest(limits::config_name_bytes_max, 'n');
    CHECK(is_accepted(connection(longest, "")));
    CHECK_FALSE(is_accepted(connection(longest + "n", "")));
    CHECK(is_accepted(connection("A.b_c-9", "")));
    const auto client = [](const std::string& id) {
        return "clients: [{id: " + id + ", secret: {env: S}, may: [view]}]";
    };
    CHECK(is_accepted(client(longest)));
    CHECK_FALSE(is_accepted(client(longest + "n")));
    CHECK(is_accepted("plugins: [" + longest + "]"));
    CHECK_FALSE(is_accepted("plugins: [" + longest + "n]"));
    const auto header = [](const std::string& name) {
        return connection("c", ", signing: {key: {env: K}, header: " + name + "}");
    };
    CHECK(is_accepted(header(longest)));
    CHECK_FALSE(is_accepted(header(longest + "n")));
}

TEST_CASE("config: numbers are accepted to their limits", "[config]") {
    for (const char* good :
         {"limits: {in_flight: 1}", "limits: {in_flight: 65536}", "limits: {per_second: 0}",
          "limits: {per_second: 0.5}", "limits: {per_second: 1000000}", "limits: {timeout: 1ms}",
          "limits: {timeout: 1h}", "retry: {attempts: 1}", "retry: {attempts: 100}",
          "retry: {first: 1ms}", "retry: {first: 7d, cap: 7d}", "retry: {factor: 1}",
          "retry: {factor: 100}", "retry: {jitter: 0}", "retry: {jitter: 1}",
          "retry: {first: 10m}", "retry: {retry_after_max: 7d}", "breaker: {failures: 0}",
          "breaker: {failures: 10000, pause: 7d, cap: 7d}"}) {
        INFO(good);
        CHECK(is_accepted(connection("c", std::string(", ") + good)));
    }
    CHECK_FALSE(is_accepted(connection("c", ", limits: {per_second: 1000001}")));
    CHECK_FALSE(is_accepted(connection("c", ", limits: {timeout: 3600001ms}")));
    CHECK_FALSE(is_accepted(connection("c", ", retry: {factor: 101}")));
    CHECK_FALSE(is_accepted(connection("c", ", breaker: {failures: 10001}")));
    CHECK_FALSE(is_accepted(connection("c", ", breaker: {failures: -1}")));
    CHECK_FALSE(is_accepted(connection("c", ", retry: {retry_after_max: 8d}")));
    CHECK(is_accepted("policies: {deploy: {deadline: 90d}}"));
    CHECK_FALSE(is_accepted("policies: {deploy: {deadline: 91d}}"));
    CHECK(is_accepted("http: {connections: 1000000, per_address: 1000000}"));
    CHECK_FALSE(is_accepted("http: {connections: 1000001}"));
    CHECK_FALSE(is_accepted("http: {per_address: 1000001}"));
    CHECK(is_accepted("listen: localhost:65535"));
}

TEST_CASE("config: the most previous keys are accepted and one more is refused", "[config]") {
    std::string keys = "{env: K0}";
    for (std::size_t i = 1; i < limits::config_previous_keys_max; ++i)
        keys += ", {env: K" + std::to_string(i) + "}";
    const auto with = [](const std::string& list) {
        return connection("c", ", signing: {key: {env: K}, previous_keys: [" + list + "]}");
    };
    CHECK(is_accepted(with(keys)));
    CHECK_THAT(read(with(keys + ", {env: L}")).findings(), Contains("accepted are at most 8"));
}

TEST_CASE("config: a value of eighty bytes is quoted whole and a longer one is cut", "[config]") {
    const std::string longest(80, 'x');
    const auto quoted = [](const std::string& word) {
        return read("http: {connections: " + word + "}").findings();
    };
    CHECK_THAT(quoted(longest), Contains("`" + longest + "`"));
    CHECK_THAT(quoted(longest + "x"), Contains("`" + longest + "…`"));
    CHECK_THAT(quoted(std::string(79, 'x') + "é"), Contains("`" + std::string(79, 'x') + "…`"));
}

TEST_CASE("config: the most problems are shown and then one that says there are more", "[config]") {
    std::string text;
    for (std::size_t i = 0; i < limits::document_problems_max + 10; ++i)
        text += "k" + std::to_string(i) + ": 1\n";
    const auto result = read(text);
    CHECK(result.problems.size() == limits::document_problems_max + 1);
    CHECK_THAT(to_string(result.problems.back()),
               Catch::StartsWith("f: error: there are more problems"));
}
