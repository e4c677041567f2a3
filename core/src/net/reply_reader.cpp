#include "net/reply_reader.hpp"

#include <utility>

#include "base/limits.hpp"

namespace signalbox::net {

ReplyReader::ReplyReader(bool to_head, std::size_t body_bytes_max)
    : to_head_(to_head),
      body_bytes_max_(body_bytes_max),
      scan_(limits::reply_head_bytes_max, limits::reply_fields_max) {}

ReplyReader::State ReplyReader::bad(std::string problem) {
    problem_ = std::move(problem);
    return State::bad;
}

ReplyReader::State ReplyReader::feed(std::string_view bytes, ParsedHead& parsed,
                                     dispatch::WireReply& reply) {
    if (body_) return read_body(bytes, reply);
    const bool buffered = !in_.empty();
    if (buffered) {
        in_.append(bytes);
        bytes = in_;
    }
    while (!body_) {
        began_ = !bytes.empty();
        const std::size_t before = bytes.size();
        const State state = read_head(bytes, parsed, reply);
        if (state != State::more) return state;
        if (bytes.size() == before) {  // the head is not whole
            if (buffered) {
                in_.erase(0, in_.size() - bytes.size());
            } else {
                in_.assign(bytes);
            }
            return State::more;
        }
    }
    return read_body(bytes, reply);
}

ReplyReader::State ReplyReader::read_head(std::string_view& bytes, ParsedHead& parsed,
                                          dispatch::WireReply& reply) {
    switch (scan_.look(bytes)) {
        case HeadState::complete:
            break;
        case HeadState::need_more:
            return State::more;
        case HeadState::malformed:
            return bad(std::string("in its head ") + scan_.fault());
        case HeadState::too_large:
            return bad("its head is over " + std::to_string(limits::reply_head_bytes_max) +
                       " bytes");
        case HeadState::too_many_fields:
            return bad("it has over " + std::to_string(limits::reply_fields_max) +
                       " header fields");
    }
    const std::string_view bytes_of_head = bytes.substr(0, scan_.head_bytes());
    bytes.remove_prefix(scan_.head_bytes());
    scan_.reset();
    if (const char* fault = judge_reply(bytes_of_head, to_head_, parsed, head_)) return bad(fault);
    if (head_.interim) {
        if (++interim_ <= limits::reply_interim_max) return State::more;
        return bad("over " + std::to_string(limits::reply_interim_max) +
                   " interim replies came before it");
    }
    reply.status = parsed.status;
    reply.headers.reserve(parsed.fields.size());
    for (const FieldView& field : parsed.fields) {
        reply.headers.emplace_back(field.name, field.value);
    }
    body_.emplace(head_.framing, body_bytes_max_);
    return State::more;
}

ReplyReader::State ReplyReader::read_body(std::string_view& bytes, dispatch::WireReply& reply) {
    switch (body_->feed(bytes, reply.body)) {
        case BodyState::more:
            return State::more;
        case BodyState::done:
            exact_ = bytes.empty();
            return State::done;
        case BodyState::malformed:
            return bad(body_->fault());
        case BodyState::too_large:
            return bad("its body is over " + std::to_string(body_bytes_max_) + " bytes");
    }
    return State::bad;
}

}  // namespace signalbox::net
