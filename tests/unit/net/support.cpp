#include "support.hpp"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <catch2/catch.hpp>
#include <cerrno>
#include <stdexcept>
#include <utility>

namespace signalbox::net::test {
namespace {

constexpr int kPatienceS = 60;

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(port);
    return address;
}

int listen_on_any(std::uint16_t& port) {
    const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t bytes = sizeof address;
    if (bind(descriptor, reinterpret_cast<sockaddr*>(&address), bytes) != 0 ||
        listen(descriptor, 64) != 0 ||
        getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &bytes) != 0) {
        throw std::runtime_error("the test cannot listen on 127.0.0.1");
    }
    port = ntohs(address.sin_port);
    return descriptor;
}

}  // namespace

LoopThread::LoopThread(Loop::Fault told) : loop(clock) {
    if (told) loop.on_fault(std::move(told));
    thread_ = std::thread([this] { loop.run(); });
}

LoopThread::~LoopThread() {
    loop.stop();
    thread_.join();
}

void LoopThread::run(const std::function<void()>& call) {
    std::promise<void> done;
    loop.post([&] {
        call();
        done.set_value();
    });
    done.get_future().get();
}

void LoopThread::catch_up() {
    for (int i = 0; i < 5; ++i)
        run([] {});
}

void LoopThread::advance(std::int64_t by_ms) {
    clock.advance(by_ms);
    catch_up();
}

bool LoopThread::eventually(const std::function<bool()>& condition) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(kPatienceS);
    while (std::chrono::steady_clock::now() < give_up) {
        bool holds = false;
        run([&] { holds = condition(); });
        if (holds) return true;
        std::this_thread::yield();
    }
    return false;
}

Peer::Peer(int descriptor) : descriptor_(descriptor) {
    const timeval patience{kPatienceS, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    setsockopt(descriptor_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
}

Peer Peer::to(std::uint16_t port) {
    Peer peer(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
    peer.connect_to(port);
    return peer;
}

void Peer::connect_to(std::uint16_t port) {
    const sockaddr_in address = loopback(port);
    if (connect(descriptor_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
        throw std::runtime_error("the test cannot connect");
    }
}

Peer::Peer(Peer&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)), ahead_(std::move(other.ahead_)) {}

Peer::~Peer() {
    close();
}

void Peer::close() {
    if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
}

void Peer::reset() {
    const linger at_once{1, 0};
    setsockopt(descriptor_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
}

void Peer::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count <= 0) return;  // the other side is gone, which the test sees by what it reads
        bytes.remove_prefix(static_cast<std::size_t>(count));
    }
}

void Peer::send_all_the_way(std::string_view bytes) {
    send(bytes);
    int left = 1;
    while (left > 0) {
        if (ioctl(descriptor_, SIOCOUTQ, &left) != 0) return;
        std::this_thread::yield();
    }
}

std::string Peer::read(std::size_t count) {
    std::array<char, 16'384> buffer;
    while (ahead_.size() < count) {
        const auto got = recv(descriptor_, buffer.data(), buffer.size(), 0);
        if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) {
            throw std::runtime_error("nothing was received; so far: " + ahead_);
        }
        if (got <= 0) return std::exchange(ahead_, {});
        ahead_.append(buffer.data(), static_cast<std::size_t>(got));
    }
    std::string result = ahead_.substr(0, count);
    ahead_.erase(0, count);
    return result;
}

std::string Peer::read_to_end() {
    return read(std::string::npos / 2);
}

std::string Peer::read_message() {
    std::string message;
    while (message.find("\r\n\r\n") == std::string::npos) {
        const std::string more = read(1);
        if (more.empty()) return message;
        message += more;
    }
    const std::size_t at = message.find("Content-Length: ");
    if (at == std::string::npos) return message;
    return message + read(std::stoul(message.substr(at + 16)));
}

void Peer::end_sending() {
    shutdown(descriptor_, SHUT_WR);
}

ScriptedServer::ScriptedServer(std::size_t connections,
                               std::function<void(Peer, std::size_t)> script)
    : descriptor_(listen_on_any(port_)) {
    thread_ = std::thread([descriptor = descriptor_, connections, script = std::move(script)] {
        for (std::size_t i = 0; i < connections; ++i) {
            const int accepted = accept4(descriptor, nullptr, nullptr, SOCK_CLOEXEC);
            if (accepted < 0) return;
            try {
                script(Peer(accepted), i);
            } catch (const std::runtime_error&) {
                return;  // the client never sent what the script waits for; the test sees its side
            }
        }
    });
}

ScriptedServer::ScriptedServer(Script script)
    : ScriptedServer(
          1, [script = std::move(script)](Peer peer, std::size_t) { script(std::move(peer)); }) {}

ScriptedServer::~ScriptedServer() {
    join();
    ::close(descriptor_);
}

void ScriptedServer::join() {
    if (!thread_.joinable()) return;
    shutdown(descriptor_, SHUT_RDWR);  // ends an accept nobody will satisfy
    thread_.join();
}

std::string ScriptedServer::url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port_) + path;
}

std::uint16_t closed_port() {
    std::uint16_t port = 0;
    ::close(listen_on_any(port));
    return port;
}

}  // namespace signalbox::net::test
