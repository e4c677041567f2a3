#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace signalbox::journal {

/// An invocation that made no run: refused, or answered with the run that its idempotency key had made.
/// Nothing of what was sent stands here but names: no field holds an input's value.
struct Rejection {
    std::int64_t number = 0;  ///< given by the journal: grows, never reused
    std::int64_t at_ms = 0;
    std::string client;  ///< who asked; empty where nobody is named
    std::string origin;  ///< `API`, `HOST`, a source's name
    std::string action;  ///< as it was asked for; empty: none was named
    std::string code;    ///< an Error's, or rejection_replayed
    std::string message;                ///< why, for people
    std::vector<std::string> pointers;  ///< JSON pointers of what was wrong
    std::string run_id;                 ///< the run that answered a repeated invocation; else empty
};

/// The code of an invocation that was not refused but known already.
inline constexpr const char* rejection_replayed = "idempotency_replayed";

struct RejectionPage {
    std::vector<Rejection> rejections;  ///< newest first
    std::int64_t next = 0;              ///< pass as `before` for the next page; 0: no more
};

}  // namespace signalbox::journal
