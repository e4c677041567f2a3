#pragma once

#include <optional>
#include <string>

#include "journal/journal.hpp"

/// A run in the words of Port's API: `PATCH /v1/actions/runs/{id}` takes a closed set of members, of which
/// each replaces what an earlier call said, and a status of SUCCESS or FAILURE freezes the run.
namespace signalbox::sources {

/// One call of Port's API.
struct PortMessage {
    std::string method;
    std::string path;  ///< behind the base URL
    std::string body;
};

/// Label, link, summary and the target's id, as far as there are any; none: there are none. Without a label of
/// the pipeline's own, the label says what Signalbox knows: retried, accepted, held, …
std::optional<PortMessage> state_message(const journal::Run& run);
PortMessage log_message(const journal::Run& run, const journal::LogLine& line);
/// The end of a run that has ended. What Port has no word for is FAILURE, with the word as its label.
PortMessage end_message(const journal::Run& run);

}  // namespace signalbox::sources
