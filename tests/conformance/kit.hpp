#pragma once

#include <map>
#include <string>
#include <vector>

namespace signalbox::test {

/// What the kit says of a plugin.
struct Findings {
    int code = 0;
    std::map<std::string, std::string> status;   ///< by the test's name
    std::map<std::string, std::string> message;  ///< by the test's name

    /// The tests of a status, joined by spaces.
    std::string of(const std::string& wanted) const;
};

std::string test_plugin(const std::string& stem);
std::string shipped_plugin(const std::string& stem);

/// Runs signalbox-conformance --json; `broken` is what the plugin is told to break.
Findings examine(const std::string& file, std::vector<std::string> options = {},
                 const std::string& broken = {});

}  // namespace signalbox::test
