#include "plugins/services.hpp"

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "base/trace.hpp"
#include "plugins/breadcrumb.hpp"
#include "scripted.hpp"
#include "signalbox/plugin/host.hpp"

using namespace signalbox;
using namespace signalbox::plugins;
using namespace signalbox::plugins::test;

namespace {

class FakeEvents final : public EventSink {
  public:
    void count(std::string_view plugin, std::string_view connection, std::string_view event,
               std::uint64_t amount) override {
        counted.push_back(std::string(plugin) + " " + std::string(connection) + " " +
                          std::string(event) + " " + std::to_string(amount));
    }
    std::vector<std::string> counted;
};

struct Hosted {
    explicit Hosted(EventSink* events = nullptr)
        : services("acme", {"north", {{"/token", "sesame"}}, events}, fake_log(), fake_clock()),
          host(&services.host()) {
        fake_log().lines.clear();
    }
    Services services;
    signalbox::plugin::Host host;
};

}  // namespace

TEST_CASE("plugins: a plugin's log lines carry its name and its connection's", "[plugins]") {
    const Hosted hosted;
    hosted.host.log(plugin::LogLevel::warning, "a\x01 line", {{"job", "nightly"}});
    REQUIRE(fake_log().lines.size() == 1);
    CHECK(fake_log().lines[0] == "plugin_log plugin=acme connection=north job=nightly");
}

TEST_CASE("plugins: a line logged inside a call carries the call's run and trace", "[plugins]") {
    const Hosted hosted;
    {
        const Breadcrumb outer("acme", "plan", "r_1");
        const Breadcrumb inner("other", "connect");
        CHECK(running_plugin_call().plugin == "other");
        CHECK(running_plugin_call().run.empty());
    }
    CHECK(running_plugin_call().plugin.empty());
    const Breadcrumb breadcrumb("acme", "judge", "r_1");
    CHECK(running_plugin_call().call == "judge");
    // A plugin cannot say that it was another run's.
    hosted.host.log(plugin::LogLevel::info, "line", {{"run", "r_2"}});
    REQUIRE(fake_log().lines.size() == 1);
    CHECK(fake_log().lines[0] == "plugin_log plugin=acme connection=north run=r_1 trace=" +
                                     trace_id("", "r_1") + " field_run=r_2");
}

TEST_CASE("plugins: a log line's fields and sizes are bounded", "[plugins]") {
    const Hosted hosted;
    const auto* log =
        static_cast<const signalbox_log_service*>(hosted.host.service(SIGNALBOX_LOG_SERVICE));
    REQUIRE(log != nullptr);
    const std::string at_limit(limits::plugin_log_message_bytes_max, 'v');
    const std::string over = at_limit + "v";
    std::vector<signalbox_field> fields(limits::plugin_log_fields_max + 1,
                                        {text("f"), text(at_limit)});
    fields[1].value = text(over);
    log->write(log->context, SIGNALBOX_LOG_INFO, text("m"), fields.data(), fields.size());
    REQUIRE(fake_log().lines.size() == 1);
    const std::string& line = fake_log().lines[0];
    std::size_t count = 0;
    for (std::size_t at = 0; (at = line.find(" f=", at)) != std::string::npos; ++at)
        ++count;
    CHECK(count == limits::plugin_log_fields_max);
    CHECK(contains(line, " f=" + at_limit + " "));
    CHECK_FALSE(contains(line, over));
    log->write(log->context, 99, {nullptr, 5}, nullptr, 3);
    CHECK(fake_log().lines.size() == 2);
}

TEST_CASE("plugins: a secret is given by its name and no other", "[plugins]") {
    const Hosted hosted;
    CHECK(hosted.host.secret("/token") == "sesame");
    CHECK_FALSE(hosted.host.secret("/other"));
    CHECK_FALSE(hosted.host.secret(""));
    CHECK_FALSE(plugin::Host().secret("/token"));
}

TEST_CASE("plugins: events are counted up to so many different ones", "[plugins]") {
    FakeEvents events;
    const Hosted hosted(&events);
    hosted.host.count("sent", 3);
    CHECK(events.counted == std::vector<std::string>{"acme north sent 3"});
    for (std::size_t i = 1; i < limits::plugin_events_max; ++i)
        hosted.host.count("e" + std::to_string(i));
    CHECK(events.counted.size() == limits::plugin_events_max);
    hosted.host.count("one_too_many");
    CHECK(events.counted.size() == limits::plugin_events_max);
    hosted.host.count("sent");
    CHECK(events.counted.size() == limits::plugin_events_max + 1);
    hosted.host.count("bad name");
    hosted.host.count("");
    CHECK(events.counted.size() == limits::plugin_events_max + 1);
}

TEST_CASE("plugins: an event's name has at most so many characters", "[plugins]") {
    FakeEvents events;
    const Hosted hosted(&events);
    hosted.host.count(std::string(limits::plugin_event_bytes_max, 'a'));
    CHECK(events.counted.size() == 1);
    hosted.host.count(std::string(limits::plugin_event_bytes_max + 1, 'a'));
    CHECK(events.counted.size() == 1);
}

TEST_CASE("plugins: unknown services and those that are not offered are null", "[plugins]") {
    const Hosted hosted;
    CHECK(hosted.host.service("signalbox.unheard-of/1") == nullptr);
    CHECK(hosted.host.service("signalbox.log/10") == nullptr);
    CHECK(hosted.host.service("") == nullptr);
    CHECK(hosted.host.service(SIGNALBOX_METRIC_SERVICE) == nullptr);
    CHECK(hosted.host.service(SIGNALBOX_CLOCK_SERVICE) != nullptr);
    CHECK(hosted.host.wall_ms() == fake_clock().wall_ms());
}

TEST_CASE("plugins: the crypto service has the published values", "[plugins]") {
    const Hosted hosted;
    CHECK(to_hex(*hosted.host.sha256("abc")) ==
          "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    // RFC 4231, test case 2.
    CHECK(to_hex(*hosted.host.hmac_sha256("Jefe", "what do ya want for nothing?")) ==
          "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    const auto* crypto =
        static_cast<const signalbox_crypto_service*>(hosted.host.service(SIGNALBOX_CRYPTO_SERVICE));
    unsigned char sha1[20];
    // RFC 2202, test case 2.
    crypto->hmac_sha1(crypto->context, text("Jefe"), text("what do ya want for nothing?"), sha1);
    CHECK(to_hex(std::string(sha1, sha1 + sizeof sha1)) ==
          "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    CHECK(crypto->equal(crypto->context, text("same"), text("same")) == 1);
    CHECK(crypto->equal(crypto->context, text("same"), text("sama")) == 0);
    unsigned char first[32] = {};
    unsigned char second[32] = {};
    crypto->random(crypto->context, first, sizeof first);
    crypto->random(crypto->context, second, sizeof second);
    CHECK(std::string(first, first + 32) != std::string(second, second + 32));
}

TEST_CASE("plugins: a service lives as long as its connection", "[plugins]") {
    Scripted scripted;
    const signalbox_host* given = nullptr;
    script().connect = [&](const signalbox_host* host, auto, auto, auto) {
        given = host;
        return SIGNALBOX_OK;
    };
    const auto planned = scripted.plan([&](const signalbox_request_writer& writer) {
        const plugin::Host host(given);
        host.log(plugin::LogLevel::info, "planning");
        writer.url(writer.context, text("https://target.example/"));
    });
    CHECK(planned);
    CHECK(fake_log().lines == std::vector<std::string>{"plugin_log plugin=scripted"});
}
