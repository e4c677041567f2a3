#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signing/mac.hpp"
#include "signing/scheme.hpp"

namespace signalbox::signing {

/// verify() for many messages: the keys are set once, which costs more than a message's hash. Movable; one
/// thread at a time.
class Verifier {
  public:
    Verifier(Scheme scheme, const std::vector<std::string>& keys);

    Verification verify(std::string_view body, std::string_view signature,
                        std::optional<std::string_view> timestamp, std::string_view id,
                        std::int64_t now_s, std::int64_t tolerance_s) const;

  private:
    Scheme scheme_;
    std::vector<Mac> macs_;  // one a key
};

}  // namespace signalbox::signing
