#include "sources/sources.hpp"

#include <catch2/catch.hpp>

#include "support.hpp"
#include "support/manual_executor.hpp"

using namespace sources_test;
using signalbox::LogEvent;
using signalbox::test::ManualClock;
using signing::Scheme;
using Kind = sources::Received::Kind;

namespace {

class KeptLog final : public signalbox::LogSink {
  public:
    std::vector<std::string> lines;
    void write(const LogEvent& event) override {
        std::string line(event.name);
        for (const auto& [name, value] : event.fields)
            line += " " + std::string(name) + "=" + value;
        lines.push_back(line);
    }
};

struct Desk {
    ManualClock clock;
    KeptLog log;
    sources::Source source = source_of(Scheme::port_v1);
    std::optional<sources::Sources> all;

    void open() { all.emplace(std::vector<sources::Source>{source}, clock, log); }
    sources::Received receive(const std::string& body, const std::string& key = "test",
                              const std::string& name = "port") {
        if (!all) open();
        const auto headers = pairs(signalbox::test::port_headers(
            key, std::to_string(clock.wall_ms() / 1'000), body));
        return all->receive(name, {headers, body}, "203.0.113.7");
    }
};

const std::string kMessage = R"({"action":"a","context":{"runId":"r_1"}})";

}  // namespace

TEST_CASE("sources: each message is judged by its proof, its rate, its conditions and its form",
          "[sources]") {
    Desk desk;
    desk.source.per_second = 0;
    desk.source.when.push_back({compiled("\"{{ .body.skip }}\""), {"null"}});
    CHECK(desk.receive(kMessage, "other").kind == Kind::refused);
    CHECK(desk.receive(kMessage, "test", "nobody").kind == Kind::refused);
    CHECK(desk.receive(R"({"skip":true})").kind == Kind::passed_by);
    CHECK(desk.receive("[]").kind == Kind::rejected);
    const auto taken = desk.receive(kMessage);
    REQUIRE(taken.kind == Kind::taken);
    CHECK(taken.mapped.run_id == "r_1");
    CHECK(taken.replay.digest.size() == 32);
    CHECK_FALSE(taken.reports);
}

TEST_CASE("sources: a run is reported only where the source says so and its name is known", "[sources]") {
    Desk desk;
    desk.source.reports = true;
    CHECK(desk.receive(kMessage).reports);
    CHECK_FALSE(desk.receive(R"({"action":"a"})").reports);
}

TEST_CASE("sources: a source sends at most what it may, and nobody else uses it up", "[sources]") {
    Desk desk;
    desk.source.per_second = 2;
    desk.open();
    for (int i = 0; i < 10; ++i)
        CHECK(desk.receive(kMessage, "forged").kind == Kind::refused);
    CHECK(desk.receive(kMessage).kind == Kind::taken);
    CHECK(desk.receive(kMessage).kind == Kind::taken);
    CHECK(desk.receive(kMessage).kind == Kind::limited);
    desk.clock.pass(499);
    CHECK(desk.receive(kMessage).kind == Kind::limited);
    desk.clock.pass(1);
    CHECK(desk.receive(kMessage).kind == Kind::taken);
    CHECK(desk.receive(kMessage).kind == Kind::limited);
}

TEST_CASE("sources: refusals of a source fill no log", "[sources]") {
    Desk desk;
    desk.receive(kMessage, "forged");
    for (int i = 0; i < 100; ++i)
        desk.receive(kMessage, "forged");
    REQUIRE(desk.log.lines.size() == 1);
    CHECK(desk.log.lines[0].find("source=port") != std::string::npos);
    CHECK(desk.log.lines[0].find("peer=203.0.113.7") != std::string::npos);
    for (int i = 0; i < 100; ++i)
        desk.receive(kMessage, "forged", "name-" + std::to_string(i));
    CHECK(desk.log.lines.size() == 2);
    desk.clock.pass(signalbox::limits::source_refusal_log_ms);
    desk.receive(kMessage, "forged");
    REQUIRE(desk.log.lines.size() == 3);
    CHECK(desk.log.lines[2].find("unnoted=100") != std::string::npos);
}
