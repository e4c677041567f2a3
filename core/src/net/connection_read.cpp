#include <algorithm>

#include "base/limits.hpp"
#include "net/connection.hpp"
#include "net/framing.hpp"
#include "net/text.hpp"

namespace signalbox::net {
namespace {

/// What a Respond holds: says so when the last copy is gone and nothing was answered.
class Answer {
  public:
    Answer(std::weak_ptr<Connection> connection, std::uint64_t number)
        : connection_(std::move(connection)), number_(number) {}
    ~Answer() {
        if (given_) return;
        if (const auto connection = connection_.lock()) connection->abandon(number_);
    }
    Answer(const Answer&) = delete;
    Answer& operator=(const Answer&) = delete;

    void give(Response response) {
        if (given_) return;
        given_ = true;
        if (const auto connection = connection_.lock()) {
            connection->answer(number_, std::move(response));
        }
    }

  private:
    std::weak_ptr<Connection> connection_;
    std::uint64_t number_;
    bool given_ = false;
};

bool is_here_whole(const Framing& framing, std::string_view bytes) {
    return framing.kind == Framing::Kind::length && framing.length <= bytes.size();
}

Request request_of(const ParsedHead& parsed, const RequestHead& head, const std::string& peer) {
    Request request;
    request.method = parsed.method;
    request.target = head.target;
    const std::size_t mark = head.target.find('?');
    request.path = head.target.substr(0, mark);
    if (mark != std::string_view::npos) request.query = head.target.substr(mark + 1);
    request.minor_version = parsed.minor_version;
    request.headers.reserve(parsed.fields.size());
    for (const FieldView& field : parsed.fields) {
        request.headers.emplace_back(to_lower(field.name), field.value);
    }
    request.peer = peer;
    return request;
}

}  // namespace

void Connection::read() {
    if (lingering_) return read_dropping();
    std::size_t got = 0;
    switch (stream_.read(core_.buffers.scratch(), Buffers::scratch_bytes, got)) {
        case Io::done:
            return feed({core_.buffers.scratch(), got});
        case Io::ended:
            return peer_ended();
        case Io::failed:
            return close();
        case Io::again:
            return;
    }
}

void Connection::read_dropping() {
    std::size_t got = 0;
    const Io io = stream_.drain(core_.buffers.scratch(), Buffers::scratch_bytes, got);
    if (io == Io::again) return;
    lingered_bytes_ += got;
    if (io != Io::done || lingered_bytes_ > limits::http_linger_bytes_max) close();
}

void Connection::peer_ended() {
    peer_ended_ = true;
    // What waits whole in in_ is still answered; a request that is not whole never will be.
    if (stalled_) return;
    reading_ = Reading::nothing;
    drop_request();
}

void Connection::feed(std::string_view bytes) {
    const bool buffered = !in_.empty();
    if (buffered) {
        in_.append(bytes);
        bytes = in_;
    }
    const std::string_view rest = parse(bytes);
    if (closed_) return;
    if (peer_ended_ && !stalled_) reading_ = Reading::nothing;
    keep(reading_ == Reading::nothing ? std::string_view{} : rest, buffered);
}

void Connection::keep(std::string_view rest, bool buffered) {
    if (rest.empty()) {
        if (buffered) core_.buffers.give(std::move(in_));
    } else if (buffered) {
        in_.erase(0, in_.size() - rest.size());
    } else {
        in_ = core_.buffers.take();
        in_.assign(rest);
    }
}

bool Connection::may_parse() const {
    if (blocked_ || closed_ || pending_.size() >= limits::http_pipelined_max) return false;
    // A request that has begun is read to its end: its time runs.
    return reading_ != Reading::head || head_began_ ||
           unsent_bytes() <= limits::http_unsent_bytes_max;
}

std::string_view Connection::parse(std::string_view bytes) {
    while (!bytes.empty() && reading_ != Reading::nothing) {
        if (!may_parse()) {
            stalled_ = true;
            return bytes;
        }
        const bool more = reading_ == Reading::head ? parse_head(bytes) : parse_body(bytes);
        if (!more) return bytes;
    }
    return bytes;
}

bool Connection::parse_head(std::string_view& bytes) {
    switch (scan_.look(bytes)) {
        case HeadState::complete:
            break;
        case HeadState::need_more:
            if (!head_began_) {
                head_began_ = true;
                read_since_ms_ = now_ms();
            }
            return false;
        case HeadState::malformed:
            refuse(400, "bad_request",
                   std::string("The request is refused because ") + scan_.fault() + ".");
            return false;
        case HeadState::too_large:
            refuse(431, "head_too_large",
                   "The request's head is over " + std::to_string(core_.options.head_bytes_max) +
                       " bytes.");
            return false;
        case HeadState::too_many_fields:
            refuse(431, "head_too_large",
                   "The request has over " + std::to_string(limits::http_fields_max) +
                       " header fields.");
            return false;
    }
    const std::string_view bytes_of_head = bytes.substr(0, scan_.head_bytes());
    bytes.remove_prefix(scan_.head_bytes());
    scan_.reset();
    head_began_ = false;

    RequestHead head;
    if (const HeadFault fault =
            judge_request(bytes_of_head, core_.options.body_bytes_max, core_.parsed, head)) {
        // It is no request yet, and the reply to HEAD has no body all the same.
        if (bytes_of_head.starts_with("HEAD ")) request_.method = "HEAD";
        refuse(fault.status, fault.code, fault.message);
        body_refused_ = fault.status == 413;
        return false;
    }
    request_ = request_of(core_.parsed, head, peer_);
    keep_alive_ = head.keep_alive;
    const bool empty = head.framing.kind != Framing::Kind::chunked && head.framing.length == 0;
    if (empty) {
        dispatch();
        return true;
    }
    body_bytes_max_ = core_.options.body_bytes_max;
    body_from_stranger_ = false;
    if (!is_here_whole(head.framing, bytes)) {
        BodyTerms terms = core_.handler.terms_of_body(request_);
        if (terms.refusal) {
            refuse(*std::move(terms.refusal));
            body_refused_ = true;
            return false;
        }
        body_bytes_max_ = std::min(body_bytes_max_, terms.bytes_max);
        body_from_stranger_ = terms.from_stranger;
    }
    body_.emplace(head.framing, body_bytes_max_);
    reading_ = Reading::body;
    // A client that has sent part of the body does not wait for leave to send it.
    continue_due_ = head.expects_continue && bytes.empty();
    body_began_ = false;
    if (bytes.empty()) wait_for_body();
    return true;
}

void Connection::wait_for_body() {
    if (body_began_) return;
    body_began_ = true;
    read_since_ms_ = now_ms();
}

bool Connection::parse_body(std::string_view& bytes) {
    continue_due_ = false;
    switch (body_->feed(bytes, request_.body)) {
        case BodyState::more:
            wait_for_body();
            count_body(request_.body.size());
            if (has_room_for_bodies()) return true;
            refuse(503, "bodies_full",
                   "The bodies that are on their way to this server fill the " +
                       std::to_string(core_.options.bodies_bytes_max) +
                       " bytes that it keeps for them, or the half of that which those have who showed no token; "
                       "try again in a moment.");
            body_refused_ = true;
            return false;
        case BodyState::done:
            dispatch();
            return true;
        case BodyState::malformed:
            refuse(400, "bad_request",
                   std::string("The request is refused because ") + body_->fault() + ".");
            return false;
        case BodyState::too_large:
            refuse(413, "body_too_large",
                   "The request's body is over " + std::to_string(body_bytes_max_) +
                       " bytes; send a smaller one.");
            body_refused_ = true;
            return false;
    }
    return false;
}

void Connection::count_body(std::size_t bytes) {
    core_.bodies_bytes += bytes - counted_bytes_;
    if (body_from_stranger_) core_.strangers_bodies_bytes += bytes - counted_bytes_;
    counted_bytes_ = bytes;
}

/// Anybody can begin a body. With half of it strangers cannot keep out those who may be here.
bool Connection::has_room_for_bodies() const {
    const std::size_t most = core_.options.bodies_bytes_max;
    return core_.bodies_bytes <= most &&
           (!body_from_stranger_ || core_.strangers_bodies_bytes <= most / 2);
}

void Connection::drop_request() {
    count_body(0);
    request_ = Request{};
}

void Connection::dispatch() {
    count_body(0);
    reading_ = keep_alive_ ? Reading::head : Reading::nothing;
    const std::uint64_t number = first_pending_ + pending_.size();
    Pending pending;
    pending.to_head = request_.method == "HEAD";
    pending.close = !keep_alive_;
    pending.chunks = request_.minor_version > 0;
    pending_.push_back(std::move(pending));
    auto answer = std::make_shared<Answer>(weak_from_this(), number);
    core_.handler.handle(std::move(request_), [answer = std::move(answer)](Response response) {
        answer->give(std::move(response));
    });
}

void Connection::refuse(int status, std::string_view code, std::string_view message) {
    refuse(core_.handler.refuse(status, code, message));
}

void Connection::refuse(Response response) {
    // Whatever follows in the stream is never looked at again: it may be the refused request's
    // body.
    reading_ = Reading::nothing;
    Pending pending;
    pending.to_head = request_.method == "HEAD";
    drop_request();
    pending.close = true;
    pending.ready = true;
    pending.response = std::move(response);
    ready_bytes_ += pending.response.body.size();
    pending_.push_back(std::move(pending));
}

}  // namespace signalbox::net
