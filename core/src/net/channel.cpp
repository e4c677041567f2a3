#include "net/channel.hpp"

#include <Poco/Exception.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <sys/epoll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <system_error>
#include <utility>

#include "net/tls_trouble.hpp"

namespace signalbox::net {

using Poco::Net::SecureStreamSocket;

namespace {

const char* version_of(const Poco::Net::Session::Ptr& session) {
    if (!session) return "";
    switch (SSL_SESSION_get_protocol_version(session->sslSession())) {
        case TLS1_2_VERSION:
            return "TLSv1.2";
        case TLS1_3_VERSION:
            return "TLSv1.3";
        default:
            return "unknown";
    }
}

}  // namespace

Channel::Channel(Loop& loop, std::string origin, ChannelOwner& owner)
    : loop_(loop), origin_(std::move(origin)), owner_(&owner) {}

Channel::~Channel() {
    if (descriptor_ < 0) return;
    loop_.forget(descriptor_);
    secure_.reset();
    socket_.close();
}

Io Channel::failed(std::string problem) {
    problem_ = std::move(problem);
    return Io::failed;
}

Io Channel::failed_with_errno(int error) {
    return failed(std::generic_category().message(error));
}

Io Channel::connect(const Address& address) {
    address_ = address;
    address_text_ = address.text();
    const int descriptor = socket(address.family(), SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return failed_with_errno(errno);
    descriptor_ = descriptor;
    socket_ = Poco::Net::StreamSocket(new Poco::Net::StreamSocketImpl(descriptor));
    const int on = 1;
    setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool at_once = ::connect(descriptor, address.raw(), address.raw_bytes()) == 0;
    if (!at_once && errno != EINPROGRESS) return failed_with_errno(errno);
    loop_.watch(descriptor, at_once ? EPOLLIN : EPOLLOUT,
                [this](std::uint32_t events) { owner_->on_channel(*this, events); });
    return at_once ? Io::done : Io::again;
}

Io Channel::finish_connecting() {
    int error = 0;
    socklen_t bytes = sizeof error;
    getsockopt(descriptor_, SOL_SOCKET, SO_ERROR, &error, &bytes);
    if (error != 0) return failed_with_errno(error);
    want_write(false);
    return Io::done;
}

void Channel::want_write(bool want) {
    loop_.change(descriptor_, want ? EPOLLIN | EPOLLOUT : EPOLLIN);
}

void Channel::attach(Tls& tls, const std::string& host) {
    // Poco asks its own flag, not the descriptor's, whether to wait inside the handshake.
    socket_.setBlocking(false);
    // An address is no server name (RFC 6066, section 3).
    const bool is_name = !Address::parse(host, 0);
    secure_ = SecureStreamSocket::attach(socket_, is_name ? host : std::string(), tls.context(),
                                         tls.session(origin_));
}

Io Channel::taken_from(const TlsStep& step) {
    if (step.io == Io::again) tls_wants_write_ = step.wants_write;
    if (step.io == Io::failed) problem_ = step.problem;
    return step.io;
}

Io Channel::handshake(Tls& tls, const std::string& host) {
    forget_trouble();
    const Io io = taken_from(tls_step([&] {
        if (!secure_) attach(tls, host);
        return secure_->completeHandshake();
    }));
    if (io == Io::again) want_write(tls_wants_write_);
    if (io == Io::done) {
        want_write(false);
        return check_certificate(host);
    }
    if (io == Io::ended) {
        return failed(take_trouble("the peer closed the connection during the handshake"));
    }
    if (io == Io::failed) return failed(take_trouble(problem_));
    return io;
}

/// completeHandshake() has verified the chain; whose certificate it is, only this does.
Io Channel::check_certificate(const std::string& host) {
    try {
        if (!secure_->havePeerCertificate()) return failed("the peer has no certificate");
        secure_->verifyPeerCertificate(host);
    } catch (const Poco::Exception&) {
        ERR_clear_error();
        const std::string names = names_of(secure_->peerCertificate().certificate());
        return failed("the certificate is not one for " + host +
                      (names.empty() ? "; it names nobody" : "; it is for " + names));
    }
    tls_version_ = version_of(secure_->currentSession());
    return Io::done;
}

Io Channel::write(std::string_view bytes, std::size_t& taken) {
    taken = 0;
    if (secure_) {
        const int count = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
        const TlsStep step = tls_step([&] { return secure_->sendBytes(bytes.data(), count); });
        taken = step.count;
        if (taken_from(step) == Io::again) want_write(tls_wants_write_);
        return step.io;
    }
    for (;;) {
        const auto count = ::send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        if (count >= 0) {
            taken = static_cast<std::size_t>(count);
            return Io::done;
        }
        if (errno == EINTR) continue;
        if (errno != EAGAIN) return failed_with_errno(errno);
        want_write(true);
        return Io::again;
    }
}

Io Channel::read(char* into, std::size_t bytes_max, std::size_t& got) {
    got = 0;
    if (secure_) {
        const int count = static_cast<int>(std::min<std::size_t>(bytes_max, INT_MAX));
        forget_trouble();
        const TlsStep step = tls_step([&] { return secure_->receiveBytes(into, count); });
        got = step.count;
        // Only ever more: a write of the exchange may be waiting at the same time.
        if (taken_from(step) == Io::again && tls_wants_write_) want_write(true);
        if (step.io == Io::failed) {
            refused_us_ = tls_version_ == "TLSv1.3" && peer_refused_us();
            problem_ = take_trouble(problem_);
        }
        return step.io;
    }
    for (;;) {
        const auto count = recv(descriptor_, into, bytes_max, 0);
        if (count > 0) {
            got = static_cast<std::size_t>(count);
            return Io::done;
        }
        if (count == 0) return Io::ended;
        if (errno == EINTR) continue;
        return errno == EAGAIN ? Io::again : failed_with_errno(errno);
    }
}

bool Channel::quiet() const {
    char byte = 0;
    return recv(descriptor_, &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
}

void Channel::offer_session(Tls& tls) {
    // With TLS 1.3 the tickets come after the handshake, so this is asked after the first reply.
    if (!secure_ || session_offered_) return;
    session_offered_ = true;
    if (const auto session = secure_->currentSession()) tls.keep_session(origin_, session);
}

bool Channel::resumed() {
    return secure_ && secure_->sessionWasReused();
}

}  // namespace signalbox::net
