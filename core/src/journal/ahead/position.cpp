#include "journal/ahead/position.hpp"

#include <charconv>

namespace signalbox::journal::ahead {

std::string text_of(const Position& position) {
    return std::to_string(position.frames) + " " + std::to_string(position.checksum);
}

std::optional<Position> read_position(std::string_view text) {
    Position position;
    if (text.empty()) return position;
    const char* const end = text.data() + text.size();
    const auto frames = std::from_chars(text.data(), end, position.frames);
    if (frames.ec != std::errc() || frames.ptr == end || *frames.ptr != ' ') return std::nullopt;
    const auto checksum = std::from_chars(frames.ptr + 1, end, position.checksum);
    if (checksum.ec != std::errc() || checksum.ptr != end) return std::nullopt;
    return position;
}

}  // namespace signalbox::journal::ahead
