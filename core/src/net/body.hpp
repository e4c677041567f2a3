#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "net/chunks.hpp"
#include "net/framing.hpp"

namespace signalbox::net {

/// Reads one body, of whichever framing, and not a byte past its end.
class BodyReader {
  public:
    /// `framing` has passed judge_framing; its announced length may still be over the limit.
    BodyReader(const Framing& framing, std::size_t body_bytes_max);

    /// Takes from the front of `in` what belongs to the body and appends the data to `body`; `in`
    /// may be empty, which ends a body of no bytes.
    BodyState feed(std::string_view& in, std::string& body);
    const char* fault() const { return chunks_.fault(); }

  private:
    Framing framing_;
    std::size_t body_bytes_max_;
    ChunkDecoder chunks_;
};

}  // namespace signalbox::net
