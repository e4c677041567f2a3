#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"
#include "schema/schema.hpp"
#include "signalbox/result.hpp"
#include "signing/scheme.hpp"

namespace signalbox::plugins {

/// What a plugin says of itself (sdk: v1.h, the JSON of the note), checked.
struct Descriptor {
    std::string id;
    std::string version;
    std::string license;
    std::string description;
    int abi_major = 0;
    int abi_minor = 0;
    std::map<std::string, schema::Schema> invocation_types;  ///< members' schema by type
    schema::Schema settings;
    bool returns_run_id = false;
    bool can_cancel = false;
    bool reports_status = false;
    bool deduplicates = false;
    std::optional<signing::Scheme> signing_scheme;  ///< the default
    std::string signing_header;                     ///< empty: the scheme's
    /// A config without a key and without a written `none` is refused.
    bool signing_required = false;
    bool blocking = false;        ///< its deliveries run on the pool, not over HTTP
    std::string deduplicates_by;  ///< a boolean setting that says so for its connection; or empty
    std::string setup;            ///< what to enter on the target's side, with {{placeholders}}
    json::Value document;  ///< the whole, for `plugins inspect`
};

/// Errors: `plugin_bad_descriptor`, details pointing into the descriptor; `plugin_abi` for another
/// major, saying what the file was built for, what this Signalbox loads, and what to do. A newer
/// minor is fine.
Result<Descriptor> parse_descriptor(std::string_view text);

}  // namespace signalbox::plugins
