#include <sys/socket.h>

#include "base/limits.hpp"
#include "net/connection.hpp"

namespace signalbox::net {
namespace {

constexpr char kHandshakeRecord = 0x16;

}  // namespace

void Connection::await_tls() {
    reading_ = Reading::handshake;
    core_.tls->prepare();
    tls_ready_ = core_.tls->ready();
    if (tls_ready_) return;
    core_.tls->when_ready([weak = weak_from_this()] {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        self->tls_ready_ = true;
        self->settle();
    });
}

/// False: there is nothing to shake hands with.
bool Connection::judge_first_byte() {
    char first = 0;
    const auto count = recv(descriptor(), &first, 1, MSG_PEEK);
    if (count < 0) return false;
    if (count == 0) {
        close();
        return false;
    }
    hello_began_ = true;
    if (first == kHandshakeRecord) {
        stream_.secure(core_.tls->context());
        return true;
    }
    refuse(400, "https_only", "This port speaks HTTPS; write https:// in the URL.");
    return false;
}

void Connection::shake_hands() {
    if (!tls_ready_ || (!hello_began_ && !judge_first_byte())) return;
    switch (stream_.handshake()) {
        case Io::again:
            return;
        case Io::done:
            reading_ = Reading::head;
            return;
        default:
            // The alert that says why must not be overtaken by a reset.
            reading_ = Reading::nothing;
            closing_ = true;
    }
}

}  // namespace signalbox::net
