#include "base/limits.hpp"
#include "scripted.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

void set_url(const signalbox_request_writer& to) {
    to.url(to.context, text("https://t.example/x"));
}

}  // namespace

TEST_CASE("plugins: plan is told everything of the run", "[plugins]") {
    Scripted scripted;
    RunView view;
    view.id = "r_1";
    view.action = "deploy";
    view.type = "TEST";
    view.method = "{\"a\":1}";
    view.payload = "{}";
    view.delivery_id = "d_1";
    view.public_url = "https://box.example";
    view.attempt = 3;
    view.wall_ms = 1234;
    view.state_version = 7;
    view.state = std::string_view("\0x", 2);
    script().plan = [&](const signalbox_run& run, const signalbox_state& state,
                        const signalbox_request_writer& to) {
        const auto same = [](signalbox_text got, std::string_view wanted) {
            CHECK(std::string_view(got.data, got.size) == wanted);
        };
        same(run.id, view.id);
        same(run.action, view.action);
        same(run.type, view.type);
        same(run.method, view.method);
        same(run.payload, view.payload);
        same(run.delivery_id, view.delivery_id);
        same(run.public_url, view.public_url);
        same(state.data, view.state);
        CHECK(run.attempt == 3);
        CHECK(run.wall_ms == 1234);
        CHECK(run.struct_size == sizeof run);
        CHECK(state.version == 7);
        CHECK(to.struct_size == sizeof to);
        set_url(to);
        return SIGNALBOX_OK;
    };
    CHECK(scripted.connection().plan(view));
}

TEST_CASE("plugins: plan's whole request arrives", "[plugins]") {
    Scripted scripted;
    const auto request = scripted.plan([](const signalbox_request_writer& to) {
        to.method(to.context, text("GET"));
        set_url(to);
        to.header(to.context, text("B"), text("2"));
        to.header(to.context, text("A"), text(""));
        to.body(to.context, {nullptr, 0});
        to.safe(to.context, 1);
    });
    REQUIRE(request);
    CHECK(request->method == "GET");
    CHECK(request->headers == std::vector<Header>{{"B", "2"}, {"A", ""}});
    REQUIRE(request->body);
    CHECK(request->body->empty());
    CHECK(request->safe);
}

TEST_CASE("plugins: plan may be done", "[plugins]") {
    Scripted scripted;
    const auto done = scripted.plan([](const auto& to) { to.done(to.context); });
    REQUIRE(done);
    CHECK(done->done);
    CHECK(contains(breach_of(scripted.plan([](const auto& to) {
                       to.done(to.context);
                       set_url(to);
                   })),
                   "done() and built a request"));
}

TEST_CASE("plugins: plan without a URL is a breach", "[plugins]") {
    Scripted scripted;
    CHECK(contains(breach_of(scripted.plan([](const auto&) {})), "no URL"));
}

TEST_CASE("plugins: plan's unusable URL is named but not quoted", "[plugins]") {
    Scripted scripted;
    const auto message = breach_of(scripted.plan(
        [](const auto& to) { to.url(to.context, text("https://h/?key=hunter2 x")); }));
    CHECK(contains(message, "percent-encoded"));
    CHECK_FALSE(contains(message, "hunter2"));
}

TEST_CASE("plugins: plan's URL has a limit", "[plugins]") {
    Scripted scripted;
    const auto with_size = [&](std::size_t size) {
        std::string url = "https://t.example/";
        url.resize(size, 'a');
        return scripted.plan([url](const auto& to) { to.url(to.context, text(url)); });
    };
    CHECK(with_size(limits::plugin_url_bytes_max));
    CHECK(contains(breach_of(with_size(limits::plugin_url_bytes_max + 1)), "at most"));
}

TEST_CASE("plugins: plan's method is an upper-case token", "[plugins]") {
    Scripted scripted;
    const auto with = [&](const std::string& method) {
        return scripted.plan([method](const auto& to) {
            to.method(to.context, text(method));
            set_url(to);
        });
    };
    CHECK(with("PATCH"));
    CHECK(with("VERSION-CONTROL"));
    CHECK(with(std::string(limits::plugin_method_bytes_max, 'A')));
    for (const std::string& method :
         {std::string(), std::string("post"), std::string("GET /x"), std::string("A\r\nB"),
          std::string("CONNECT"), std::string("TRACE"),
          std::string(limits::plugin_method_bytes_max + 1, 'A')}) {
        CAPTURE(method);
        breach_of(with(method));
    }
}

TEST_CASE("plugins: plan's headers are checked", "[plugins]") {
    Scripted scripted;
    const auto with = [&](const std::string& name, const std::string& value) {
        return scripted.plan([=](const auto& to) {
            set_url(to);
            to.header(to.context, text(name), text(value));
        });
    };
    CHECK(contains(breach_of(with("host", "evil.example")), "header Host"));
    CHECK(contains(breach_of(with("X", "a\r\nY: b")), "control character"));
    CHECK(contains(breach_of(with("X Y", "a")), "not a token"));
    const std::size_t most = limits::plugin_header_bytes_max;
    CHECK(with("X", std::string(most - 1, 'a')));
    CHECK(contains(breach_of(with("X", std::string(most, 'a'))), "longer than"));
    CHECK(contains(breach_of(with(std::string(most + 1, 'X'), "")), "longer than"));
}

TEST_CASE("plugins: plan's headers are counted", "[plugins]") {
    Scripted scripted;
    const auto with = [&](std::size_t count) {
        return scripted.plan([=](const auto& to) {
            set_url(to);
            for (std::size_t i = 0; i < count; ++i)
                to.header(to.context, text("X"), text("y"));
        });
    };
    CHECK(with(limits::plugin_headers_max));
    CHECK(contains(breach_of(with(limits::plugin_headers_max + 1)), "more than 64 headers"));
}

TEST_CASE("plugins: plan's body has a limit", "[plugins]") {
    Scripted scripted;
    const auto with = [&](std::size_t size) {
        return scripted.plan([body = std::string(size, 'x')](const auto& to) {
            set_url(to);
            to.body(to.context, text(body));
        });
    };
    CHECK(with(limits::payload_bytes_max));
    CHECK(contains(breach_of(with(limits::payload_bytes_max + 1)), "at most"));
}

TEST_CASE("plugins: plan may say each thing once and with a place", "[plugins]") {
    Scripted scripted;
    CHECK(contains(breach_of(scripted.plan([](const auto& to) {
                       set_url(to);
                       set_url(to);
                   })),
                   "the URL was said twice"));
    CHECK(contains(breach_of(scripted.plan([](const auto& to) {
                       to.url(to.context, {nullptr, 5});
                   })),
                   "has a size but no data"));
}

TEST_CASE("plugins: plan refuses with its reasons", "[plugins]") {
    Scripted scripted;
    const auto refused = scripted.plan(
        [](const auto& to) {
            to.problem(to.context, text("/job"), text("is \x1B[31munknown\xFF"));
            to.problem(to.context, text("no pointer"), text("second"));
        },
        SIGNALBOX_REFUSED);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == "plan_refused");
    REQUIRE(refused.error().details.size() == 2);
    CHECK(refused.error().details[0].pointer == "/job");
    CHECK(refused.error().details[0].message == "is \xEF\xBF\xBD[31munknown\xEF\xBF\xBD");
    CHECK(refused.error().details[1].pointer.empty());
    CHECK(contains(breach_of(scripted.plan([](const auto&) {}, SIGNALBOX_REFUSED)),
                   "without a reason"));
}

TEST_CASE("plugins: plan's problems are bounded", "[plugins]") {
    Scripted scripted;
    const std::string longest(limits::plugin_reason_bytes_max, 'x');
    const auto with = [&](std::size_t count, const std::string& message) {
        const auto refused = scripted.plan(
            [=](const auto& to) {
                for (std::size_t i = 0; i < count; ++i) {
                    to.problem(to.context, {nullptr, 0}, text(message));
                }
            },
            SIGNALBOX_REFUSED);
        REQUIRE_FALSE(refused);
        return refused.error().details;
    };
    CHECK(with(limits::plugin_problems_max, "x").size() == limits::plugin_problems_max);
    CHECK(with(limits::plugin_problems_max + 1, "x").size() == limits::plugin_problems_max);
    CHECK(with(1, longest)[0].message == longest);
    CHECK(with(1, longest + "x")[0].message.size() == limits::plugin_reason_bytes_max);
    CHECK(contains(with(1, longest + "x")[0].message, "\xE2\x80\xA6"));
}

TEST_CASE("plugins: plan's answers that contradict or are unknown are breaches", "[plugins]") {
    Scripted scripted;
    CHECK(contains(breach_of(scripted.plan(set_url, 7)), "answered 7"));
    CHECK(contains(breach_of(scripted.plan(set_url, -1)), "answered -1"));
    CHECK(contains(breach_of(scripted.plan(
                       [](const auto& to) { to.problem(to.context, text(""), text("ouch")); },
                       SIGNALBOX_BROKEN)),
                   "ouch"));
    CHECK(contains(breach_of(scripted.plan([](const auto& to) {
                       set_url(to);
                       to.problem(to.context, text(""), text("but"));
                   })),
                   "answered OK and reported a problem"));
}

TEST_CASE("plugins: an exception that escapes plan stops at the host", "[plugins]") {
    Scripted scripted;
    CHECK(contains(breach_of(scripted.plan([](const auto&) { throw 7; })), "exception escape"));
}

TEST_CASE("plugins: a plan over the warning time is logged against the plugin", "[plugins]") {
    Scripted scripted;
    const auto taking = [&](std::int64_t took_us) {
        return scripted.plan([=](const auto& to) {
            set_url(to);
            fake_clock().now_us += took_us;
        });
    };
    CHECK(taking(limits::plugin_call_us_warn));
    CHECK(fake_log().lines.empty());
    CHECK(taking(limits::plugin_call_us_warn + 1));
    REQUIRE(fake_log().lines.size() == 1);
    CHECK(fake_log().lines[0] ==
          "plugin_slow plugin=scripted call=plan run= trace=492b8d6066c09227bb67ae8584caa73b took_us=5001");
}
