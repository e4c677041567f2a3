#pragma once

#include <string>
#include <string_view>

#include "dispatch/target.hpp"
#include "dispatch/transport.hpp"
#include "plugins/plugin.hpp"

namespace signalbox::dispatch {

/// What a run keeps of a target's words: JSON without blanks, else text fit for people; at most
/// limits::run_response_bytes_max, then cut and with `…` at the end.
std::string kept_response(std::string_view words);

/// Of a reply that its plugin keeps, what the run is to keep, secrets as *** (`own`: the connection's);
/// empty: nothing.
std::string response_of(const WireReply& reply, const plugins::Verdict& verdict,
                        const Composed& composed, const Censor& own);

}  // namespace signalbox::dispatch
