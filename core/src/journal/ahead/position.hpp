#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signalbox::journal::ahead {

/// A place between two frames of the log: how many there were before, in the whole life of the journal, and
/// the checksum of the last of them, which the next one names.
struct Position {
    std::uint64_t frames = 0;
    std::uint32_t checksum = 0;

    bool operator==(const Position&) const = default;
};

/// As the journal's file keeps it: "12 3405691582".
std::string text_of(const Position& position);
/// Empty is the beginning; none: no position.
std::optional<Position> read_position(std::string_view text);

}  // namespace signalbox::journal::ahead
