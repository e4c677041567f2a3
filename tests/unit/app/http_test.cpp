#include "app/client/http.hpp"

#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>

#include <catch2/catch.hpp>
#include <thread>

#include "unit/app/server_double.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;

namespace {

/// Answers one connection with exact bytes after the head of the request came, and closes it.
class RawServer {
  public:
    explicit RawServer(std::string answer)
        : socket_(Poco::Net::SocketAddress("127.0.0.1", 0)), thread_([this, answer] {
              Poco::Net::StreamSocket connection = socket_.acceptConnection();
              char byte = 0;
              while (!contains(received_, "\r\n\r\n") && connection.receiveBytes(&byte, 1) == 1) {
                  received_ += byte;
              }
              std::size_t sent = 0;
              try {
                  while (sent < answer.size()) {
                      sent += static_cast<std::size_t>(connection.sendBytes(
                          answer.data() + sent, static_cast<int>(answer.size() - sent)));
                  }
                  connection.shutdownSend();
              } catch (const Poco::Exception&) {
                  // The client may have read enough and gone.
              }
          }) {}
    ~RawServer() { finish(); }
    std::string url() const {
        return "http://127.0.0.1:" + std::to_string(socket_.address().port());
    }
    const std::string& finish() {
        if (thread_.joinable()) thread_.join();
        return received_;
    }

  private:
    Poco::Net::ServerSocket socket_;
    std::string received_;
    std::thread thread_;
};

Result<HttpReply> get(const std::string& url) {
    static const test::FakeClock clock;
    const auto server = parse_server(url);
    REQUIRE(server.ok());
    return exchange(*server, {"GET", "/v1/x?y=1", {}, ""}, clock);
}

}  // namespace

TEST_CASE("app: a server address is a scheme and a host with an optional port and prefix",
          "[app]") {
    const auto plain = parse_server("http://127.0.0.1:8080");
    REQUIRE(plain.ok());
    CHECK_FALSE(plain->tls);
    CHECK(plain->host == "127.0.0.1");
    CHECK(plain->port == 8080);
    CHECK(plain->path_prefix.empty());
    const auto tls = parse_server("https://signalbox.example/dispatch/");
    REQUIRE(tls.ok());
    CHECK(tls->tls);
    CHECK(tls->port == 443);
    CHECK(tls->path_prefix == "/dispatch");
    CHECK(parse_server("http://[::1]:80/")->host == "::1");
}

TEST_CASE("app: what is no server address is refused without repeating it", "[app]") {
    const std::string url =
        GENERATE("", "127.0.0.1:8080", "ftp://host", "http://", "http://user:hunter2@host",
                 "http://host?hunter2", "http://host#hunter2", "host", "http://host:99999999");
    INFO(url);
    const auto server = parse_server(url);
    REQUIRE_FALSE(server.ok());
    CHECK(server.error().code == "usage");
    CHECK_FALSE(contains(server.error().message, "hunter2"));
}

TEST_CASE("app: an exchange sends one request and closes", "[app]") {
    RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}");
    const auto reply = get(server.url() + "/prefix");
    REQUIRE(reply.ok());
    CHECK(reply->status == 200);
    CHECK(reply->body == "{}");
    const std::string& received = server.finish();
    CHECK(received.starts_with("GET /prefix/v1/x?y=1 HTTP/1.1\r\n"));
    CHECK(contains(received, "Connection: Close\r\n"));
    CHECK(contains(received, "User-Agent: signalbox-cli/"));
    CHECK_FALSE(contains(received, "Content-Length"));
}

TEST_CASE("app: a refused connection says what to start", "[app]") {
    Poco::Net::ServerSocket closed(Poco::Net::SocketAddress("127.0.0.1", 0));
    const std::string url = "http://127.0.0.1:" + std::to_string(closed.address().port());
    closed.close();
    const auto reply = get(url);
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().code == "unreachable");
    CHECK(contains(reply.error().message, "is `signalbox serve` running?"));
    CHECK(contains(reply.error().message, url));
}

TEST_CASE("app: a reply that is cut short is lost and not taken for whole", "[app]") {
    const std::string answer = GENERATE("", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n{}",
                                        "HTTP/1.1 200 OK\r\nContent-Le", "not http at all\r\n\r\n");
    INFO(answer);
    RawServer server(answer);
    const auto reply = get(server.url());
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().code == "reply_lost");
}

TEST_CASE("app: a reply is taken up to its limit and not one byte more", "[app]") {
    const auto answer = [](std::size_t size) {
        return "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n" +
               std::string(size, 'x');
    };
    RawServer at_limit(answer(kReplyBytesMax));
    const auto whole = get(at_limit.url());
    REQUIRE(whole.ok());
    CHECK(whole->body.size() == kReplyBytesMax);
    RawServer past_limit(answer(kReplyBytesMax + 1));
    const auto refused = get(past_limit.url());
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == "reply_too_large");
}

TEST_CASE("app: an exchange is given up when its time is over", "[app]") {
    // Time passes by itself here: each look at the clock finds half a minute gone.
    class RunningClock final : public Clock {
      public:
        std::int64_t wall_ms() const override { return 0; }
        std::int64_t steady_ms() const override { return now_ms += 30'001; }
        std::int64_t steady_us() const override { return 0; }
        mutable std::int64_t now_ms = 0;
    };
    const std::string body(100'000, 'x');
    RawServer server("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n" + body);
    const RunningClock clock;
    const auto reply = exchange(*parse_server(server.url()), {"GET", "/", {}, ""}, clock);
    REQUIRE_FALSE(reply.ok());
    CHECK(reply.error().code == "reply_lost");
    CHECK(contains(reply.error().message, "it takes too long"));
}
