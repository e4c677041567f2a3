#pragma once

#include <string>
#include <vector>

#include "support/world.hpp"

/// The steps a consumer takes. Each fails its test with the tool's own words.
namespace signalbox::test {

/// Runs a tool; its output, standard error included.
std::string must_run(std::vector<std::string> command,
                     std::map<std::string, std::string> environment = {});

/// cmake --install of this build into an empty prefix.
void install(const std::string& prefix, const std::vector<std::string>& components);

/// Configures and builds; the cache entries are `-D…`.
void build(const std::string& source, const std::string& folder,
           std::vector<std::string> cache_entries, const std::string& target = {});

/// Runs a release_tool of examples/embedded_host against a stand-in: a deployment that succeeds, and that the
/// stand-in has verified.
void check_release_tool(const std::string& program);

/// The command that compiled main.cpp, from compile_commands.json.
std::string compile_command(const std::string& folder);

}  // namespace signalbox::test
