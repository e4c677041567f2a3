#include "base/limits.hpp"
#include "scripted.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

void accept(const signalbox_verdict_writer& to) {
    to.outcome(to.context, SIGNALBOX_OUTCOME_ACCEPTED);
}

}  // namespace

TEST_CASE("plugins: judge is given the whole reply", "[plugins]") {
    Scripted scripted;
    const std::vector<Header> headers = {{"A", "1"}, {"a", "2"}};
    ResponseView view;
    view.status = 418;
    view.headers = &headers;
    view.body = "short and stout";
    view.wall_ms = 99;
    script().judge = [&](const signalbox_run&, const signalbox_state&,
                         const signalbox_response& reply, const signalbox_verdict_writer& to) {
        CHECK(reply.struct_size == sizeof reply);
        CHECK(reply.status == 418);
        REQUIRE(reply.header_count == 2);
        CHECK(std::string(reply.headers[1].name.data, reply.headers[1].name.size) == "a");
        CHECK(std::string(reply.headers[1].value.data, reply.headers[1].value.size) == "2");
        CHECK(std::string(reply.body.data, reply.body.size) == view.body);
        CHECK(reply.wall_ms == 99);
        accept(to);
        return SIGNALBOX_OK;
    };
    CHECK(scripted.connection().judge(RunView{}, view));
}

TEST_CASE("plugins: judge's whole verdict arrives", "[plugins]") {
    Scripted scripted;
    const auto verdict = scripted.judge([](const signalbox_verdict_writer& to) {
        to.outcome(to.context, SIGNALBOX_OUTCOME_THROTTLED);
        to.reason(to.context, text("too fast"));
        to.advice(to.context, text("wait"));
        to.retry_after_ms(to.context, 1500);
        to.external_run(to.context, text("42"), text("https://t.example/runs/42"));
        to.state(to.context, 3, {"\0s", 2});
        to.next_step_after_ms(to.context, 0);
    });
    REQUIRE(verdict);
    CHECK(verdict->outcome == Outcome::throttled);
    CHECK(verdict->reason == "too fast");
    CHECK(verdict->advice == "wait");
    CHECK(verdict->retry_after_ms == 1500);
    CHECK(verdict->external_run_id == "42");
    CHECK(verdict->external_link == "https://t.example/runs/42");
    REQUIRE(verdict->state);
    CHECK(verdict->state->first == 3);
    CHECK(verdict->state->second == std::string("\0s", 2));
    CHECK(verdict->next_step_after_ms == 0);
}

TEST_CASE("plugins: judge leaves unsaid what it does not say", "[plugins]") {
    Scripted scripted;
    const auto verdict = scripted.judge(accept);
    REQUIRE(verdict);
    CHECK(verdict->retry_after_ms < 0);
    CHECK(verdict->next_step_after_ms < 0);
    CHECK_FALSE(verdict->state);
}

TEST_CASE("plugins: each outcome is known by its number", "[plugins]") {
    Scripted scripted;
    const std::vector<Outcome> known = {Outcome::accepted,  Outcome::retryable,
                                        Outcome::throttled, Outcome::unauthenticated,
                                        Outcome::permanent, Outcome::effect_unknown};
    for (std::size_t i = 0; i < known.size(); ++i) {
        const auto number = static_cast<signalbox_outcome>(i + 1);
        const auto verdict =
            scripted.judge([=](const auto& to) { to.outcome(to.context, number); });
        REQUIRE(verdict);
        CHECK(verdict->outcome == known[i]);
    }
    for (const signalbox_outcome number : {0, 7, -1, INT32_MAX}) {
        CHECK(contains(
            breach_of(scripted.judge([=](const auto& to) { to.outcome(to.context, number); })),
            "is unknown"));
    }
}

TEST_CASE("plugins: judge names exactly one outcome", "[plugins]") {
    Scripted scripted;
    CHECK(contains(breach_of(scripted.judge([](const auto&) {})), "no outcome"));
    CHECK(contains(breach_of(scripted.judge([](const auto& to) {
                       accept(to);
                       accept(to);
                   })),
                   "the outcome was said twice"));
}

TEST_CASE("plugins: judge's state has a limit", "[plugins]") {
    Scripted scripted;
    const auto with = [&](std::size_t size) {
        return scripted.judge([state = std::string(size, 's')](const auto& to) {
            accept(to);
            to.state(to.context, 1, text(state));
        });
    };
    CHECK(with(limits::plugin_state_bytes_max));
    CHECK(
        contains(breach_of(with(limits::plugin_state_bytes_max + 1)), "the state has 16385 bytes"));
}

TEST_CASE("plugins: judge's texts are cleaned and cut", "[plugins]") {
    Scripted scripted;
    const std::string longest(limits::plugin_reason_bytes_max, 'x');
    const auto verdict = scripted.judge([&](const auto& to) {
        accept(to);
        to.reason(to.context, text(longest));
        to.advice(to.context, text(longest + "x"));
    });
    REQUIRE(verdict);
    CHECK(verdict->reason == longest);
    CHECK(verdict->advice.size() == limits::plugin_reason_bytes_max);
    CHECK(contains(verdict->advice, "\xE2\x80\xA6"));
    const auto dirty = scripted.judge([](const auto& to) {
        accept(to);
        to.reason(to.context, text("a\x1B\xFF"));
    });
    REQUIRE(dirty);
    CHECK(dirty->reason == "a\xEF\xBF\xBD\xEF\xBF\xBD");
}

TEST_CASE("plugins: judge's delays are neither negative nor endless", "[plugins]") {
    Scripted scripted;
    const auto after = [&](std::int64_t milliseconds) {
        return scripted.judge([=](const auto& to) {
            accept(to);
            to.retry_after_ms(to.context, milliseconds);
        });
    };
    CHECK(after(limits::plugin_delay_ms_max)->retry_after_ms == limits::plugin_delay_ms_max);
    CHECK(after(limits::plugin_delay_ms_max + 1)->retry_after_ms == limits::plugin_delay_ms_max);
    CHECK(after(INT64_MAX)->retry_after_ms == limits::plugin_delay_ms_max);
    CHECK(contains(breach_of(after(-1)), "negative"));
}

TEST_CASE("plugins: an odd external run is left out and logged", "[plugins]") {
    Scripted scripted;
    const auto with = [&](const std::string& id, const std::string& link) {
        fake_log().lines.clear();
        const auto verdict = scripted.judge([=](const auto& to) {
            accept(to);
            to.external_run(to.context, text(id), text(link));
        });
        REQUIRE(verdict);
        return *verdict;
    };
    const std::string longest(limits::external_run_id_bytes_max, 'i');
    CHECK(with(longest, "").external_run_id == longest);
    CHECK(fake_log().lines.empty());
    CHECK(with(longest + "i", "").external_run_id.empty());
    CHECK(fake_log().lines.size() == 1);

    std::string link = "https://t.example/";
    link.resize(limits::link_bytes_max, 'l');
    CHECK(with("1", link).external_link == link);
    CHECK(with("1", link + "l").external_link.empty());
    CHECK(with("1", "javascript:alert(1)").external_link.empty());
    REQUIRE(fake_log().lines.size() == 1);
    CHECK(contains(fake_log().lines[0], "plugin_ignored plugin=scripted call=judge"));
}

TEST_CASE("plugins: judge cannot refuse and its exceptions stop at the host", "[plugins]") {
    Scripted scripted;
    CHECK(contains(breach_of(scripted.judge(
                       [](const auto& to) { to.problem(to.context, text(""), text("no")); },
                       SIGNALBOX_REFUSED)),
                   "it refused, which this call cannot: no"));
    CHECK(contains(breach_of(scripted.judge([](const auto&) { throw std::string("x"); })),
                   "exception escape"));
    CHECK(contains(breach_of(scripted.judge(accept, 3)), "answered 3"));
}

TEST_CASE("plugins: connect is checked like every call", "[plugins]") {
    Scripted scripted;
    const auto plugin = adopt(&scripted_entry, fake_log(), fake_clock());
    REQUIRE(plugin);
    CHECK((*plugin)->origin() == "built in");

    script().connect = [](const signalbox_host* host, signalbox_text settings, auto**,
                          const auto*) {
        CHECK(host->service(host->context, text("signalbox.unknown/1")) == nullptr);
        CHECK(std::string(settings.data, settings.size) == R"({"a":"b"})");
        return SIGNALBOX_OK;
    };
    CHECK((*plugin)->connect(parsed(R"({"a": "b"})")));
    CHECK(script().disconnects == 1);

    script().connect = [](auto*, auto, signalbox_connection** connection, auto*) {
        *connection = nullptr;
        return SIGNALBOX_OK;
    };
    CHECK(contains(breach_of((*plugin)->connect(parsed("{}"))), "without a connection"));

    script().connect = [](auto*, auto, auto**, const signalbox_problem_writer* to) {
        to->problem(to->context, text("/a"), text("is wrong"));
        return SIGNALBOX_REFUSED;
    };
    const auto refused = (*plugin)->connect(parsed("{}"));
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "connection_refused");
    CHECK(script().disconnects == 1);
}

TEST_CASE("plugins: an entry that leaves something out is refused", "[plugins]") {
    Scripted scripted;
    const auto code = [] {
        const auto plugin = adopt(&scripted_entry, fake_log(), fake_clock());
        REQUIRE_FALSE(plugin);
        return plugin.error().code;
    };
    script().entry = [](signalbox_plugin& plugin) { plugin.judge = nullptr; };
    CHECK(code() == "plugin_broken");
    script().entry = [](signalbox_plugin& plugin) { plugin.descriptor = {nullptr, 4}; };
    CHECK(code() == "plugin_broken");
    script().entry = [](signalbox_plugin& plugin) { plugin.descriptor = {"{}", 2}; };
    CHECK(code() == "plugin_bad_descriptor");
    script().entry = [](signalbox_plugin&) { throw 1; };
    CHECK(code() == "plugin_broken");
    script().entry = [](signalbox_plugin& plugin) { CHECK(plugin.struct_size == sizeof plugin); };
    CHECK(adopt(&scripted_entry, fake_log(), fake_clock()));
}
