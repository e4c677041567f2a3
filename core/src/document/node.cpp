#include "document/node.hpp"

#include <algorithm>
#include <charconv>

#include "document/text.hpp"

namespace signalbox::document {
namespace {

std::string unescape_token(std::string_view token) {
    std::string plain;
    for (std::size_t i = 0; i < token.size(); ++i) {
        if (token[i] == '~' && i + 1 < token.size() &&
            (token[i + 1] == '0' || token[i + 1] == '1')) {
            plain += token[++i] == '0' ? '~' : '/';
        } else {
            plain += token[i];
        }
    }
    return plain;
}

const Node* item_at(const Node& node, std::string_view token) {
    std::size_t index = 0;
    const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
    const bool is_index = error == std::errc() && end == token.data() + token.size() &&
                          (token.size() == 1 || token.front() != '0');
    return is_index && index < node.items.size() ? &node.items[index] : nullptr;
}

const Node::Member* member_at(const Node& node, std::string_view key) {
    const auto found = std::find_if(node.members.begin(), node.members.end(),
                                    [&](const Node::Member& member) { return member.key == key; });
    return found == node.members.end() ? nullptr : &*found;
}

}  // namespace

Position TextPlace::at(std::string_view text, std::size_t offset) const {
    if (begins < 0 || position.column == 0) return position;
    const std::size_t columns =
        static_cast<std::size_t>(begins) + count_characters(text.substr(0, offset));
    return {position.line, position.column + static_cast<std::uint32_t>(columns)};
}

std::string to_string(const Problem& problem) {
    std::string text = problem.file;
    if (problem.position.line > 0) text += ':' + std::to_string(problem.position.line);
    if (problem.position.line > 0 && problem.position.column > 0)
        text += ':' + std::to_string(problem.position.column);
    text += problem.severity == Problem::Severity::error ? ": error: " : ": warning: ";
    return text += problem.message;
}

bool has_errors(const Problems& problems) {
    return std::any_of(problems.begin(), problems.end(), [](const Problem& problem) {
        return problem.severity == Problem::Severity::error;
    });
}

const Node* Node::find(std::string_view key) const {
    const Member* member = member_at(*this, key);
    return member == nullptr ? nullptr : &member->value;
}

const char* kind_name(Node::Kind kind) {
    switch (kind) {
        case Node::Kind::null:
            return "nothing";
        case Node::Kind::boolean:
            return "a boolean";
        case Node::Kind::number:
            return "a number";
        case Node::Kind::string:
            return "a string";
        case Node::Kind::sequence:
            return "a list";
        case Node::Kind::mapping:
            return "a mapping";
    }
    return "an unknown kind";
}

json::Value to_json(const Node& node) {
    switch (node.kind) {
        case Node::Kind::null:
            return nullptr;
        case Node::Kind::boolean:
            return node.boolean;
        case Node::Kind::number:
            return node.number;
        case Node::Kind::string:
            return json::String(node.text);
        case Node::Kind::sequence: {
            json::Array array;
            array.reserve(node.items.size());
            for (const Node& item : node.items)
                array.push_back(to_json(item));
            return array;
        }
        case Node::Kind::mapping: {
            json::Object object;
            object.reserve(node.members.size());
            for (const Node::Member& member : node.members)
                object.emplace(member.key, to_json(member.value));
            return object;
        }
    }
    return nullptr;
}

const Node* node_at(const Node& node, std::string_view pointer) {
    const Node* place = &node;
    while (!pointer.empty() && pointer.front() == '/') {
        pointer.remove_prefix(1);
        const std::string token = unescape_token(pointer.substr(0, pointer.find('/')));
        pointer.remove_prefix(std::min(pointer.find('/'), pointer.size()));
        if (const Node::Member* member = member_at(*place, token); member != nullptr) {
            place = &member->value;
        } else if (const Node* item = item_at(*place, token); item != nullptr) {
            place = item;
        } else {
            return nullptr;
        }
    }
    return place;
}

Position position_of(const Node& node, std::string_view pointer, bool key) {
    const Node* place = &node;
    Position position = node.position;
    while (!pointer.empty() && pointer.front() == '/') {
        pointer.remove_prefix(1);
        const std::string token = unescape_token(pointer.substr(0, pointer.find('/')));
        pointer.remove_prefix(std::min(pointer.find('/'), pointer.size()));
        if (const Node::Member* member = member_at(*place, token); member != nullptr) {
            place = &member->value;
            position = key && pointer.empty() ? member->key_position : place->position;
        } else if (const Node* item = item_at(*place, token); item != nullptr) {
            place = item;
            position = place->position;
        } else {
            break;
        }
    }
    return position;
}

}  // namespace signalbox::document
