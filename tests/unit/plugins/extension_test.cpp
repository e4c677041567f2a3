// Blocking targets, connection steps, and what a verdict says of a run's end.
#include "base/limits.hpp"
#include "scripted.hpp"
#include "signalbox/plugin/target.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

class Calling final : public CallControl {
  public:
    std::int64_t remaining_ms() const override { return 1234; }
    bool cancelled() const override { return is_cancelled; }
    bool is_cancelled = false;
};

std::unique_ptr<Connection> blocking() {
    const auto plugin = load(test_plugin("broken_blocking"), fake_log(), fake_clock());
    REQUIRE(plugin);
    auto connection = (*plugin)->connect(parsed("{}"));
    REQUIRE(connection);
    return std::move(*connection);
}

constexpr char step_descriptor[] =
    R"({"abi": {"major": 1, "minor": 0}, "id": "stepping", "version": "1", "description": "A test.",
        "invocation_types": {"TEST": {"type": "object"}}, "settings": {"type": "object"}})";

struct Stepping final : plugin::Target, plugin::ConnectionStep {
    Stepping(std::string_view, plugin::Host) {}
    plugin::Plan plan(const plugin::Run& run, const plugin::State&) override {
        return plugin::Request::post("https://target.example/")
            .with_secret_header("Authorization", "Bearer " + std::string(run.credential));
    }
    plugin::Verdict judge(const plugin::Run&, const plugin::State&,
                          const plugin::Response&) override {
        return plugin::Verdict::accepted("");
    }
    plugin::Request plan_credential(std::int64_t wall_ms) override {
        return plugin::Request::post("https://target.example/token?at=" + std::to_string(wall_ms));
    }
    plugin::Credential judge_credential(const plugin::Response& response) override {
        if (response.status == 200) return {std::string(response.body), 60'000};
        return plugin::Verdict::throttled("later").with_retry_after_ms(5'000);
    }
};

std::unique_ptr<Connection> stepping() {
    const auto plugin = adopt(&plugin::entry<Stepping, step_descriptor>, fake_log(), fake_clock());
    REQUIRE(plugin);
    auto connection = (*plugin)->connect(parsed("{}"));
    REQUIRE(connection);
    return std::move(*connection);
}

}  // namespace

TEST_CASE("plugins: a blocking target is checked and delivers", "[plugins]") {
    const auto connection = blocking();
    CHECK(connection->blocking());
    CHECK_FALSE(connection->has_step());
    RunView run;
    run.id = "r_1";
    run.payload = "{}";
    CHECK(connection->check(run));
    Calling call;
    const auto verdict = connection->deliver(run, call);
    REQUIRE(verdict);
    CHECK(verdict->outcome == Outcome::accepted);
    CHECK(verdict->reason == "done r_1");
    CHECK(verdict->finished == true);
    CHECK(verdict->response == "{}");
    call.is_cancelled = true;
    CHECK(connection->deliver(run, call)->outcome == Outcome::retryable);
}

TEST_CASE("plugins: a connection step plans and judges", "[plugins]") {
    const auto connection = stepping();
    CHECK(connection->has_step());
    const auto planned = connection->plan_step(77);
    REQUIRE(planned);
    CHECK(planned->url == "https://target.example/token?at=77");
    ResponseView response;
    response.status = 200;
    response.body = "the-token";
    auto credential = connection->judge_step(response);
    REQUIRE(credential);
    CHECK(credential->granted);
    CHECK(credential->bytes == "the-token");
    CHECK(credential->valid_ms == 60'000);
    response.status = 429;
    credential = connection->judge_step(response);
    REQUIRE(credential);
    CHECK_FALSE(credential->granted);
    CHECK(credential->why_not.outcome == Outcome::throttled);
    CHECK(credential->why_not.retry_after_ms == 5'000);

    RunView run;
    run.credential = "the-token";
    const auto request = connection->plan(run);
    REQUIRE(request);
    CHECK(request->headers.empty());
    CHECK(request->secret_headers == std::vector<Header>{{"Authorization", "Bearer the-token"}});
}

TEST_CASE("plugins: a credential has a size", "[plugins]") {
    const auto connection = stepping();
    ResponseView response;
    response.status = 200;
    const std::string at_limit(limits::plugin_credential_bytes_max, 'c');
    response.body = at_limit;
    CHECK(connection->judge_step(response));
    const std::string over = at_limit + "c";
    response.body = over;
    CHECK_FALSE(connection->judge_step(response));
    response.body = "";
    CHECK_FALSE(connection->judge_step(response));
}

TEST_CASE("plugins: only an accepted run can be finished", "[plugins]") {
    Scripted scripted;
    const auto said = [&](signalbox_outcome outcome, bool next) {
        return scripted.judge([=](const signalbox_verdict_writer& writer) {
            writer.outcome(writer.context, outcome);
            writer.finished(writer.context, 1);
            if (next) writer.next_step_after_ms(writer.context, 5);
        });
    };
    const auto good = said(SIGNALBOX_OUTCOME_ACCEPTED, false);
    REQUIRE(good);
    CHECK(good->finished == true);
    CHECK(contains(breach_of(said(SIGNALBOX_OUTCOME_PERMANENT, false)), "finished()"));
    CHECK(contains(breach_of(said(SIGNALBOX_OUTCOME_ACCEPTED, true)), "next step"));
}

TEST_CASE("plugins: a response is kept to its limit", "[plugins]") {
    Scripted scripted;
    const std::string at_limit(limits::log_message_bytes_max, 'r');
    const auto kept = [&](const std::string& response) {
        const auto verdict = scripted.judge([&](const signalbox_verdict_writer& writer) {
            writer.outcome(writer.context, SIGNALBOX_OUTCOME_ACCEPTED);
            writer.response(writer.context, text(response));
        });
        REQUIRE(verdict);
        return verdict->response;
    };
    CHECK(kept(at_limit) == at_limit);
    const std::string cut = kept(at_limit + "r");
    CHECK(cut.size() <= limits::log_message_bytes_max);
    CHECK(contains(cut, "\xE2\x80\xA6"));
}

TEST_CASE("plugins: secret headers obey the rules of headers", "[plugins]") {
    Scripted scripted;
    const auto refused = scripted.plan([](const signalbox_request_writer& writer) {
        writer.url(writer.context, text("https://target.example/"));
        writer.secret_header(writer.context, text("X"), text("a\r\nb"));
    });
    CHECK_FALSE(contains(breach_of(refused), "a\r\nb"));
}

TEST_CASE("plugins: the table is held against the descriptor's delivery", "[plugins]") {
    Scripted scripted;
    static const signalbox_blocking table = {sizeof table, 0, nullptr, nullptr};
    script().entry = [](signalbox_plugin& plugin) {
        plugin.extension = [](signalbox_text id) -> const void* {
            return std::string_view(id.data, id.size) == SIGNALBOX_BLOCKING_EXTENSION ? &table
                                                                                      : nullptr;
        };
    };
    const auto refused = adopt(&scripted_entry, fake_log(), fake_clock());
    REQUIRE_FALSE(refused);
    CHECK(contains(refused.error().message, "delivery is http"));
}

TEST_CASE("plugins: delivery and deduplicates_by and setup are read and checked", "[plugins]") {
    const auto with = [](const std::string& members, const std::string& settings = "{}") {
        return parse_descriptor(
            R"({"abi": {"major": 1, "minor": 0}, "id": "x", "version": "1", "description": "d",
                "invocation_types": {"X": {"type": "object"}}, "settings": {"type": "object",
                "additionalProperties": false, "properties": )" +
            settings + "}" + members + "}");
    };
    CHECK(with("")->blocking == false);
    CHECK(with(R"(,"delivery": "blocking")")->blocking);
    CHECK_FALSE(with(R"(,"delivery": "sideways")"));
    const std::string once = R"({"once": {"type": "boolean", "description": "d"}})";
    CHECK(with(R"(,"deduplicates_by": "once")", once)->deduplicates_by == "once");
    CHECK_FALSE(with(R"(,"deduplicates_by": "twice")", once));
    CHECK_FALSE(with(R"(,"deduplicates_by": "once")",
                     R"({"once": {"type": "string", "description": "d"}})"));
    const std::string at_limit(limits::plugin_setup_bytes_max, 's');
    CHECK(with(",\"setup\": \"" + at_limit + "\"")->setup == at_limit);
    CHECK_FALSE(with(",\"setup\": \"" + at_limit + "s\""));
    CHECK_FALSE(with(R"(,"setup": 7)"));
}
