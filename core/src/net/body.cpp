#include "net/body.hpp"

#include <algorithm>

#include "base/limits.hpp"

namespace signalbox::net {
namespace {

// A peer that announces much and sends little must not make us hold much.
constexpr std::size_t kReserveMax = 64 * limits::kib;

}  // namespace

BodyReader::BodyReader(const Framing& framing, std::size_t body_bytes_max)
    : framing_(framing), body_bytes_max_(body_bytes_max), chunks_(body_bytes_max) {}

BodyState BodyReader::feed(std::string_view& in, std::string& body) {
    if (framing_.kind == Framing::Kind::chunked) return chunks_.feed(in, body);
    if (framing_.length > body_bytes_max_) return BodyState::too_large;
    const std::size_t left = static_cast<std::size_t>(framing_.length) - body.size();
    if (body.empty()) body.reserve(std::min(left, kReserveMax));
    const std::size_t count = std::min(left, in.size());
    body.append(in.data(), count);
    in.remove_prefix(count);
    return count == left ? BodyState::done : BodyState::more;
}

}  // namespace signalbox::net
