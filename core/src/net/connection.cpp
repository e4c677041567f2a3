#include "net/connection.hpp"

#include <sys/epoll.h>

#include <limits>

#include "base/limits.hpp"
#include "net/write.hpp"

namespace signalbox::net {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

Connection::Connection(ServerCore& core, Poco::Net::StreamSocket socket, std::string peer)
    : core_(core),
      stream_(std::move(socket)),
      peer_(std::move(peer)),
      scan_(core.options.head_bytes_max, limits::http_fields_max) {}

Connection::~Connection() = default;

void Connection::start() {
    core_.busy.push_back(this);
    place_ = std::prev(core_.busy.end());
    core_.loop.watch_caller(descriptor(), EPOLLIN, [this](std::uint32_t events) { on_ready(events); });
    read_since_ms_ = now_ms();
    if (core_.tls) await_tls();
    settle();
}

void Connection::close() {
    if (closed_) return;
    closed_ = true;
    core_.loop.cancel(timer_);
    core_.loop.forget(descriptor());
    (listed_idle_ ? core_.idle : core_.busy).erase(place_);
    pending_.clear();
    count_body(0);
    stream_.close();
    core_.closed(*this);
}

void Connection::finish() {
    if (is_idle()) close();
}

/// A fault of ours ends this connection, which nobody could trust any more, and no other.
template <class Call>
void Connection::or_close(Call call) {
    const auto self = shared_from_this();
    try {
        call();
    } catch (...) {
        close();
        throw;
    }
}

void Connection::on_ready(std::uint32_t events) {
    or_close([this, events] {
        if ((events & EPOLLERR) != 0 || (events & (EPOLLHUP | EPOLLIN)) == EPOLLHUP) return close();
        if ((events & EPOLLOUT) != 0) blocked_ = false;
        in_round_ = true;
        if (reading_ == Reading::handshake) {
            shake_hands();
        } else if ((events & EPOLLIN) != 0) {
            read();
        }
        in_round_ = false;
        settle();
    });
}

void Connection::answer(std::uint64_t number, Response response) {
    if (closed_ || number < first_pending_) return;
    const std::size_t index = static_cast<std::size_t>(number - first_pending_);
    if (index >= pending_.size() || pending_[index].ready) return;
    pending_[index].response = std::move(response);
    pending_[index].ready = true;
    ready_bytes_ += pending_[index].response.body.size();
    if (in_round_ || index > 0 || answered_) return;
    answered_ = true;
    core_.answered.add(shared_from_this());
}

void Connection::round_ended() {
    answered_ = false;
    if (!closed_) or_close([this] { settle(); });
}

void Connection::abandon(std::uint64_t number) {
    if (closed_) return;
    // Posted, because a Respond may be dropped while handle() is still running.
    core_.loop.post([weak = weak_from_this(), number] {
        const auto self = weak.lock();
        if (!self || self->closed_) return;
        self->answer(number, self->core_.handler.refuse(
                                 500, "internal_error",
                                 "The request was given up inside the server; try again."));
    });
}

void Connection::settle() {
    if (closed_) return;
    for (;;) {
        write_ready_replies();
        flush();
        if (closed_) return;
        if (!stalled_ || !may_parse() || reading_ == Reading::nothing) break;
        stalled_ = false;
        in_round_ = true;
        feed({});
        in_round_ = false;
        if (closed_) return;
    }
    end_if_answered();
    if (closed_) return;
    watch_what_matters();
    take_place();
    arm_timer();
}

void Connection::write_ready_replies() {
    std::size_t written = 0;
    while (written < pending_.size() && pending_[written].ready && !closing_) {
        write_reply(pending_[written++]);
    }
    if (written > 0) {
        first_pending_ += written;
        pending_.erase(pending_.begin(), pending_.begin() + static_cast<std::ptrdiff_t>(written));
    }
    if (closing_) {
        // What was asked after the last reply is not answered.
        first_pending_ += pending_.size();
        pending_.clear();
        ready_bytes_ = 0;
        reading_ = Reading::nothing;
        drop_request();
    }
    // Leave to send is given only when it cannot be taken for the reply to an earlier request.
    if (continue_due_ && pending_.empty() && reading_ == Reading::body) {
        continue_due_ = false;
        out_.append(kContinue);
    }
}

void Connection::write_reply(Pending& pending) {
    Response& response = pending.response;
    ready_bytes_ -= response.body.size();
    if (response.status < 200 || response.status > 999 || !unsendable(response.headers).empty()) {
        response = core_.handler.refuse(500, "internal_error",
                                        "The server made a reply that HTTP cannot carry.");
        if (!unsendable(response.headers).empty()) response.headers.clear();
    }
    const bool streams = response.stream && !pending.to_head;
    closing_ = pending.close || response.close || core_.stopping || streams;
    if (out_.capacity() == std::string().capacity()) out_ = core_.buffers.take();
    append_reply(out_, response, {pending.to_head, closing_, pending.chunks, core_.date()});
    if (streams) {
        chunked_ = pending.chunks;
        begin_stream(response);
    }
}

void Connection::flush() {
    while (has_unsent() && !blocked_) {
        std::size_t taken = 0;
        const Io io = stream_.write(std::string_view(out_).substr(sent_bytes_), taken);
        if (io != Io::done) {
            if (io != Io::again) return close();
            // Readiness was reported before each try but the first, so a block means that some
            // went.
            blocked_ = true;
            write_since_ms_ = now_ms();
            return;
        }
        sent_bytes_ += taken;
    }
    if (!has_unsent() && sent_bytes_ > 0) {
        sent_bytes_ = 0;
        core_.buffers.give(std::move(out_));
    }
}

void Connection::end_if_answered() {
    if (lingering_ || has_unsent() || streaming_) return;
    if (closing_) {
        if (peer_ended_) return close();
        return linger();
    }
    if (peer_ended_ && pending_.empty() && reading_ == Reading::nothing) close();
}

void Connection::linger() {
    // A close with unread bytes would be a reset, and a reset may overtake the reply just sent. So:
    // the end of our side, and what still comes is read and dropped, within bounds.
    lingering_ = true;
    write_since_ms_ = now_ms();
    std::string().swap(in_);
    stream_.end();
}

void Connection::watch_what_matters() {
    if (reading_ == Reading::handshake) {
        // Only one of the two: what is not waited for would be reported again and again.
        const std::uint32_t waits_for = stream_.handshake_wants_write() ? EPOLLOUT : EPOLLIN;
        return core_.loop.change(descriptor(), tls_ready_ ? waits_for : 0U);
    }
    const bool reads =
        lingering_ || (!peer_ended_ && reading_ != Reading::nothing && !stalled_ && may_parse());
    core_.loop.change(descriptor(), (reads ? EPOLLIN : 0U) | (blocked_ ? EPOLLOUT : 0U));
}

bool Connection::is_idle() const {
    if (reading_ == Reading::handshake) return !hello_began_;
    return reading_ == Reading::head && !head_began_ && in_.empty() && pending_.empty() &&
           !has_unsent() && !lingering_;
}

void Connection::take_place() {
    const bool idle = is_idle();
    if (idle) {
        // A handshake has its time from the accept on.
        if (reading_ != Reading::handshake) read_since_ms_ = now_ms();
        auto& from = listed_idle_ ? core_.idle : core_.busy;
        core_.idle.splice(core_.idle.end(), from, place_);
    } else if (listed_idle_) {
        core_.busy.splice(core_.busy.end(), core_.idle, place_);
    }
    const bool became = idle && !listed_idle_;
    listed_idle_ = idle;
    if (became) core_.became_idle();
}

std::int64_t Connection::deadline_ms() const {
    const ServerOptions& options = core_.options;
    // Who was refused while sending a body may be as slow as with one that is taken.
    if (lingering_)
        return write_since_ms_ + (body_refused_ ? options.body_ms_max : limits::http_linger_ms_max);
    if (blocked_) return write_since_ms_ + options.idle_ms_max;
    if (reading_ == Reading::nothing || stalled_ || !may_parse()) return kNever;
    if (reading_ == Reading::body) return read_since_ms_ + options.body_ms_max;
    if (head_began_ || reading_ == Reading::handshake) return read_since_ms_ + options.head_ms_max;
    return pending_.empty() ? read_since_ms_ + options.idle_ms_max : kNever;
}

void Connection::arm_timer() {
    const std::int64_t deadline = deadline_ms();
    // A timer that is armed too early looks again when it fires; only one that is too late is
    // replaced. So a busy connection arms one in a minute and not one a request.
    if (deadline == kNever || (timer_ != 0 && timer_ms_ <= deadline)) return;
    core_.loop.cancel(timer_);
    timer_ms_ = deadline;
    timer_ = core_.loop.at(deadline, [this] { on_timer(); });
}

void Connection::on_timer() {
    or_close([this] {
        timer_ = 0;
        if (now_ms() < deadline_ms()) return arm_timer();
        on_deadline();
        if (!closed_) settle();
    });
}

void Connection::on_deadline() {
    const bool silent = reading_ == Reading::head && !head_began_;
    if (lingering_ || blocked_ || silent || reading_ == Reading::handshake) return close();
    const bool in_head = reading_ == Reading::head;
    const std::int64_t allowed_ms = in_head ? core_.options.head_ms_max : core_.options.body_ms_max;
    refuse(408, "request_timeout",
           std::string("The request's ") + (in_head ? "head" : "body") + " was not here within " +
               std::to_string(allowed_ms) + " ms.");
    std::string().swap(in_);
}

}  // namespace signalbox::net
