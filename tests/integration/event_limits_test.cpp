// Event streams at their limits: as many as may be open, and a listener that does not keep up.
#include <Poco/Net/NetException.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/URI.h>

#include <catch2/catch.hpp>
#include <memory>
#include <vector>

#include "support/world.hpp"

using namespace signalbox::test;

namespace {

constexpr std::size_t kStreamsMax = 256;

WorldOptions without_clients() {
    WorldOptions options;
    options.clients = false;
    return options;
}

/// A listener on a bare socket: it reads when it is told to.
class Listener {
  public:
    Listener(const World& world, const std::string& path, const std::string& last_id = {}) {
        const Poco::URI url(world.url());
        socket_.connect({url.getHost(), url.getPort()});
        socket_.setReceiveTimeout(Poco::Timespan(30, 0));
        const std::string request = "GET " + path + " HTTP/1.1\r\nHost: " + url.getAuthority() +
                                    "\r\n" +
                                    (last_id.empty() ? "" : "Last-Event-ID: " + last_id + "\r\n") +
                                    "\r\n";
        socket_.sendBytes(request.data(), static_cast<int>(request.size()));
    }
    /// "HTTP/1.1 200"; then the rest is left to read.
    std::string begin() {
        while (text_.size() < 12 && more()) {
        }
        return text_.substr(0, 12);
    }
    /// All that comes until the connection ends, without the marks of its chunks.
    std::string rest() {
        while (more()) {
        }
        return text_;
    }

  private:
    bool more() {
        char bytes[16 * 1024];
        int count = 0;
        try {
            count = socket_.receiveBytes(bytes, sizeof bytes);
        } catch (const Poco::Net::NetException&) {
            return false;  // reset: what came before it is there
        }
        if (count <= 0) return false;
        text_.append(bytes, static_cast<std::size_t>(count));
        return true;
    }
    Poco::Net::StreamSocket socket_;
    std::string text_;
};

double listeners(World& world) {
    const std::string figures = world.as("", "GET", "/metrics").body;
    const std::string name = "\nsignalbox_event_listeners ";
    return std::stod(figures.substr(figures.find(name) + name.size()));
}

void log(World& world, const std::string& run, const std::string& message,
         const std::string& end = {}) {
    const std::string body = R"({"message":")" + message + "\"" +
                             (end.empty() ? "" : R"(,"terminationStatus":")" + end + "\"") + "}";
    REQUIRE(world.as("", "POST", "/v1/actions/runs/" + run + "/logs", body).status == 201);
}

/// Of the events that came whole: the last one's id, and the numbers of their log lines.
struct Seen {
    std::string last_id;
    std::vector<int> lines;

    void take(const std::string& text) {
        for (std::size_t at = text.find("id: "); at != std::string::npos;) {
            const std::size_t next = text.find("\nid: ", at);
            const std::string event =
                text.substr(at, next == std::string::npos ? next : next + 1 - at);
            at = next == std::string::npos ? next : next + 1;
            // The last event may have been cut off; a whole one ends with an empty line.
            if (event.find("}\n\n") == std::string::npos) break;
            last_id = event.substr(4, event.find('\n') - 4);
            const std::string mark = "\"message\":\"line ";
            const std::size_t line = event.find(mark);
            if (line != std::string::npos) lines.push_back(std::stoi(event.substr(line + mark.size())));
        }
    }
};

}  // namespace

TEST_CASE("events: as many streams as may be open are, one more is refused until one has ended",
          "[integration]") {
    World world(without_clients());
    world.start_standin();
    world.start();
    std::vector<std::unique_ptr<Listener>> open;
    for (std::size_t i = 0; i < kStreamsMax; ++i) {
        open.push_back(std::make_unique<Listener>(world, "/v1/events"));
        REQUIRE(open.back()->begin() == "HTTP/1.1 200");
    }
    CHECK(listeners(world) == kStreamsMax);
    const Called refused = world.as("", "GET", "/v1/events");
    CHECK(refused.status == 503);
    CHECK(refused.text("error") == "too_many_listeners");
    open.pop_back();
    // Its end is seen when the server next looks at the connection.
    while (listeners(world) == kStreamsMax) {
    }
    CHECK(Listener(world, "/v1/events").begin() == "HTTP/1.1 200");
}

TEST_CASE("events: a listener that does not keep up is dropped and resumes with nothing missing",
          "[integration]") {
    World world(without_clients());
    world.start_standin();
    world.start();
    const std::string run = world.invoke("slow");
    world.await(run, {"accepted"});
    const std::string path = "/v1/actions/runs/" + run + "/events";
    Listener slow(world, path);
    REQUIRE(slow.begin() == "HTTP/1.1 200");
    const std::string padding(60 * 1024, 'p');
    int lines = 0;
    while (listeners(world) == 1) {
        log(world, run, "line " + std::to_string(lines++) + " " + padding);
        REQUIRE(lines < 1'000);
    }
    Seen seen;
    seen.take(slow.rest());
    REQUIRE(!seen.last_id.empty());
    CHECK(seen.lines.size() < static_cast<std::size_t>(lines));
    log(world, run, "line " + std::to_string(lines++), "SUCCESS");
    for (int times = 0; times < 100 && seen.lines.size() < static_cast<std::size_t>(lines); ++times)
        seen.take(Listener(world, path, seen.last_id).rest());
    std::vector<int> expected;
    for (int i = 0; i < lines; ++i)
        expected.push_back(i);
    CHECK(seen.lines == expected);
}
