// The two ends of black_hole.sh: targets that note how long a run took to reach them, and callers.
//
//   isolation-load targets FILE
//     A target that answers at once and one that never does; prints their ports on one line. Writes
//     to FILE, for each request that arrived, its tag and the microseconds since it was due to be
//     invoked.
//   isolation-load call URL TAG SECONDS PER_SECOND ACTION…
//     Invokes each action so many times a second, each from a thread of its own.
//
// A request's path is /TAG_MICROSECONDS, on the clock that both programs share. Times count from when
// an invocation was due and not from when it was made, so that a Signalbox that takes long to answer
// cannot make the load smaller.
#include <Poco/Net/HTTPClientSession.h>
#include <Poco/Net/HTTPRequest.h>
#include <Poco/Net/HTTPResponse.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/NullStream.h>
#include <Poco/StreamCopier.h>
#include <Poco/URI.h>

#include <atomic>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;
using Poco::Net::ServerSocket;
using Poco::Net::StreamSocket;

std::int64_t micros(Clock::time_point moment) {
    return std::chrono::duration_cast<std::chrono::microseconds>(moment.time_since_epoch()).count();
}

class Arrivals {
  public:
    explicit Arrivals(const char* file) : file_(file) {}

    /// `head` begins with a request line such as `POST /with_123 HTTP/1.1`.
    void note(const std::string& head) {
        const std::int64_t now = micros(Clock::now());
        const std::size_t from = head.find('/') + 1;
        const std::size_t split = head.find('_', from);
        const std::string tag = head.substr(from, split - from);
        const std::int64_t due = std::stoll(head.substr(split + 1));
        const std::lock_guard lock(mutex_);
        file_ << tag << ' ' << now - due << std::endl;
    }

  private:
    std::mutex mutex_;
    std::ofstream file_;
};

std::size_t body_bytes(const std::string& head) {
    const std::string field = "Content-Length: ";
    const std::size_t at = head.find(field);
    return at == std::string::npos ? 0 : std::stoul(head.substr(at + field.size()));
}

void answer_at_once(StreamSocket socket, Arrivals& arrivals) {
    const std::string reply = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    std::string received;
    char bytes[16 * 1024];
    for (int count = 0; (count = socket.receiveBytes(bytes, sizeof bytes)) > 0;) {
        received.append(bytes, static_cast<std::size_t>(count));
        const std::size_t head_end = received.find("\r\n\r\n");
        if (head_end == std::string::npos) continue;
        const std::size_t whole = head_end + 4 + body_bytes(received.substr(0, head_end));
        if (received.size() < whole) continue;
        arrivals.note(received);
        received.erase(0, whole);
        socket.sendBytes(reply.data(), static_cast<int>(reply.size()));
    }
}

void answer_never(StreamSocket socket) {
    char bytes[16 * 1024];
    while (socket.receiveBytes(bytes, sizeof bytes) > 0) {
    }
}

template <class Serve>
void listen(ServerSocket& server, Serve serve) {
    while (true) {
        StreamSocket socket = server.acceptConnection();
        socket.setNoDelay(true);
        std::thread([socket, serve] {
            try {
                serve(socket);
            } catch (const Poco::Exception&) {
                // The other side went away.
            }
        }).detach();
    }
}

[[noreturn]] void be_targets(const char* file) {
    Arrivals arrivals(file);
    const Poco::Net::SocketAddress any("127.0.0.1", 0);
    ServerSocket healthy(any, 1'024);
    ServerSocket hole(any, 1'024);
    std::cout << healthy.address().port() << ' ' << hole.address().port() << std::endl;
    std::thread([&hole] { listen(hole, answer_never); }).detach();
    listen(healthy, [&arrivals](StreamSocket socket) { answer_at_once(socket, arrivals); });
    std::abort();
}

struct Calls {
    Poco::URI url;
    std::string tag;
    Clock::time_point begin;
    int seconds = 0;
    int per_second = 0;
};

/// How many were not answered with 202.
std::size_t call(const Calls& calls, const std::string& action, Clock::duration offset) {
    Poco::Net::HTTPClientSession session(calls.url.getHost(), calls.url.getPort());
    session.setKeepAlive(true);
    std::size_t refused = 0;
    const auto pause = std::chrono::microseconds(1'000'000 / calls.per_second);
    for (int i = 0; i < calls.seconds * calls.per_second; ++i) {
        const Clock::time_point due = calls.begin + offset + i * pause;
        std::this_thread::sleep_until(due);
        const std::string body = R"({"properties":{"at":")" + calls.tag + "_" +
                                 std::to_string(micros(due)) + "\"}}";
        Poco::Net::HTTPRequest request("POST", "/v1/actions/" + action + "/runs",
                                       Poco::Net::HTTPMessage::HTTP_1_1);
        request.setContentType("application/json");
        request.setContentLength(static_cast<std::streamsize>(body.size()));
        session.sendRequest(request) << body;
        Poco::Net::HTTPResponse response;
        Poco::NullOutputStream nowhere;
        Poco::StreamCopier::copyStream(session.receiveResponse(response), nowhere);
        if (response.getStatus() != Poco::Net::HTTPResponse::HTTP_ACCEPTED) ++refused;
    }
    return refused;
}

int call_all(const Calls& calls, const std::vector<std::string>& actions) {
    std::atomic<std::size_t> refused{0};
    std::vector<std::thread> threads;
    // Spread over the pause between two calls: all at once would measure their own crowd.
    const auto step =
        std::chrono::microseconds(1'000'000 / calls.per_second / static_cast<int>(actions.size()));
    for (std::size_t i = 0; i < actions.size(); ++i) {
        threads.emplace_back([&, i] {
            try {
                refused += call(calls, actions[i], static_cast<int>(i) * step);
            } catch (const Poco::Exception& fault) {
                std::cerr << fault.displayText() << '\n';
                ++refused;
            }
        });
    }
    for (std::thread& thread : threads)
        thread.join();
    if (refused != 0) std::cerr << refused << " invocations were not taken\n";
    return refused == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
    const std::vector<std::string> given(arguments + 1, arguments + count);
    if (given.size() == 2 && given[0] == "targets") be_targets(arguments[2]);
    if (given.size() < 6 || given[0] != "call") {
        std::cerr << "usage: isolation-load targets FILE\n"
                     "       isolation-load call URL TAG SECONDS PER_SECOND ACTION...\n";
        return 2;
    }
    Calls calls{Poco::URI(given[1]), given[2], Clock::now() + std::chrono::milliseconds(100),
                std::stoi(given[3]), std::stoi(given[4])};
    return call_all(calls, {given.begin() + 5, given.end()});
}
