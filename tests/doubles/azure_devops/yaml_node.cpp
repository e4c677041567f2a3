#include "yaml_node.hpp"

#include <yaml.h>

namespace azure_standin {
namespace {

constexpr int kDepthMax = 32;

// One libyaml event, freed with its owner.
class Event {
  public:
    Event() = default;
    ~Event() { yaml_event_delete(&event_); }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    yaml_event_t* get() { return &event_; }
    yaml_event_type_t type() const { return event_.type; }
    std::size_t line() const { return event_.start_mark.line + 1; }
    const yaml_event_t& operator*() const { return event_; }

  private:
    yaml_event_t event_{};
};

class Reader {
  public:
    Reader(const std::string& file, const std::string& content) : file_(file) {
        if (yaml_parser_initialize(&parser_) == 0) throw std::bad_alloc();
        yaml_parser_set_input_string(
            &parser_, reinterpret_cast<const unsigned char*>(content.data()), content.size());
    }
    ~Reader() { yaml_parser_delete(&parser_); }
    Reader(const Reader&) = delete;
    Reader& operator=(const Reader&) = delete;

    YamlNode document() {
        expect(YAML_STREAM_START_EVENT);
        expect(YAML_DOCUMENT_START_EVENT);
        YamlNode root;
        {
            Event event;
            next(event);
            root = node(event, 0);
        }
        expect(YAML_DOCUMENT_END_EVENT);
        expect(YAML_STREAM_END_EVENT);
        return root;
    }

  private:
    void next(Event& event) {
        if (yaml_parser_parse(&parser_, event.get()) != 0) return;
        throw FileError(file_, parser_.problem_mark.line + 1,
                        std::string("not YAML: ") +
                            (parser_.problem != nullptr ? parser_.problem : "unreadable"));
    }

    void expect(yaml_event_type_t type) {
        Event event;
        next(event);
        if (event.type() != type) {
            throw FileError(file_, event.line(), "one YAML document with content is accepted");
        }
    }

    YamlNode node(const Event& event, int depth) {
        if (depth > kDepthMax) {
            throw FileError(file_, event.line(),
                            "nested deeper than " + std::to_string(kDepthMax) + " levels");
        }
        YamlNode result;
        result.line = event.line();
        switch (event.type()) {
            case YAML_SCALAR_EVENT: {
                const auto& scalar = (*event).data.scalar;
                refuse_decoration(event, scalar.anchor, scalar.tag);
                result.text.assign(reinterpret_cast<const char*>(scalar.value), scalar.length);
                return result;
            }
            case YAML_SEQUENCE_START_EVENT:
                refuse_decoration(event, (*event).data.sequence_start.anchor,
                                  (*event).data.sequence_start.tag);
                result.kind = YamlNode::Kind::sequence;
                sequence(result, depth);
                return result;
            case YAML_MAPPING_START_EVENT:
                refuse_decoration(event, (*event).data.mapping_start.anchor,
                                  (*event).data.mapping_start.tag);
                result.kind = YamlNode::Kind::mapping;
                mapping(result, depth);
                return result;
            default:
                throw FileError(file_, event.line(), "aliases are not supported; write it out");
        }
    }

    void refuse_decoration(const Event& event, const unsigned char* anchor,
                           const unsigned char* tag) {
        if (anchor != nullptr || tag != nullptr) {
            throw FileError(file_, event.line(), "anchors and tags are not supported");
        }
    }

    void sequence(YamlNode& into, int depth) {
        while (true) {
            Event event;
            next(event);
            if (event.type() == YAML_SEQUENCE_END_EVENT) return;
            into.items.push_back(node(event, depth + 1));
        }
    }

    void mapping(YamlNode& into, int depth) {
        while (true) {
            Event name_event;
            next(name_event);
            if (name_event.type() == YAML_MAPPING_END_EVENT) return;
            const YamlNode name = node(name_event, depth + 1);
            if (name.kind != YamlNode::Kind::scalar) {
                throw FileError(file_, name.line, "a name must be text");
            }
            if (into.member(name.text) != nullptr) {
                throw FileError(file_, name.line, "'" + name.text + "' appears twice");
            }
            Event value_event;
            next(value_event);
            into.members.push_back({name.text, name.line, node(value_event, depth + 1)});
        }
    }

    std::string file_;
    yaml_parser_t parser_{};
};

}  // namespace

const YamlNode* YamlNode::member(std::string_view name) const {
    for (const YamlMember& member : members) {
        if (member.name == name) return &member.value;
    }
    return nullptr;
}

YamlNode parse_yaml(const std::string& file, const std::string& content) {
    return Reader(file, content).document();
}

}  // namespace azure_standin
