#include "net/stream.hpp"

#include <Poco/Net/SecureStreamSocketImpl.h>
#include <Poco/Net/StreamSocketImpl.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <utility>

#include "net/tls_step.hpp"

namespace signalbox::net {

/// Poco's own way from an accepted socket to a secure one leaves the socket inside it blocking; so
/// the socket is accepted plain, and this opens the one door that Poco keeps closed.
class Stream::Accepted final : public Poco::Net::SecureStreamSocketImpl {
  public:
    Accepted(Poco::Net::StreamSocketImpl* socket, Poco::Net::Context::Ptr context)
        : SecureStreamSocketImpl(socket, std::move(context)) {
        acceptSSL();
    }

  private:
    ~Accepted() override = default;
};

Stream::Stream(Poco::Net::StreamSocket socket)
    : socket_(std::move(socket)), descriptor_(socket_.impl()->sockfd()) {}

Stream::~Stream() = default;

void Stream::secure(Poco::Net::Context::Ptr context) {
    // Poco asks its own flag, not the descriptor's, whether to wait inside the handshake.
    socket_.setBlocking(false);
    secure_ = new Accepted(static_cast<Poco::Net::StreamSocketImpl*>(socket_.impl()),
                           std::move(context));
}

Io Stream::handshake() {
    const TlsStep step = tls_step([this] { return secure_->completeHandshake(); });
    handshake_wants_write_ = step.wants_write;
    return step.io == Io::ended ? Io::failed : step.io;
}

Io Stream::read(char* into, std::size_t bytes_max, std::size_t& got) {
    if (!secure_) return drain(into, bytes_max, got);
    const int count = static_cast<int>(std::min<std::size_t>(bytes_max, INT_MAX));
    const TlsStep step = tls_step([&] { return secure_->receiveBytes(into, count); });
    got = step.count;
    return step.io;
}

Io Stream::drain(char* scratch, std::size_t bytes_max, std::size_t& got) {
    for (;;) {
        const auto count = recv(descriptor_, scratch, bytes_max, 0);
        got = count > 0 ? static_cast<std::size_t>(count) : 0;
        if (count > 0) return Io::done;
        if (count == 0) return Io::ended;
        if (errno == EINTR) continue;
        return errno == EAGAIN ? Io::again : Io::failed;
    }
}

Io Stream::write(std::string_view bytes, std::size_t& taken) {
    if (secure_) {
        const int count = static_cast<int>(std::min<std::size_t>(bytes.size(), INT_MAX));
        const TlsStep step = tls_step([&] { return secure_->sendBytes(bytes.data(), count); });
        taken = step.count;
        // Without renegotiation a write never waits for the peer to say something.
        return step.io == Io::again && !step.wants_write ? Io::failed : step.io;
    }
    for (;;) {
        const auto count = send(descriptor_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
        taken = count > 0 ? static_cast<std::size_t>(count) : 0;
        if (count >= 0) return Io::done;
        if (errno == EINTR) continue;
        return errno == EAGAIN ? Io::again : Io::failed;
    }
}

void Stream::end() {
    if (secure_) {
        // Its close_notify; with a socket that does not block, Poco leaves the socket open.
        tls_step([this] {
            secure_->shutdown();
            return 1;
        });
    }
    shutdown(descriptor_, SHUT_WR);
}

void Stream::close() {
    if (secure_) {
        tls_step([this] {
            secure_->close();
            return 1;
        });
    }
    socket_.close();
}

}  // namespace signalbox::net
