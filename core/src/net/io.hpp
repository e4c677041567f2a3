#pragma once

#include <cstdint>

namespace signalbox::net {

/// How one non-blocking call on a connection went.
enum class Io : std::uint8_t {
    done,    ///< it happened, or some of it
    again,   ///< not now: the owner will be told
    ended,   ///< the peer has ended its side
    failed,  ///< it never will
};

}  // namespace signalbox::net
