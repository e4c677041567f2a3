#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <vector>

#include "json/value.hpp"
#include "schema/schema.hpp"

namespace signalbox::conformance {

/// Makes values that fit a schema. The same seed makes the same values.
class Sampler {
  public:
    explicit Sampler(std::uint64_t seed) : random_(seed) {}

    /// One that fits `compiled`, whose text is `schema`: `plain` has what is required, and texts from a
    /// list of likely ones, chosen by `choice`; else anything goes. Null where no try fits, which
    /// happens for patterns that none of the texts match.
    json::Value fitting(const json::Value& schema, const schema::Schema& compiled, bool plain,
                        std::size_t choice = 0);

    /// Any text: control characters, quotes, broken UTF-8 left out, or very long.
    std::string odd_text();
    std::uint64_t number(std::uint64_t below) { return below == 0 ? 0 : random_() % below; }

    static constexpr std::size_t choices = 8;  ///< different `choice`s worth a try

  private:
    json::Value any(const json::Value& schema, bool plain, std::size_t choice);
    json::Value object(const json::Object& schema, bool plain, std::size_t choice);
    json::Value text(const json::Object& schema, bool plain, std::size_t choice);

    std::mt19937_64 random_;
};

}  // namespace signalbox::conformance
