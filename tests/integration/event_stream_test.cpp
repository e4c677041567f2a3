#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/URI.h>

#include <catch2/catch.hpp>
#include <istream>
#include <optional>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

struct Event {
    std::string id;
    std::string name;
    std::string data;
};

/// A listener by stock Poco, which knows chunks and nothing of events.
class Listener {
  public:
    Listener(const std::string& base, const std::string& path, const std::string& last_id = {})
        : session_(Poco::URI(base).getHost(), Poco::URI(base).getPort()) {
        session_.setTimeout(Poco::Timespan(30, 0));
        Poco::Net::HTTPRequest request("GET", path, "HTTP/1.1");
        if (!last_id.empty()) request.set("Last-Event-ID", last_id);
        session_.sendRequest(request);
        stream_ = &session_.receiveResponse(response_);
    }
    int status() const { return response_.getStatus(); }
    std::string type() const { return response_.getContentType(); }

    /// The next event; none at the stream's end.
    std::optional<Event> next() {
        Event event;
        for (std::string line; std::getline(*stream_, line);) {
            if (line.empty() && !event.id.empty()) return event;
            if (line.rfind("id: ", 0) == 0) event.id = line.substr(4);
            if (line.rfind("event: ", 0) == 0) event.name = line.substr(7);
            if (line.rfind("data: ", 0) == 0) event.data = line.substr(6);
        }
        return {};
    }

  private:
    Poco::Net::HTTPClientSession session_;
    Poco::Net::HTTPResponse response_;
    std::istream* stream_ = nullptr;
};

World& open_world() {
    static World world([] {
        WorldOptions options;
        options.clients = false;
        return options;
    }());
    static const bool started = [] {
        world.start_standin();
        world.start();
        return true;
    }();
    (void)started;
    return world;
}

void log(World& world, const std::string& run, const std::string& message,
         const std::string& end = {}) {
    const std::string body = R"({"message":")" + message + "\"" +
                             (end.empty() ? "" : R"(,"terminationStatus":")" + end + "\"") + "}";
    REQUIRE(world.as("", "POST", "/v1/actions/runs/" + run + "/logs", body).status == 201);
}

}  // namespace

TEST_CASE("events: a listener killed in the middle resumes with nothing missing and nothing twice",
          "[integration]") {
    World& world = open_world();
    const std::string run = world.invoke("resume");
    world.await(run, {"accepted"});
    const std::string path = "/v1/actions/runs/" + run + "/events";

    Listener steady(world.url(), path);
    CHECK(steady.type() == "text/event-stream");
    REQUIRE(steady.next()->name == "run");
    std::vector<std::string> resumed;
    std::string last;
    {
        Listener killed(world.url(), path);
        REQUIRE(killed.next()->name == "run");
        for (int i = 0; i < 3; ++i)
            log(world, run, "line " + std::to_string(i));
        for (int i = 0; i < 2; ++i) {
            const auto event = killed.next();
            REQUIRE(event);
            last = event->id;
            resumed.push_back(event->id + " " + event->data);
        }
    }
    for (int i = 3; i < 6; ++i)
        log(world, run, "line " + std::to_string(i));
    Listener again(world.url(), path, last);
    for (int i = 6; i < 8; ++i)
        log(world, run, "line " + std::to_string(i));
    log(world, run, "done", "SUCCESS");

    while (const auto event = again.next())
        resumed.push_back(event->id + " " + event->data);
    std::vector<std::string> whole;
    while (const auto event = steady.next())
        whole.push_back(event->id + " " + event->data);
    REQUIRE(whole.size() == 9);
    CHECK(resumed == whole);
    CHECK(whole.back().find("\"kind\":\"finished\"") != std::string::npos);
}

TEST_CASE("events: a finished run's stream is its state and ends", "[integration]") {
    World& world = open_world();
    const std::string run = world.invoke("over");
    world.await(run, {"accepted"});
    log(world, run, "done", "FAILURE");
    const std::string path = "/v1/actions/runs/" + run + "/events";
    Listener listener(world.url(), path);
    const auto only = listener.next();
    REQUIRE(only);
    CHECK(only->name == "run");
    CHECK(only->data.find("\"status\":\"FAILURE\"") != std::string::npos);
    CHECK_FALSE(listener.next());
}

TEST_CASE("events: who has seen a run's last event is told that there is no more",
          "[integration]") {
    World& world = open_world();
    const std::string run = world.invoke("seen");
    world.await(run, {"accepted"});
    const std::string path = "/v1/actions/runs/" + run + "/events";
    Listener listener(world.url(), path);
    log(world, run, "done", "SUCCESS");
    std::string last;
    while (const auto event = listener.next())
        last = event->id;
    CHECK(Listener(world.url(), path, last).status() == 204);
}

TEST_CASE("events: an id of another start begins with the run as it stands", "[integration]") {
    World& world = open_world();
    const std::string run = world.invoke("stranger");
    world.await(run, {"accepted"});
    Listener listener(world.url(), "/v1/actions/runs/" + run + "/events", "7");
    const auto first = listener.next();
    REQUIRE(first);
    CHECK(first->name == "run");
    CHECK(first->data.find(run) != std::string::npos);
}

TEST_CASE("events: the stream of all runs tells of each", "[integration]") {
    World& world = open_world();
    Listener listener(world.url(), "/v1/events");
    const std::string run = world.invoke("all");
    const auto first = listener.next();
    REQUIRE(first);
    CHECK(first->name == "accepted");
    CHECK(first->data.find(run) != std::string::npos);
}

TEST_CASE("events: an unknown run and an id that is none are refused", "[integration]") {
    World& world = open_world();
    CHECK(world.as("", "GET", "/v1/actions/runs/r_nothing/events").status == 404);
    CHECK(world.as("", "GET", "/v1/events", "", {{"Last-Event-ID", "x"}}).status == 400);
}
