#pragma once

#include <string>
#include <vector>

#include "json/value.hpp"
#include "signalbox/result.hpp"
#include "sources/source.hpp"

namespace signalbox::sources {

/// What may stand at the begin of a path in a source's templates.
const std::vector<std::string>& message_roots();

/// What a message asks for.
struct Mapped {
    bool fits = true;        ///< false: a condition of `when` does not hold, and the rest is empty
    std::string action;
    json::Value invocation;  ///< {"properties": {…}, "entity": …}
    std::string by;          ///< who, by the sender's word; empty: not said
    json::Value trigger;     ///< as Port told it, an object; or null
    std::string run_id;      ///< Port's name for the run; empty: none
};

/// Reads a message whose sender is proven: Port's invocation message (`action`, `payload.properties`,
/// `payload.entity`, `context.runId`, `trigger`), or what the source's templates make of it. Their roots are
/// `.body`, `.headers` (names in lower case; neither credentials nor signatures; of two of a name the first)
/// and `.source`. Errors, none of which quotes the message: `invalid_json`, `invalid_message`,
/// `template_failed`. Any thread.
Result<Mapped> map(const Source& source, const Delivery& delivery);

}  // namespace signalbox::sources
