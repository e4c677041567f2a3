#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "signalbox/check.hpp"
#include "signalbox/visibility.hpp"

/// Action documents that were exported from Port, held against this version and the plugins on the
/// plugin path, before anything is configured. No code of a plugin is run, nothing is written.
namespace signalbox {

/// Something of a document that a person should know, beside what is wrong with it.
struct ImportNote {
    std::string
        kind;  ///< `ignored`: accepted, and changes nothing; `to do`: before it can be invoked
    std::uint32_t line = 0;    ///< from 1
    std::uint32_t column = 0;  ///< from 1
    std::string message;       ///< for people
};

/// One action document.
struct ImportedAction {
    /// What becomes of the document here.
    enum class Fate : std::uint8_t {
        works,        ///< once the config has a connection for it, and what `to do` says is done
        unavailable,  ///< it loads, and is listed with the reason; it cannot be invoked here
        refused,      ///< it does not load
    };
    std::string identifier;  ///< empty where there is none that could be used
    std::string file;          ///< as it was given
    std::uint32_t line = 0;    ///< where the document begins, from 1
    std::uint32_t column = 0;  ///< from 1
    Fate fate = Fate::refused;      ///< what becomes of it
    std::vector<Finding> findings;  ///< in the file's order
    std::vector<ImportNote> notes;  ///< in the file's order
    std::string document;  ///< JSON, without what Port adds to it on its own; empty if refused
};

/// One file, with all documents in it.
struct ImportReport {
    std::vector<Finding>
        findings;  ///< about the file as a whole: it cannot be read, or holds no actions
    std::vector<ImportedAction> actions;  ///< in the file's order
};

/// `file` holds one document, a list of them, or what Port's API answers: `{actions: […]}`,
/// `{action: …}`. JSON or YAML. A finding in one document does not stop the others.
SIGNALBOX_API ImportReport import_port(const std::filesystem::path& file);

}  // namespace signalbox
