#include "app/log_sink.hpp"

#include <fcntl.h>
#include <unistd.h>
#include <catch2/catch.hpp>

#include <set>
#include <thread>

#include "app/client/json.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;

TEST_CASE("app: a log line is one JSON object with the fields in order", "[app]") {
    const LogEvent event{
        LogLevel::warning, "slow_plugin", "said \"no\"\n", {{"run", "r_1"}, {"us", "6"}}};
    CHECK(log_line(event, LogForm::json, 1'700'000'000'000) ==
          "{\"time\":\"2023-11-14T22:13:20.000Z\",\"level\":\"warning\",\"event\":\"slow_plugin\","
          "\"message\":\"said \\\"no\\\"\\n\",\"run\":\"r_1\",\"us\":\"6\"}\n");
}

TEST_CASE("app: a field never takes the name of a member that every log line has", "[app]") {
    const LogEvent event{LogLevel::info, "x", "", {{"time", "t"}, {"message", "m"}}};
    const std::string line = log_line(event, LogForm::json, 0);
    CHECK(test::contains(line, "\"field_time\":\"t\",\"field_message\":\"m\""));
    CHECK_FALSE(test::contains(line, "\"message\""));
}

TEST_CASE("app: a log line for people is one line whatever is in it", "[app]") {
    const LogEvent event{LogLevel::error, "failed", "a\nb\x1b[2J", {{"why", "c\nd"}}};
    CHECK(log_line(event, LogForm::readable, 0) ==
          "1970-01-01T00:00:00.000Z error failed  a b\\x1b[2J  why=c d\n");
}

TEST_CASE("app: log lines of several threads do not mix", "[app]") {
    int ends[2];
    REQUIRE(pipe(ends) == 0);
    std::string received;
    std::thread reader([&] {
        char part[4096];
        ssize_t count = 0;
        while ((count = read(ends[0], part, sizeof part)) > 0) {
            received.append(part, static_cast<std::size_t>(count));
        }
    });
    const test::FakeClock clock;
    StreamLog log(ends[1], LogForm::json, clock);
    // Longer than a pipe takes in one piece, so that only the sink can keep lines whole.
    const std::string filler(100'000, 'x');
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer) {
        writers.emplace_back([&log, &filler, writer] {
            for (int line = 0; line < 5; ++line) {
                log.write(
                    {LogLevel::info, "e", filler, {{"n", std::to_string(writer * 5 + line)}}});
            }
        });
    }
    for (std::thread& writer : writers)
        writer.join();
    close(ends[1]);
    reader.join();
    close(ends[0]);

    std::istringstream lines(received);
    std::set<std::string> numbers;
    for (std::string line; std::getline(lines, line);) {
        const auto parsed = parse_object(line);
        REQUIRE(parsed.ok());
        numbers.insert(text_at(*parsed, "n"));
    }
    CHECK(numbers.size() == 20);
}

TEST_CASE("app: a log whose descriptor fails loses the line and nothing else", "[app]") {
    const test::FakeClock clock;
    StreamLog log(-1, LogForm::json, clock);
    log.write({LogLevel::info, "e", "", {}});
    const int full = open("/dev/full", O_WRONLY);
    REQUIRE(full >= 0);
    StreamLog on_full(full, LogForm::json, clock);
    on_full.write({LogLevel::info, "e", "", {}});
    CHECK(close(full) == 0);
}
