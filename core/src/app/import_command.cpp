#include "app/import_command.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <ostream>
#include <utility>

#include "app/text.hpp"

namespace signalbox::app {
namespace {

namespace fs = std::filesystem;
using Fate = ImportedAction::Fate;

const char* fate_word(Fate fate) {
    switch (fate) {
        case Fate::works:
            return "works";
        case Fate::unavailable:
            return "unavailable";
        case Fate::refused:
            return "refused";
    }
    return "refused";
}

struct Import {
    std::vector<Finding> findings;
    std::vector<ImportedAction> actions;
    std::map<std::string, fs::path> paths;  // by identifier: where those that load go
    fs::path folder;

    std::size_t count(Fate fate) const {
        return static_cast<std::size_t>(
            std::count_if(actions.begin(), actions.end(),
                          [fate](const ImportedAction& action) { return action.fate == fate; }));
    }
    /// Null: it is not written.
    const fs::path* path_of(const ImportedAction& action) const {
        const auto found = paths.find(action.identifier);
        return action.fate == Fate::refused || found == paths.end() ? nullptr : &found->second;
    }
};

std::string place(const std::string& file, std::uint32_t line, std::uint32_t column) {
    return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

/// A second document of the same name would replace the first one's file.
void refuse_repeated(Import& import) {
    std::map<std::string, const ImportedAction*> first;
    for (ImportedAction& action : import.actions) {
        if (action.identifier.empty() || action.fate == Fate::refused) continue;
        const auto [known, added] = first.emplace(action.identifier, &action);
        if (added) continue;
        const std::string message =
            "the action '" + action.identifier + "' stands twice; the first is at " +
            place(known->second->file, known->second->line, known->second->column);
        action.findings.push_back(
            {true, action.file, action.line, action.column, message,
             place(action.file, action.line, action.column) + ": error: " + message});
        action.fate = Fate::refused;
    }
}

Import read(const Options& options, const Tools& tools) {
    Import import;
    import.folder = options.value_or("to", "actions");
    for (const std::string& file : options.arguments()) {
        ImportReport report = tools.core.import_port(file);
        std::move(report.findings.begin(), report.findings.end(),
                  std::back_inserter(import.findings));
        std::move(report.actions.begin(), report.actions.end(), std::back_inserter(import.actions));
    }
    refuse_repeated(import);
    for (const ImportedAction& action : import.actions) {
        // A file that begins with a point would be hidden, and `actions/*` would not find it.
        const std::string name =
            (action.identifier.rfind('.', 0) == 0 ? "_" : "") + action.identifier + ".json";
        if (action.fate != Fate::refused)
            import.paths.emplace(action.identifier, import.folder / name);
    }
    return import;
}

/// Looks before it writes anything. Error `usage`.
Result<Done> write(const Import& import, bool force) {
    std::error_code failed;
    for (const auto& [identifier, path] : import.paths) {
        if (!force && fs::exists(path, failed)) {
            return Error{"usage", "'" + path.string() +
                                      "' is there already; write to another folder by --to, or "
                                      "replace files by --force. Nothing was written"};
        }
    }
    if (import.paths.empty()) return Done{};
    fs::create_directories(import.folder, failed);
    if (failed) {
        return Error{"usage", "the folder '" + import.folder.string() +
                                  "' cannot be made: " + failed.message()};
    }
    for (const ImportedAction& action : import.actions) {
        const fs::path* path = import.path_of(action);
        if (path == nullptr) continue;
        std::ofstream out(*path, std::ios::binary | std::ios::trunc);
        out << indent_json(action.document) << '\n';
        out.close();
        if (!out) return Error{"usage", "'" + path->string() + "' cannot be written"};
    }
    return Done{};
}

void print_action(const Import& import, const ImportedAction& action, std::ostream& out) {
    out << printable(place(action.file, action.line, action.column)) << ": "
        << (action.identifier.empty() ? "a document without a name" : printable(action.identifier))
        << ": " << fate_word(action.fate) << '\n';
    for (const Finding& finding : action.findings)
        out << printable(finding.text) << '\n';
    for (const ImportNote& note : action.notes) {
        if (note.kind == "ignored") continue;
        out << "  " << note.kind << ": " << note.line << ":" << note.column << ": "
            << printable(note.message) << '\n';
    }
    std::string ignored;
    for (const ImportNote& note : action.notes) {
        if (note.kind == "ignored") ignored += (ignored.empty() ? "" : ", ") + note.message;
    }
    if (!ignored.empty()) out << "  ignored: " << printable(ignored) << '\n';
    if (const fs::path* path = import.path_of(action))
        out << "  written: " << printable(path->string()) << '\n';
}

std::string findings_json(const std::vector<Finding>& findings) {
    std::string json = "[";
    for (const Finding& finding : findings) {
        if (json.size() > 1) json += ',';
        json += std::string("{\"severity\":") + (finding.error ? "\"error\"" : "\"warning\"") +
                ",\"file\":" + json_string(finding.file) +
                ",\"line\":" + std::to_string(finding.line) +
                ",\"column\":" + std::to_string(finding.column) +
                ",\"message\":" + json_string(finding.message) + "}";
    }
    return json + "]";
}

std::string action_json(const Import& import, const ImportedAction& action) {
    std::string notes = "[";
    for (const ImportNote& note : action.notes) {
        if (notes.size() > 1) notes += ',';
        notes += "{\"kind\":" + json_string(note.kind) + ",\"line\":" + std::to_string(note.line) +
                 ",\"column\":" + std::to_string(note.column) +
                 ",\"message\":" + json_string(note.message) + "}";
    }
    const fs::path* path = import.path_of(action);
    return "{\"identifier\":" + json_string(action.identifier) +
           ",\"file\":" + json_string(action.file) + ",\"line\":" + std::to_string(action.line) +
           ",\"column\":" + std::to_string(action.column) + ",\"fate\":\"" +
           fate_word(action.fate) + "\",\"findings\":" + findings_json(action.findings) +
           ",\"notes\":" + notes + "],\"written\":" +
           (path == nullptr ? std::string("null") : json_string(path->string())) + "}";
}

void print_json(const Import& import, int code, std::ostream& out) {
    out << "{\"ok\":" << (code == exit_code::success ? "true" : "false") << ",\"actions\":[";
    for (std::size_t i = 0; i < import.actions.size(); ++i)
        out << (i == 0 ? "" : ",") << action_json(import, import.actions[i]);
    out << "],\"findings\":" << findings_json(import.findings)
        << ",\"works\":" << import.count(Fate::works)
        << ",\"unavailable\":" << import.count(Fate::unavailable)
        << ",\"refused\":" << import.count(Fate::refused) << "}\n";
}

}  // namespace

int run_import_port(const Options& options, const Tools& tools) {
    const Import import = read(options, tools);
    if (const auto written = write(import, options.has("force")); !written) {
        print_error(tools.context.err, written.error());
        return exit_code::usage;
    }
    const bool all_work = import.count(Fate::works) == import.actions.size();
    const int code = !import.findings.empty() ? exit_code::usage
                     : all_work               ? exit_code::success
                                              : exit_code::failure;
    if (options.has("json")) {
        print_json(import, code, tools.context.out);
        return code;
    }
    for (const ImportedAction& action : import.actions)
        print_action(import, action, tools.context.out);
    for (const Finding& finding : import.findings)
        tools.context.err << printable(finding.text) << '\n';
    tools.context.out << import.actions.size() << " documents: " << import.count(Fate::works)
                      << " work, " << import.count(Fate::unavailable) << " unavailable, "
                      << import.count(Fate::refused) << " refused\n";
    if (!import.paths.empty()) {
        tools.context.out << "next: do what is listed, have `actions: "
                          << printable((import.folder / "*").string())
                          << "` in signalbox.yaml, and run signalbox check\n";
    }
    return code;
}

}  // namespace signalbox::app
