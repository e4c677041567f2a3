#pragma once

#include <Poco/Dynamic/Var.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace azure_standin {

/// One step of a path into a payload: a member's name or an element's position.
struct PathStep {
    std::string name;
    std::optional<std::size_t> position;
};
using PayloadPath = std::vector<PathStep>;

/// Reads `a.b[0].c` and `a['b c']`. Nothing when it is not such a path.
std::optional<PayloadPath> parse_payload_path(std::string_view text);

/// A webhook's body as JSON. An object or array at the top; anything else is not a payload.
class Payload {
  public:
    /// Nothing when the bytes are not JSON.
    static std::optional<Payload> parse(const std::string& body);

    enum class Kind { missing, scalar, composite };
    struct Found {
        Kind kind = Kind::missing;
        std::string text;  ///< for a scalar: strings as they are, True, False, numbers, null as ""
    };
    Found find(const PayloadPath& path) const;

  private:
    explicit Payload(Poco::Dynamic::Var root) : root_(std::move(root)) {}

    Poco::Dynamic::Var root_;
};

}  // namespace azure_standin
