#include "import_notes.hpp"

#include <algorithm>
#include <string_view>

#include "actions/expression.hpp"

namespace signalbox {
namespace {

using document::Node;
using document::Position;
using Names = std::vector<std::string_view>;

/// Port's own pages and forms use them; an invocation does not.
const Names kOfAction = {"icon",      "publish",   "allowAnyoneToViewRuns",
                         "id",        "createdAt", "createdBy",
                         "updatedAt", "updatedBy"};
const Names kOfTrigger = {"actionCardButtonText", "executeActionButtonText"};
const Names kOfInputs = {"order", "titles"};
const Names kOfInput = {"icon", "enumColors", "dataset", "sort", "spec", "specAuthentication"};
const Names kOfMethod = {"agent"};

class Ignored {
  public:
    void look(const Node* mapping, const Names& names, const std::string& where) {
        if (mapping == nullptr) return;
        for (const Node::Member& member : mapping->members) {
            if (std::find(names.begin(), names.end(), member.key) == names.end()) continue;
            add(where + member.key, member.key_position);
        }
    }

    std::vector<ImportNote> take() {
        std::vector<ImportNote> notes;
        for (const Entry& entry : entries_) {
            notes.push_back({"ignored", entry.position.line, entry.position.column,
                             entry.count == 1
                                 ? entry.name
                                 : entry.name + " (" + std::to_string(entry.count) + " times)"});
        }
        return notes;
    }

  private:
    struct Entry {
        std::string name;
        Position position;
        std::size_t count = 1;
    };

    void add(const std::string& name, Position position) {
        const auto known = std::find_if(entries_.begin(), entries_.end(),
                                        [&](const Entry& entry) { return entry.name == name; });
        if (known != entries_.end()) {
            ++known->count;
        } else {
            entries_.push_back({name, position});
        }
    }

    std::vector<Entry> entries_;
};

const Node* find(const Node* node, std::string_view key) {
    return node == nullptr ? nullptr : node->find(key);
}

/// A step may hide its inputs; else it is for forms only.
bool hides(const Node& steps) {
    return std::any_of(steps.items.begin(), steps.items.end(),
                       [](const Node& step) { return step.find("visible") != nullptr; });
}

/// The plain paths of a document's templates that ask of an entity what only its caller can know.
class Asked {
  public:
    explicit Asked(const actions::Action& action) : action_(action) {}

    void look(const Node& node) {
        if (node.kind == Node::Kind::string) look(node.text, node.place());
        for (const Node& item : node.items)
            look(item);
        for (const Node::Member& member : node.members) {
            look(member.key, member.key_place());
            look(member.value);
        }
    }

    std::vector<ImportNote> take() { return std::move(notes_); }

  private:
    void look(std::string_view text, document::TextPlace place) {
        for (const actions::TextPart& part : actions::split_text(text).parts) {
            const auto path = part.expression ? actions::parse_path(part.text) : std::nullopt;
            if (path) look(*path, part.text, place.at(text, part.offset));
        }
    }

    void look(const actions::Path& path, const std::string& expression, Position position) {
        std::size_t at = 1;
        if (path.empty() || path.front().by_index) return;
        std::string what = "the run's entity";
        if (path.front().name == "inputs") {
            const actions::EntityInput* input = path.size() > 1 ? entity(path[1].name) : nullptr;
            if (input == nullptr) return;
            what = "the input " + input->name;
            at = 2 + (input->list ? 1 : 0);
        } else if (path.front().name != "entity") {
            return;
        }
        if (at >= path.size() || path[at].by_index) return;
        const std::string& member = path[at].name;
        if (member == "identifier" || member == "blueprint") return;
        if (std::find(told_.begin(), told_.end(), what) != told_.end()) return;
        told_.push_back(what);
        notes_.push_back({"to do", position.line, position.column,
                          "send " + what + " as an object that has `" + member + "`, for " +
                              expression + "; with its identifier alone that is null"});
    }

    const actions::EntityInput* entity(const std::string& name) const {
        for (const actions::EntityInput& input : action_.entities) {
            if (input.name == name) return &input;
        }
        return nullptr;
    }

    const actions::Action& action_;
    std::vector<std::string> told_;
    std::vector<ImportNote> notes_;
};

}  // namespace

std::vector<ImportNote> notes_on_members(const Node& document) {
    Ignored ignored;
    ignored.look(&document, kOfAction, "");
    const Node* trigger = document.find("trigger");
    ignored.look(trigger, kOfTrigger, "trigger.");
    const Node* inputs = find(trigger, "userInputs");
    ignored.look(inputs, kOfInputs, "userInputs.");
    if (const Node* steps = find(inputs, "steps"); steps != nullptr && !hides(*steps))
        ignored.look(inputs, {"steps"}, "userInputs.");
    if (const Node* properties = find(inputs, "properties")) {
        for (const Node::Member& input : properties->members) {
            ignored.look(&input.value, kOfInput, "an input's ");
            ignored.look(input.value.find("items"), kOfInput, "an input's ");
        }
    }
    ignored.look(document.find("invocationMethod"), kOfMethod, "invocationMethod.");
    return ignored.take();
}

std::vector<ImportNote> notes_to_do(const actions::Action& action) {
    std::vector<ImportNote> notes;
    for (const Detail& placeholder : action.placeholders) {
        const Position place =
            document::position_of(*action.node, "/invocationMethod" + placeholder.pointer);
        notes.push_back({"to do", place.line, place.column,
                         "invocationMethod" + placeholder.pointer + " " + placeholder.message});
    }
    if (!action.connection.empty()) {
        notes.push_back({"to do", action.connection_position.line,
                         action.connection_position.column,
                         "give the config the connection " + action.connection});
    }
    Names told;
    for (const actions::SecretUse& use : action.secrets) {
        if (std::find(told.begin(), told.end(), use.name) != told.end()) continue;
        told.push_back(use.name);
        notes.push_back({"to do", use.position.line, use.position.column,
                         "give the config the secret " + use.name + ": secrets: { " + use.name +
                             ": { env: NAME } }"});
    }
    for (const actions::EncryptedInput& input : action.encrypted) {
        if (input.public_key) continue;
        notes.push_back({"to do", input.position.line, input.position.column,
                         "give the config the key that encrypts the input " + input.name +
                             ": input_encryption_key: { env: NAME }"});
        break;
    }
    if (const Node* method = action.node->find("invocationMethod")) {
        Asked asked(action);
        asked.look(*method);
        for (ImportNote& note : asked.take())
            notes.push_back(std::move(note));
    }
    return notes;
}

}  // namespace signalbox
