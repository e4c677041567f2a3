#include <algorithm>
#include <array>

#include "document/reader.hpp"
#include "import_notes.hpp"
#include "json/writer.hpp"
#include "plugins/note.hpp"
#include "plugins/plugin.hpp"
#include "signalbox/import.hpp"
#include "wiring/assembly.hpp"
#include "wiring/binding.hpp"
#include "wiring/explain.hpp"

namespace signalbox {
namespace {

using document::Node;
using Kind = document::Node::Kind;
using Fate = ImportedAction::Fate;

/// What Port adds to a document that is read from it; a document that is sent to it has none of
/// them.
constexpr std::array<const char*, 5> kStamps = {"id", "createdAt", "createdBy", "updatedAt",
                                                "updatedBy"};

std::vector<Finding> findings_of(const document::Problems& problems) {
    const std::vector<std::string> explained = wiring::explain(problems, config::Config());
    std::vector<Finding> findings;
    for (std::size_t i = 0; i < problems.size(); ++i) {
        const document::Problem& problem = problems[i];
        findings.push_back({problem.severity == document::Problem::Severity::error, problem.file,
                            problem.position.line, problem.position.column, problem.message,
                            explained[i]});
    }
    return findings;
}

/// A config that lacks nothing: each plugin of the path, with a connection.
wiring::Assembly generous() {
    wiring::Assembly assembly;
    for (const std::filesystem::path& folder : wiring::plugin_path()) {
        std::error_code failed;
        for (const auto& entry : std::filesystem::directory_iterator(folder, failed)) {
            if (entry.path().extension() != ".so") continue;
            auto note = plugins::read_note(entry.path());
            auto descriptor =
                note ? plugins::parse_descriptor(*note) : Result<plugins::Descriptor>(note.error());
            if (!descriptor) continue;
            wiring::Connection connection;
            connection.written.name = connection.written.plugin = descriptor->id;
            std::string id = descriptor->id;
            const bool added =
                assembly.plugins
                    .emplace(std::move(id),
                             wiring::PluginFile{entry.path(), std::move(*descriptor), nullptr, {}})
                    .second;
            if (added) assembly.connections.push_back(std::move(connection));
        }
    }
    assembly.config.input_encryption_key.emplace();
    return assembly;
}

/// The documents in a file; none: it holds something else.
std::vector<Node> documents_in(Node tree) {
    if (tree.kind == Kind::sequence) return std::move(tree.items);
    if (tree.kind != Kind::mapping) return {};
    if (tree.find("identifier") == nullptr) {
        for (Node::Member& member : tree.members) {
            if (member.key == "actions" && member.value.kind == Kind::sequence)
                return std::move(member.value.items);
            if (member.key == "action" && member.value.kind == Kind::mapping)
                return {std::move(member.value)};
        }
    }
    return {std::move(tree)};
}

class Importer {
  public:
    explicit Importer(std::string file) : file_(std::move(file)), assembly_(generous()) {}

    ImportedAction import(Node node) {
        ImportedAction imported;
        imported.file = file_;
        imported.line = node.position.line;
        imported.column = node.position.column;
        imported.notes = notes_on_members(node);
        std::erase_if(node.members, [](const Node::Member& member) {
            return std::find(kStamps.begin(), kStamps.end(), member.key) != kStamps.end();
        });
        std::string document = json::write(document::to_json(node));
        document::Problems problems;
        if (auto action = actions::read_tree(std::move(node), file_, problems)) {
            imported.identifier = action->identifier;
            actions::compile_expressions({&*action}, problems);
            bind(std::move(*action), imported, problems);
        }
        imported.findings = findings_of(problems);
        if (document::has_errors(problems)) imported.fate = Fate::refused;
        if (imported.fate != Fate::refused) imported.document = std::move(document);
        return imported;
    }

  private:
    void bind(actions::Action action, ImportedAction& imported, document::Problems& problems) {
        for (ImportNote& note : notes_to_do(action))
            imported.notes.push_back(std::move(note));
        // What the config will have to have is said in the notes.
        for (wiring::Connection& connection : assembly_.connections)
            connection.written.name =
                action.connection.empty() ? connection.written.plugin : action.connection;
        for (const actions::SecretUse& use : action.secrets)
            assembly_.config.secrets.push_back({use.name, {}});
        assembly_.problems.clear();
        const runs::Offer offer =
            wiring::bind(std::make_shared<const actions::Action>(std::move(action)), assembly_);
        assembly_.config.secrets.clear();
        for (document::Problem& problem : assembly_.problems)
            problems.push_back(std::move(problem));
        imported.fate = offer.unavailable.empty() ? Fate::works : Fate::unavailable;
    }

    std::string file_;
    wiring::Assembly assembly_;
};

}  // namespace

ImportReport import_port(const std::filesystem::path& file) {
    ImportReport report;
    document::Problems problems;
    auto tree = document::read_file(file, problems);
    if (!tree || document::has_errors(problems)) {
        report.findings = findings_of(problems);
        return report;
    }
    std::vector<Node> documents = documents_in(std::move(*tree));
    if (documents.empty()) {
        problems.push_back({document::Problem::Severity::error,
                            file.string(),
                            {1, 1},
                            "no action document is in this file; accepted are one document, a list "
                            "of them, and what Port's API answers: {actions: […]}"});
    }
    report.findings = findings_of(problems);
    Importer importer(file.string());
    for (Node& document : documents)
        report.actions.push_back(importer.import(std::move(document)));
    return report;
}

}  // namespace signalbox
