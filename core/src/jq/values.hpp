#pragma once

#include <string>

#include "jq/libjq.hpp"
#include "json/value.hpp"
#include "signalbox/result.hpp"

/// Between our JSON values and libjq's, without text in between. A `jv` belongs to one thread.
namespace signalbox::jq {

/// Error `template_failed` with the pointer of an integer that jq would not keep. The caller frees.
Result<jv> to_jv(const json::Value& value);

/// Takes `value`. Error `template_failed` for what JSON does not have (NaN, infinity), integers
/// that jq may have changed, more than limits::json_depth_max levels or limits::jq_output_bytes_max
/// bytes.
Result<json::Value> from_jv(jv value);

}  // namespace signalbox::jq
