#include <catch2/catch.hpp>
#include <memory>
#include <string>

#include "base/limits.hpp"
#include "net/server.hpp"
#include "server_fixture.hpp"

using namespace signalbox::net;
using namespace signalbox::net::test;
namespace limits = signalbox::limits;

namespace {

/// A peer that has asked for a stream and reads nothing of it yet.
struct Streaming {
    ServerFixture fixture;
    std::shared_ptr<ReplyStream> stream;
    Peer peer;

    Streaming() : peer(fixture.connect_and_wait(1)) {
        fixture.answer = [this](const Request&, const Respond& respond) {
            Response response;
            response.stream = [this](std::shared_ptr<ReplyStream> begun) {
                stream = std::move(begun);
            };
            respond(std::move(response));
        };
        peer.send_all_the_way(get());
        fixture.thread.catch_up();
    }
    ~Streaming() {
        fixture.thread.run([this] { stream.reset(); });
    }
    bool write(std::size_t bytes) {
        bool written = false;
        fixture.thread.run(
            [&] { written = stream && stream->write(std::string(bytes, 'x')); });
        return written;
    }
};

}  // namespace

TEST_CASE("net: a stream takes as many bytes as may wait and arrives whole", "[net]") {
    Streaming streaming;
    CHECK(streaming.write(limits::http_stream_bytes_max));
    streaming.fixture.thread.run([&] { streaming.stream->end(); });
    const std::string reply = streaming.peer.read_to_end();
    CHECK(status_of(reply) == 200);
    std::size_t arrived = 0;
    for (const char c : reply.substr(reply.find("\r\n\r\n")))
        arrived += c == 'x' ? 1U : 0U;
    CHECK(arrived == limits::http_stream_bytes_max);
}

TEST_CASE("net: a byte more than may wait ends the stream's connection", "[net]") {
    Streaming streaming;
    CHECK_FALSE(streaming.write(limits::http_stream_bytes_max + 1));
    CHECK(streaming.fixture.eventually_connections(0));
    CHECK_FALSE(streaming.write(1));
}

TEST_CASE("net: a peer that reads nothing is left behind once its share is full", "[net]") {
    Streaming streaming;
    std::size_t writes = 0;
    // What the kernel takes comes on top, and is not without end either.
    while (streaming.write(64 * limits::kib) && writes < 10'000)
        ++writes;
    CHECK(writes >= limits::http_stream_bytes_max / (64 * limits::kib) - 1);
    CHECK(writes < 10'000);
    CHECK(streaming.fixture.eventually_connections(0));
}
