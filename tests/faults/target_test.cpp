// Targets that misbehave on the wire, through a whole Signalbox: what the run says afterwards, and
// how often the request arrived.
#include <sys/socket.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "support/raw_target.hpp"
#include "support/world.hpp"

using namespace signalbox::test;
using Socket = Poco::Net::StreamSocket;

namespace {

/// Returns once a whole request stands in the socket's receive queue, and leaves it there.
void await_unread_request(RawTarget& target, Socket& socket) {
    std::string bytes(64 * 1024, '\0');
    while (!target.ending()) {
        const int count =
            socket.receiveBytes(bytes.data(), static_cast<int>(bytes.size()), MSG_PEEK);
        const std::string_view seen(bytes.data(), static_cast<std::size_t>(std::max(0, count)));
        const std::string_view field = "Content-Length: ";
        const std::size_t head_end = seen.find("\r\n\r\n");
        const std::size_t length = seen.find(field);
        if (head_end != std::string_view::npos && length < head_end) {
            const std::string body_bytes(seen.substr(length + field.size()));
            if (seen.size() == head_end + 4 + std::stoul(body_bytes)) return;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

struct Fault {
    const char* name;
    RawTarget::Script once;  ///< what is done to the first connection
    bool arrives = true;     ///< the request is read whole before it
};

const std::vector<Fault>& faults_after_the_request() {
    static const std::vector<Fault> all = {
        {"hangs before it reads",
         [](RawTarget& target, Socket&, int) {
             while (!target.ending())
                 std::this_thread::sleep_for(std::chrono::milliseconds(10));
         },
         false},
        {"resets with the request unread",
         [](RawTarget& target, Socket& socket, int) {
             await_unread_request(target, socket);
             RawTarget::reset(socket);
         },
         false},
        {"hangs after the body",
         [](RawTarget& target, Socket& socket, int) {
             target.read_request(socket);
             target.hang(socket);
         }},
        {"resets after the body",
         [](RawTarget& target, Socket& socket, int) {
             target.read_request(socket);
             RawTarget::reset(socket);
         }},
        {"closes after the body",
         [](RawTarget& target, Socket& socket, int) { target.read_request(socket); }},
        {"drips a reply for ever",
         [](RawTarget& target, Socket& socket, int) {
             target.read_request(socket);
             RawTarget::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n");
             while (!target.ending()) {
                 RawTarget::send(socket, "x");
                 std::this_thread::sleep_for(std::chrono::milliseconds(20));
             }
         }},
        {"truncates its reply",
         [](RawTarget& target, Socket& socket, int) {
             target.read_request(socket);
             RawTarget::send(socket, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nten bytes.");
         }},
        {"answers garbage",
         [](RawTarget& target, Socket& socket, int) {
             target.read_request(socket);
             RawTarget::send(socket, "220 mail.example ESMTP\r\n\r\n");
         }},
        {"answers a head without end",
         [](RawTarget& target, Socket& socket, int) {
             target.read_request(socket);
             RawTarget::send(socket, "HTTP/1.1 200 OK\r\nX-Long: " + std::string(100'000, 'x'));
             target.hang(socket);
         }},
    };
    return all;
}

RawTarget::Script once_then_accept(const RawTarget::Script& once) {
    return [once](RawTarget& target, Socket& socket, int nth) {
        if (nth == 0) return once(target, socket, nth);
        if (!target.read_request(socket).empty()) RawTarget::accept(socket);
    };
}

WorldOptions short_deadline(const std::string& on_unknown) {
    WorldOptions options;
    options.timeout = "400ms";
    options.on_unknown = on_unknown;
    return options;
}

}  // namespace

TEST_CASE("faults: under hold a target that breaks off once it may have the request is asked once",
          "[faults]") {
    for (const Fault& fault : faults_after_the_request()) {
        INFO("the target " << fault.name);
        RawTarget target(once_then_accept(fault.once));
        World world(short_deadline("hold"));
        world.use_target(target.url());
        world.start();
        const std::string id = world.invoke("x");
        const Called run = world.await(id, {"held", "accepted", "finished"});
        CHECK(run.text("run.phase") == "held");
        CHECK(run.text("run.attempts.0.outcome") == "effect_unknown");
        CHECK(run.text("run.attempts.1.outcome").empty());
        CHECK(target.received().size() == (fault.arrives ? 1 : 0));
        CHECK(target.connections() == 1);
        // A person looks at the target and decides.
        world.as("ops", "POST", "/v1/actions/runs/" + id + "/redeliver");
        CHECK(world.await(id, {"accepted"}).text("run.phase") == "accepted");
        CHECK(target.received().size() == (fault.arrives ? 2 : 1));
        world.kill();
    }
}

TEST_CASE("faults: under resend a target that breaks off is asked again with the same bytes",
          "[faults]") {
    for (const Fault& fault : faults_after_the_request()) {
        INFO("the target " << fault.name);
        RawTarget target(once_then_accept(fault.once));
        World world(short_deadline("resend"));
        world.use_target(target.url());
        world.start();
        const std::string id = world.invoke("x");
        const Called run = world.await(id, {"held", "accepted", "finished"});
        CHECK(run.text("run.phase") == "accepted");
        CHECK(run.text("run.attempts.0.outcome") == "effect_unknown");
        CHECK(run.text("run.attempts.1.outcome") == "accepted");
        const auto received = target.received();
        REQUIRE(received.size() == (fault.arrives ? 2 : 1));
        CHECK(received.front() == received.back());
        CHECK(received.front().find(id) != std::string::npos);
        world.kill();
    }
}

TEST_CASE("faults: a target that resets at once is never asked twice under hold", "[faults]") {
    // Whether the kernel took the last byte before the reset came is a matter of luck, and so is
    // the phase; what is not is that the request does not arrive twice and is not lost.
    RawTarget target(
        once_then_accept([](RawTarget&, Socket& socket, int) { RawTarget::reset(socket); }));
    World world(short_deadline("hold"));
    world.use_target(target.url());
    world.start();
    const std::string id = world.invoke("x");
    const Called run = world.await(id, {"held", "accepted", "finished"});
    if (run.text("run.phase") == "held") {
        CHECK(target.received().empty());
        CHECK(run.text("run.attempts.0.outcome") == "effect_unknown");
    } else {
        CHECK(run.text("run.phase") == "accepted");
        CHECK(run.text("run.attempts.0.outcome") == "retryable");
        CHECK(target.received().size() == 1);
    }
}

TEST_CASE("faults: a target that refuses for a while is asked until it is there and gets it once",
          "[faults]") {
    const std::uint16_t port = free_port();
    WorldOptions options;
    options.retry = "{ attempts: 100, first: 20ms, factor: 1, cap: 1s, jitter: 0 }";
    World world(options);
    world.use_target("http://127.0.0.1:" + std::to_string(port));
    world.start();
    const std::string id = world.invoke("x");
    Called run;
    do {
        run = world.await(id, {"retrying"});
    } while (run.text("run.attempts.1.outcome").empty());
    CHECK(run.text("run.attempts.0.outcome") == "retryable");
    RawTarget target(
        [](RawTarget& self, Socket& socket, int) {
            if (!self.read_request(socket).empty()) RawTarget::accept(socket);
        },
        port);
    CHECK(world.await(id, {"accepted", "held"}).text("run.phase") == "accepted");
    CHECK(target.received().size() == 1);
    world.kill();
}

TEST_CASE("faults: a target that closes its idle connections gets every run once", "[faults]") {
    // Each connection serves one request, keeps alive by its word, and is closed.
    RawTarget target([](RawTarget& self, Socket& socket, int) {
        if (!self.read_request(socket).empty()) RawTarget::accept(socket);
    });
    World world(short_deadline("hold"));
    world.use_target(target.url());
    world.start();
    for (int i = 0; i < 20; ++i) {
        const std::string id = world.invoke("r" + std::to_string(i));
        const Called run = world.await(id, {"accepted", "held", "finished"});
        INFO(run.body);
        CHECK(run.text("run.phase") == "accepted");
        CHECK(run.text("run.attempts.1.outcome").empty());
        // Otherwise the next request may cross the close on its way, and is rightly held.
        while (target.closed() <= i)
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    CHECK(target.received().size() == 20);
    world.kill();
}
