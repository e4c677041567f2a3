#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"
#include "signalbox/result.hpp"

namespace signalbox::runs {

/// Reads the members of a request's body, each by its own reader; unknown ones are findings.
class Body {
  public:
    using Reader = std::function<std::string(const json::Value&)>;  ///< a finding, or empty

    void member(std::string name, Reader reader);
    /// Error `invalid_body`, with a pointer for each finding.
    Result<Done> read(const json::Value& body) const;

    /// A string; null reads as the empty one.
    static Reader text(std::optional<std::string>& into, std::size_t bytes_max);

  private:
    std::string unknown(std::string_view key) const;

    std::vector<std::string> names_;
    std::map<std::string, Reader> readers_;
};

}  // namespace signalbox::runs
