#include "net/server.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/ServerSocket.h>
#include <Poco/Net/SocketAddress.h>
#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <unordered_map>
#include <vector>

#include "net/address.hpp"
#include "net/background.hpp"
#include "net/connection.hpp"
#include "net/server_core.hpp"
#include "net/tls_context.hpp"
#include "net/write.hpp"

namespace signalbox::net {
namespace {

constexpr int kBacklog = 1024;
constexpr int kAcceptsPerRound = 64;

}  // namespace

class Server::Impl final : public ServerCore {
  public:
    using ServerCore::ServerCore;
    ~Impl() override {
        close_listener();
        abort();
    }

    Result<Done> listen();
    std::uint16_t port() const { return port_; }
    std::size_t connections() const { return connections_.size(); }
    void stop_accepting();
    void abort();

    void closed(Connection& connection) override;
    void became_idle() override { resume(); }
    std::string_view date() override;

  private:
    Result<Done> set_up_tls();
    void accept_waiting();
    bool accept_one();
    bool evict_idle();
    void admit(int descriptor, const Address& address);
    void turn_away(int descriptor);
    void pause();
    void resume();
    void close_listener();
    std::vector<std::shared_ptr<Connection>> all() const;

    std::optional<Background> background_;  // reads the TLS files anew
    Poco::Net::ServerSocket listener_;
    int listener_descriptor_ = -1;
    std::uint16_t port_ = 0;
    bool paused_ = false;
    TimerId retry_timer_ = 0;
    std::unordered_map<int, std::shared_ptr<Connection>> connections_;  // by descriptor
    std::unordered_map<std::string, std::size_t> per_address_;
    std::int64_t date_s_ = -1;
    std::string date_;
};

Result<Done> Server::Impl::set_up_tls() {
    const ServerTls files = *options.tls;
    std::vector<std::string> watched = {files.certificate_file, files.key_file};
    if (!files.client_ca_file.empty()) watched.push_back(files.client_ca_file);
    background_.emplace(loop, 1);
    tls = std::make_unique<FreshContext>(*background_, loop.clock(), options.log, watched,
                                         [files] { return make_server_context(files); });
    tls->look_now();
    if (tls->problem().empty()) return Done{};
    return Error{"tls_failed", tls->problem()};
}

Result<Done> Server::Impl::listen() {
    if (options.tls) {
        if (auto ready = set_up_tls(); !ready) return ready;
    }
    std::string host = options.host;
    if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
        host = host.substr(1, host.size() - 2);
    }
    try {
        const Poco::Net::SocketAddress address(host, options.port);
        // The forms with one flag fewer would also set SO_REUSEPORT, and a second server on the
        // same port would then share its connections in silence.
        if (address.family() == Poco::Net::SocketAddress::IPv6) {
            listener_.bind6(address, true, false, true);
        } else {
            listener_.bind(address, true, false);
        }
        listener_.listen(kBacklog);
        listener_.setBlocking(false);
        port_ = listener_.address().port();
    } catch (const Poco::Exception& problem) {
        listener_.close();
        return Error{"listen_failed", "Cannot listen on " + options.host + ":" +
                                          std::to_string(options.port) + ": " +
                                          problem.displayText() +
                                          ". Choose a free port and an address of this machine."};
    }
    listener_descriptor_ = listener_.impl()->sockfd();
    fcntl(listener_descriptor_, F_SETFD, FD_CLOEXEC);
    loop.watch(listener_descriptor_, EPOLLIN, [this](std::uint32_t) { accept_waiting(); });
    return Done{};
}

void Server::Impl::accept_waiting() {
    // At the limit somebody is waiting, or this would not run: the one that is idle longest makes
    // room.
    if (connections_.size() >= options.connections_max && !evict_idle()) return pause();
    for (int i = 0; i < kAcceptsPerRound; ++i) {
        if (connections_.size() >= options.connections_max || !accept_one()) return;
    }
}

/// False when this round is over.
bool Server::Impl::accept_one() {
    sockaddr_storage peer{};
    socklen_t bytes = sizeof peer;
    const int descriptor = accept4(listener_descriptor_, reinterpret_cast<sockaddr*>(&peer), &bytes,
                                   SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (descriptor >= 0) {
        admit(descriptor, Address(reinterpret_cast<const sockaddr*>(&peer)));
        return true;
    }
    if (errno == EAGAIN) return false;
    if (errno != EMFILE && errno != ENFILE && errno != ENOBUFS && errno != ENOMEM) {
        return true;  // that one has gone before it was accepted
    }
    if (evict_idle()) return true;
    // The listening socket stays ready, so watching it on would spin.
    pause();
    if (retry_timer_ == 0) {
        retry_timer_ = loop.at(loop.clock().steady_ms() + limits::http_accept_retry_ms, [this] {
            retry_timer_ = 0;
            resume();
        });
    }
    return false;
}

bool Server::Impl::evict_idle() {
    if (idle.empty()) return false;
    idle.front()->close();
    return true;
}

void Server::Impl::admit(int descriptor, const Address& address) {
    const std::string peer = address.host();
    if (options.per_address_max > 0) {
        std::size_t& count = per_address_[peer];
        if (count >= options.per_address_max) return turn_away(descriptor);
        ++count;
    }
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    auto connection = std::make_shared<Connection>(
        *this, Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(descriptor)), peer);
    connections_.emplace(descriptor, connection);
    connection->start();
}

void Server::Impl::turn_away(int descriptor) {
    // One send and a close: a peer over its share gets no state of ours to hold.
    const Response response =
        handler.refuse(503, "too_many_connections",
                       "This address has as many connections open as it may; close one.");
    std::string reply;
    append_reply(reply, response, {false, true, false, date()});
    recv(descriptor, buffers.scratch(), Buffers::scratch_bytes, 0);
    send(descriptor, reply.data(), reply.size(), MSG_NOSIGNAL);
    ::close(descriptor);
}

void Server::Impl::pause() {
    if (paused_ || listener_descriptor_ < 0) return;
    paused_ = true;
    loop.change(listener_descriptor_, 0);
}

void Server::Impl::resume() {
    if (!paused_ || listener_descriptor_ < 0) return;
    paused_ = false;
    loop.change(listener_descriptor_, EPOLLIN);
}

void Server::Impl::closed(Connection& connection) {
    if (options.per_address_max > 0) {
        const auto found = per_address_.find(connection.peer());
        if (found != per_address_.end() && --found->second == 0) per_address_.erase(found);
    }
    connections_.erase(connection.descriptor());
    resume();
}

std::vector<std::shared_ptr<Connection>> Server::Impl::all() const {
    std::vector<std::shared_ptr<Connection>> result;
    result.reserve(connections_.size());
    for (const auto& [descriptor, connection] : connections_)
        result.push_back(connection);
    return result;
}

void Server::Impl::stop_accepting() {
    stopping = true;
    close_listener();
    for (const auto& connection : all())
        connection->finish();
}

void Server::Impl::abort() {
    for (const auto& connection : all())
        connection->close();
}

void Server::Impl::close_listener() {
    loop.cancel(retry_timer_);
    if (listener_descriptor_ < 0) return;
    loop.forget(listener_descriptor_);
    listener_descriptor_ = -1;
    listener_.close();
}

std::string_view Server::Impl::date() {
    const std::int64_t now_s = loop.clock().wall_ms() / 1'000;
    if (now_s != date_s_) {
        date_s_ = now_s;
        date_ = http_date(now_s);
    }
    return date_;
}

Server::Server(Loop& loop, Handler& handler, ServerOptions options)
    : impl_(std::make_shared<Impl>(loop, handler, std::move(options))) {}
Server::~Server() = default;

Result<Done> Server::listen() {
    return impl_->listen();
}
std::uint16_t Server::port() const {
    return impl_->port();
}
void Server::stop_accepting() {
    impl_->stop_accepting();
}
std::size_t Server::connections() const {
    return impl_->connections();
}
void Server::abort() {
    impl_->abort();
}

}  // namespace signalbox::net
