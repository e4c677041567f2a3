#include <catch2/catch.hpp>

#include "base/limits.hpp"
#include "desk.hpp"

using namespace signalbox;
using namespace signalbox::api::test;
using config::Right;

namespace {

constexpr int kView = int(Right::view);
const std::string kSecret = "a-secret-of-the-test";

std::vector<config::ClientSettings> clients(int rights, const std::string& secret = kSecret) {
    return {client("ops", "another-of-the-test", int(Right::admin)), client("desk", secret, rights)};
}

bool has(const KeptStream& stream, const std::string& run) {
    return stream.text.find(run) != std::string::npos;
}

}  // namespace

TEST_CASE("events: a reload that takes a client or its right away ends its streams before the next event",
          "[api]") {
    const auto after = GENERATE(as<std::vector<config::ClientSettings>>{}, clients(int(Right::invoke)),
                                clients(kView, "a-new-secret-of-the-test"),
                                std::vector<config::ClientSettings>{
                                    client("ops", "another-of-the-test", int(Right::admin))});
    Desk desk(clients(kView));
    const auto ops = desk.listen(desk.token("ops", "another-of-the-test"));
    const auto stream = desk.listen(desk.token("desk", kSecret));
    REQUIRE(stream);
    desk.publish("r_before");
    CHECK(has(*stream, "r_before"));
    desk.reload(clients(kView));
    CHECK_FALSE(stream->ended);
    desk.reload(after);
    CHECK(stream->ended);
    desk.publish("r_after");
    CHECK_FALSE(has(*stream, "r_after"));
    CHECK(has(*ops, "r_after"));
    CHECK(desk.events.listeners() == 1);
}

TEST_CASE("events: a client that is no admin any more is not shown what only admins see", "[api]") {
    Desk desk(clients(int(Right::admin)));
    runs::NamedLists lists;
    lists[static_cast<std::size_t>(runs::Verb::view)] = std::vector<std::string>{"ops"};
    desk.runs.permit(std::make_shared<const runs::Permissions>(
        std::map<std::string, runs::NamedLists, std::less<>>{{"deploy", lists}},
        std::vector<std::string>{}, std::vector<std::string>{"ops", "desk"}));
    const auto stream = desk.listen(desk.token("desk", kSecret));
    REQUIRE(stream);
    desk.publish("r_before");
    CHECK(has(*stream, "r_before"));
    desk.reload(clients(kView));
    desk.publish("r_after");
    CHECK_FALSE(stream->ended);
    CHECK_FALSE(has(*stream, "r_after"));
}

TEST_CASE("events: a stream ends with its token, at an event or at a heartbeat", "[api]") {
    Desk desk(clients(kView));
    const auto stream = desk.listen(desk.token("desk", kSecret));
    REQUIRE(stream);
    const std::int64_t whole_ms = api::Clients::token_s * 1'000;
    SECTION("at an event") {
        desk.executor.pass(whole_ms - 1);
        desk.publish("r_in_time");
        CHECK(has(*stream, "r_in_time"));
        desk.clock.pass(1);
        desk.publish("r_too_late");
        CHECK_FALSE(has(*stream, "r_too_late"));
    }
    SECTION("at a heartbeat") {
        desk.executor.pass(whole_ms - 1);
        CHECK_FALSE(stream->ended);
        desk.executor.pass(limits::event_heartbeat_ms);
    }
    CHECK(stream->ended);
    CHECK(desk.events.listeners() == 0);
    CHECK(desk.executor.timers() == 0);
}

TEST_CASE("events: one client has as many streams open as it may, and takes no place of another's",
          "[api]") {
    Desk desk(clients(kView));
    const std::string token = desk.token("desk", kSecret);
    std::vector<std::shared_ptr<KeptStream>> open;
    for (std::size_t i = 0; i < limits::event_streams_per_client_max; ++i) {
        open.push_back(desk.listen(token));
        REQUIRE(open.back());
    }
    const net::Response reply = desk.ask(desk.get("/v1/events", token));
    CHECK(reply.status == 503);
    CHECK(reply.body.find("this client has as many") != std::string::npos);
    CHECK(desk.listen(desk.token("ops", "another-of-the-test")));
}
