#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "actions/template.hpp"
#include "base/limits.hpp"
#include "config/config.hpp"
#include "signing/scheme.hpp"

/// Signed webhooks that others send us. Names of configured sources, their keys, and what their messages
/// mean; a value type, immutable once wired.
namespace signalbox::sources {

struct Condition {
    actions::Template value;
    std::vector<std::string> is;
};

struct Source {
    std::string name;
    config::Proof proof = config::Proof::signature;
    signing::Scheme scheme = signing::Scheme::none;
    std::string header;  ///< of the signature, lower-cased
    std::string user;    ///< of Proof::basic
    std::vector<std::string> keys;  ///< their bytes; the front one is current, the others verify too
    std::int64_t tolerance_s = 300;
    std::int64_t keep_ms = 0;  ///< how long a message is remembered; 0: as long as its timestamp is believed
    double per_second = limits::source_per_second_default;  ///< 0: no limit
    std::size_t replay_keys_max = limits::replay_keys_max;
    std::vector<Condition> when;
    std::optional<actions::Template> action;  ///< none: messages are Port's
    std::optional<actions::Template> properties;
    std::optional<actions::Template> entity;
    bool reports = false;  ///< what becomes of its runs is told to where they came from
};

using Header = std::pair<std::string, std::string>;

/// A message as it was received. Borrows.
struct Delivery {
    const std::vector<Header>& headers;  ///< names lower-cased
    std::string_view body;               ///< the raw bytes

    /// The only header of that name; null where there is none, and where there are two, because then
    /// nobody can say which one was meant.
    const std::string* only(std::string_view name) const;
};

}  // namespace signalbox::sources
