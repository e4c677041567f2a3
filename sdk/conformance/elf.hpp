#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace signalbox::conformance {

/// What a shared library's dynamic section says. Read from the file; nothing of it is run.
struct DynamicFacts {
    std::vector<std::string> exported;  ///< names of defined global and weak symbols
    std::vector<std::string> unique;    ///< those that are STB_GNU_UNIQUE
    std::vector<std::string> needed;    ///< libraries asked for by name
};

/// Of a file that read_note() accepts; empty lists where its sections are stripped or odd.
DynamicFacts dynamic_facts(const std::filesystem::path& file);

}  // namespace signalbox::conformance
