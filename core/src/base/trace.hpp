#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

/// W3C Trace Context (https://www.w3.org/TR/trace-context/): which trace a run belongs to, and what its
/// attempts tell their target of it. Pure; any thread.
namespace signalbox {

struct Trace {
    std::array<std::uint8_t, 16> id{};  ///< never all zeros
    bool sampled = true;  ///< somebody may have recorded it; a trace that begins here is in our log
    bool operator==(const Trace&) const = default;
};

/// A `traceparent` header's value; none where it breaks the specification's section 3.2: then the trace
/// begins anew. A version above 00 is read by what it has in common with 00.
std::optional<Trace> parse_traceparent(std::string_view value);

/// As it is kept with a run: the id's 16 bytes, then one of flags.
std::string trace_bytes(const Trace& trace);

/// A run's trace: the one it came with, from its kept bytes, else one that follows from the run's id, so
/// that it costs nothing to keep.
Trace trace_of(std::string_view kept, std::string_view run_id);

/// 32 hexadecimal digits.
std::string trace_id(const Trace& trace);
inline std::string trace_id(std::string_view kept, std::string_view run_id) {
    return trace_id(trace_of(kept, run_id));
}

/// The `traceparent` of one attempt: version 00, the trace, a span of the attempt's own.
std::string traceparent(const Trace& trace, std::string_view run_id, std::uint32_t attempt);

}  // namespace signalbox
