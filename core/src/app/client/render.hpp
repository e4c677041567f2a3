#pragma once

#include <Poco/JSON/Object.h>

#include <iosfwd>
#include <string>
#include <vector>

/// Runs as people read them. Everything that came from others is made printable first.
namespace signalbox::app {

/// The action's identifier, whether the server shows it as text or as an object.
std::string action_of(const Poco::JSON::Object::Ptr& run);

/// The cells of `runs list`, in the order of run_columns().
std::vector<std::string> run_columns();
std::vector<std::string> run_row(const Poco::JSON::Object::Ptr& run);

/// The road of one run: who, what, each attempt, what was reported.
void print_run(std::ostream& out, const Poco::JSON::Object::Ptr& run);

/// What `invoke` says of a run: `ID STATUS PHASE` in a line, then what was reported or why it
/// stands still.
void print_outcome(std::ostream& out, const Poco::JSON::Object::Ptr& run);

/// Method and URL, headers, a blank line, the body: as preview and `--request` print a request, the
/// bytes unchanged. {"method", "url", "headers": [{"name", "value"}…], "body"}.
void print_request(std::ostream& out, const Poco::JSON::Object::Ptr& request, bool out_is_terminal);

}  // namespace signalbox::app
