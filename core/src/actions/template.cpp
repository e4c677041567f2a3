#include "actions/template.hpp"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "actions/expression.hpp"
#include "base/hole.hpp"
#include "base/limits.hpp"
#include "jq/source.hpp"
#include "json/writer.hpp"

namespace signalbox::actions {

/// A node of the tree: as it stands, or with something to fill in.
struct Template::Part {
    enum class Kind : std::uint8_t { literal, path, jq, mixed, array, object, spread };

    struct Piece {
        Kind kind = Kind::literal;  // or path or jq
        std::string text;
        Path path;
        std::size_t number = 0;  // of the jq expression
    };
    struct Member;

    Kind kind = Kind::literal;
    json::Value literal;
    Path path;
    std::size_t number = 0;  // of the jq expression
    std::vector<Piece> pieces;
    std::vector<Part> items;
    std::vector<Member> members;
};

struct Template::Part::Member {
    Part key;  // literal, path, jq, mixed or spread
    Part value;
};

namespace {

using Part = Template::Part;
using Kind = Part::Kind;

constexpr std::string_view kSpread = "spreadValue()";

/// One byte of the lower bound below can turn out to be this many: a double's text and a comma.
constexpr std::size_t kBoundFactor = 25;

class Compiler {
  public:
    /// `jq` may be null: plain paths only.
    Compiler(const std::string& file, JqExpressions* jq, document::Problems& problems,
             const std::vector<std::string>& roots)
        : file_(file), jq_(jq), problems_(problems), roots_(roots) {}

    Part compile(const document::Node& node) {
        switch (node.kind) {
            case document::Node::Kind::string:
                return compile_text(node.text, node.place(), false);
            case document::Node::Kind::sequence:
                return compile_sequence(node);
            case document::Node::Kind::mapping:
                return compile_mapping(node);
            default:
                return literal(document::to_json(node));
        }
    }

    std::vector<SecretUse> take_secrets() { return std::move(secrets_); }

  private:
    static Part literal(json::Value value) {
        Part part;
        part.literal = std::move(value);
        return part;
    }

    void problem(document::Position position, std::string message) {
        problems_.push_back(
            {document::Problem::Severity::warning, file_, position, std::move(message)});
    }

    Part compile_sequence(const document::Node& node) {
        Part part;
        part.kind = Kind::array;
        bool constant = true;
        for (const document::Node& item : node.items) {
            part.items.push_back(compile(item));
            constant = constant && part.items.back().kind == Kind::literal;
        }
        return constant ? literal(document::to_json(node)) : part;
    }

    Part compile_mapping(const document::Node& node) {
        Part part;
        part.kind = Kind::object;
        bool constant = true;
        for (const document::Node::Member& member : node.members) {
            Part key = compile_text(member.key, member.key_place(), true);
            Part value = compile(member.value);
            constant = constant && key.kind == Kind::literal && value.kind == Kind::literal;
            part.members.push_back({std::move(key), std::move(value)});
        }
        return constant ? literal(document::to_json(node)) : part;
    }

    Part compile_text(const std::string& text, document::TextPlace place, bool key) {
        const SplitText split = split_text(text);
        if (!split.closed) {
            problem(place.at(text, split.open), "an expression begins with {{ and has no }}; close it");
            return literal(json::String(text));
        }
        const bool whole = split.parts.size() == 1 && split.parts.front().expression;
        if (whole && key && split.parts.front().text == kSpread) {
            Part part;
            part.kind = Kind::spread;
            return part;
        }
        Part part;
        part.kind = Kind::mixed;
        bool constant = true;
        for (const TextPart& piece : split.parts) {
            constant = constant && !piece.expression;
            add_piece(part, piece, place.at(text, piece.offset), key);
        }
        if (constant) return literal(json::String(text));
        // The hole of a secret stays mixed text: a literal counts as what the document says.
        if (whole && part.pieces.size() == 1 && part.pieces.front().kind != Kind::literal) {
            part.kind = part.pieces.front().kind;
            part.path = std::move(part.pieces.front().path);
            part.number = part.pieces.front().number;
            part.pieces.clear();
        }
        return part;
    }

    void add_piece(Part& part, const TextPart& piece, document::Position position, bool key) {
        if (!piece.expression) {
            part.pieces.push_back({Kind::literal, piece.text, {}, 0});
            return;
        }
        if (const auto secret = secret_in(piece.text)) {
            if (key) problem(position, "a secret cannot be a key; write it as a value");
            if (!is_secret_name(*secret))
                problem(position, "no secret has such a name; it has letters, digits, _ and -");
            secrets_.push_back({*secret, position});
            part.pieces.push_back({Kind::literal, hole(*secret), {}, 0});
            return;
        }
        if (computes_with_secrets(piece.text))
            return problem(position, no_computing_with_secrets());
        if (piece.text == kSpread) {
            problem(
                position,
                "{{ spreadValue() }} stands where it merges nothing; it is accepted as the whole "
                "of a key");
            return;
        }
        if (auto path = parse_path(piece.text)) {
            std::string wrong = root_problem(*path, piece.text, roots_);
            if (!wrong.empty()) return problem(position, std::move(wrong));
            part.pieces.push_back({Kind::path, {}, std::move(*path), 0});
            return;
        }
        if (jq_ == nullptr) {
            return problem(position, "the expression " + jq::shown(piece.text) +
                                         " is not a plain path, and here nothing else is evaluated; "
                                         "accepted are ." +
                                         roots_.front() + ".name, ." + roots_.front() +
                                         "[\"a-b\"], ." + roots_.front() +
                                         ".list[0] and the like");
        }
        const auto number = jq_->add(piece.text, position, roots_);
        if (!number) return problem(position, number.error().message);
        part.pieces.push_back({Kind::jq, {}, {}, *number});
    }

    const std::string& file_;
    JqExpressions* const jq_;
    document::Problems& problems_;
    const std::vector<std::string>& roots_;
    std::vector<SecretUse> secrets_;
};

/// A lower bound of what json::write would make of it, found without looking into strings.
std::size_t bytes_at_least(const json::Value& value) {
    if (const json::String* text = value.if_string()) return text->size() + 2;
    std::size_t bytes = 2;
    if (const json::Array* array = value.if_array()) {
        for (const json::Value& item : *array)
            bytes += bytes_at_least(item);
        return bytes;
    }
    if (const json::Object* object = value.if_object()) {
        for (const auto& member : *object) {
            bytes += member.key().size() + 3 + bytes_at_least(member.value());
        }
        return bytes;
    }
    return 1;
}

class Renderer {
  public:
    Renderer(const Context& context, JqRun* jq) : context_(context), jq_(jq) {}

    Result<json::Value> render(const Part& root) {
        json::Value value = fill(root);
        // Exact only where it can matter: writing costs as much again as rendering.
        if (!error_ && bytes_ > limits::payload_bytes_max / kBoundFactor &&
            json::write(value).size() > limits::payload_bytes_max) {
            fail_too_large();
        }
        if (error_) return std::move(*error_);
        return value;
    }

  private:
    void fail(std::string message) {
        if (!error_) error_ = Error{"template_failed", std::move(message), {}};
    }

    void fail_too_large() {
        fail("the filled template has more than " + std::to_string(limits::payload_bytes_max) +
             " bytes; send smaller inputs or use them in fewer places");
    }

    /// Counts before anything is copied: one input of a megabyte may stand in a thousand places.
    bool fits(std::size_t bytes) {
        bytes_ += bytes;
        if (bytes_ <= limits::payload_bytes_max) return true;
        fail_too_large();
        return false;
    }

    json::Value fill(const Part& part) {
        if (error_) return nullptr;
        switch (part.kind) {
            case Kind::literal:
                return copy(part.literal);
            case Kind::path:
                return copy(follow(part.path, context_));
            case Kind::jq: {
                json::Value value = evaluate(part.number);
                if (!fits(bytes_at_least(value))) return nullptr;
                return value;
            }
            case Kind::mixed: {
                const std::string text = fill_text(part);
                if (!fits(text.size() + 2)) return nullptr;
                return json::String(text);
            }
            case Kind::array: {
                json::Array array;
                if (!fits(2)) return nullptr;
                array.reserve(part.items.size());
                for (const Part& item : part.items)
                    array.push_back(fill(item));
                return array;
            }
            case Kind::object:
                return fill_object(part);
            case Kind::spread:
                break;
        }
        return nullptr;
    }

    json::Value evaluate(std::size_t number) {
        if (error_) return nullptr;
        if (jq_ == nullptr) {
            fail("this template needs jq, and nothing here evaluates it");
            return nullptr;
        }
        auto value = jq_->evaluate(number);
        if (!value) {
            error_ = std::move(value).error();
            return nullptr;
        }
        return std::move(*value);
    }

    json::Value copy(const json::Value& value) {
        if (!fits(bytes_at_least(value))) return nullptr;
        return value;
    }

    std::string fill_text(const Part& part) {
        std::string text;
        for (const Part::Piece& piece : part.pieces) {
            if (piece.kind == Kind::path) {
                append_as_text(text, follow(piece.path, context_));
            } else if (piece.kind == Kind::jq) {
                append_as_text(text, evaluate(piece.number));
            } else {
                text += piece.text;
            }
            if (bytes_ + text.size() > limits::payload_bytes_max) {
                fail_too_large();
                return {};
            }
        }
        return text;
    }

    static void append_as_text(std::string& text, const json::Value& value) {
        if (const json::String* string = value.if_string()) {
            text.append(string->data(), string->size());
        } else if (!value.is_null()) {
            json::append(text, value);
        }
    }

    json::Value fill_object(const Part& part) {
        json::Object object;
        if (!fits(2)) return nullptr;
        object.reserve(part.members.size());
        for (const Part::Member& member : part.members) {
            if (member.key.kind == Kind::spread) {
                spread(object, fill(member.value));
            } else if (const auto key = fill_key(member.key)) {
                put(object, *key, fill(member.value));
            }
            if (error_) return nullptr;
        }
        return object;
    }

    /// None: the pair is dropped.
    std::optional<std::string> fill_key(const Part& key) {
        if (key.kind == Kind::literal) {
            const json::String& text = key.literal.get_string();
            return std::string(text.data(), text.size());
        }
        if (key.kind == Kind::mixed) return fill_text(key);
        const json::Value evaluated = key.kind == Kind::jq ? evaluate(key.number) : json::Value();
        const json::Value& value = key.kind == Kind::jq ? evaluated : follow(key.path, context_);
        if (value.is_null()) return std::nullopt;
        std::string text;
        append_as_text(text, value);
        return text;
    }

    void spread(json::Object& object, json::Value value) {
        if (error_) return;
        json::Object* members = value.if_object();
        if (members == nullptr) {
            fail("{{ spreadValue() }} merges an object, and its value came out as " +
                 std::string(value.is_null() ? "null" : "something else") +
                 "; give it an expression that is an object, such as {{ .inputs }}");
            return;
        }
        // An odd number of buckets: why, says json/handler.hpp.
        object.reserve((object.size() + members->size()) | 1);
        for (auto& member : *members) {
            put(object, std::string(member.key()), std::move(member.value()));
        }
    }

    void put(json::Object& object, const std::string& key, json::Value value) {
        if (error_ || !fits(key.size() + 3)) return;
        if (!object.emplace(key, std::move(value)).second) {
            fail("two keys came out as \"" + key + "\" in one object; rename one of them");
        }
    }

    const Context& context_;
    JqRun* const jq_;
    std::size_t bytes_ = 0;
    std::optional<Error> error_;
};

}  // namespace

Template Template::compile(const document::Node& node, const std::string& file, JqExpressions& jq,
                           document::Problems& problems, const std::vector<std::string>& roots) {
    Template made;
    Compiler compiler(file, &jq, problems, roots);
    made.root_ = std::make_shared<const Part>(compiler.compile(node));
    made.secrets_ = compiler.take_secrets();
    return made;
}

Template Template::compile_paths(const document::Node& node, const std::string& file,
                                 document::Problems& problems,
                                 const std::vector<std::string>& roots) {
    Template made;
    Compiler compiler(file, nullptr, problems, roots);
    made.root_ = std::make_shared<const Part>(compiler.compile(node));
    made.secrets_ = compiler.take_secrets();
    return made;
}

const json::Value* Template::constant() const {
    return root_ && root_->kind == Kind::literal ? &root_->literal : nullptr;
}

const json::Value* Template::standing(const Context& context) const {
    if (root_ && root_->kind == Kind::path) return &follow(root_->path, context);
    return constant();
}

Result<json::Value> Template::render(const Context& context, JqRun* jq) const {
    static const Part nothing;
    return Renderer(context, jq).render(root_ ? *root_ : nothing);
}

}  // namespace signalbox::actions
