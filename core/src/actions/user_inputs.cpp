#include "actions/user_inputs.hpp"

#include <algorithm>
#include <set>
#include <string_view>

#include "actions/input_encryption.hpp"
#include "actions/input_order.hpp"
#include "actions/input_queries.hpp"
#include "actions/names.hpp"
#include "json/door.hpp"

namespace signalbox::actions {
namespace {

using document::Node;
using Kind = document::Node::Kind;

/// The last line is what Port's pages have for objects, in JSON Schema's words.
const std::vector<std::string>& input_keys() {
    static const std::vector<std::string> keys = {
        "type",       "title",      "description",          "icon",
        "default",    "enum",       "enumColors",           "format",
        "minLength",  "maxLength",  "pattern",              "minimum",
        "maximum",    "minItems",   "maxItems",             "uniqueItems",
        "items",      "blueprint",  "dependsOn",            "visible",
        "disabled",   "dataset",    "sort",                 "encryption",
        "spec",       "specAuthentication",
        "properties", "required",   "additionalProperties", "patternProperties"};
    return keys;
}

const std::vector<std::string>& input_types() {
    static const std::vector<std::string> types = {"string", "number", "boolean", "object",
                                                   "array"};
    return types;
}

const std::vector<std::string>& input_formats() {
    static const std::vector<std::string> formats = {
        "date-time", "url",  "email", "ipv4",     "ipv6",       "yaml",       "entity",
        "user",      "team", "proto", "markdown", "multi-line", "labeled-url"};
    return formats;
}

/// Words that mean the same in Port's documents and in our schemas, and are checked by the schema.
bool is_passed_on(const std::string& key) {
    static const std::vector<std::string> same = {
        "minLength", "maxLength",   "pattern", "minimum", "maximum",    "minItems",
        "maxItems",  "uniqueItems", "default", "enum",    "description"};
    return std::find(same.begin(), same.end(), key) != same.end();
}

/// What Port's formats ask of a text, in our schemas' words; empty: nothing that could be checked.
std::string format_checked(const std::string& format) {
    if (format == "url") return "uri";
    if (format == "user") return "email";
    for (const char* same : {"date-time", "email", "ipv4", "ipv6"})
        if (format == same) return same;
    return {};
}

bool is_query(const Node& node) {
    return node.find("jqQuery") != nullptr;
}

bool is_input_name(const std::string& name) {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               std::string_view("@_=-").find(c) != std::string_view::npos;
    });
}

class Reader {
  public:
    explicit Reader(Report& report) : report_(report) {}

    /// The schema of the whole; its members stand under the same names as in the document.
    json::Object read(const Node& inputs) {
        json::Object schema = no_inputs();
        if (!report_.is(inputs, Kind::mapping, "`userInputs`")) return schema;
        report_.refuse_unknown(inputs, {"properties", "required", "order", "steps", "titles"},
                               "`userInputs`");
        const Node* properties = inputs.find("properties");
        if (properties != nullptr && report_.is(*properties, Kind::mapping, "`properties`")) {
            schema["properties"] = read_properties(*properties, true);
            check_dependencies(*properties, report_);
        }
        if (const Node* required = inputs.find("required")) {
            schema["required"] = read_required(*required, properties, true, true);
        }
        check_arrangement(inputs, report_);
        refuse_queries_of_a_form(inputs);
        return schema;
    }

    static json::Object no_inputs() {
        json::Object schema;
        schema["type"] = "object";
        schema["properties"] = json::Object();
        schema["additionalProperties"] = false;
        return schema;
    }

  private:
    /// `of_inputs`: it stands where input_queries.cpp reads queries.
    void query(const Node& node, const std::string& key, bool of_inputs) {
        if (of_inputs && is_queried(key)) return;
        report_.unavailable(node.position,
                            "`" + key + "` is a jqQuery, and is not evaluated there; write it out");
    }

    /// Of the whole (`outermost`), or of an input that is an object.
    json::Object read_properties(const Node& properties, bool outermost) {
        json::Object schemas;
        if (!outermost) ++nested_;
        for (const Node::Member& member : properties.members) {
            if (outermost && !is_input_name(member.key)) {
                report_.error(member.key_position,
                              "the input name " + in_quotes(member.key) +
                                  " is not accepted; use letters, digits and @ _ = -");
            }
            if (report_.is(member.value, Kind::mapping, "an input")) {
                schemas[member.key] =
                    read_input(member.value, "the input " + in_quotes(member.key));
                if (outermost) read_encrypted(member.key, member.value);
                if (outermost) read_entity(member.key, member.value);
            }
        }
        if (!outermost) --nested_;
        return schemas;
    }

    json::Object read_input(const Node& input, const std::string& what) {
        json::Object schema;
        report_.refuse_unknown(input, input_keys(), what);
        if (input.find("type") == nullptr) {
            report_.error(input.position,
                          what + " has no `type`; accepted are " + listed(input_types()));
        }
        ++depth_;
        for (const Node::Member& member : input.members)
            read_member(schema, member, what);
        read_object(schema, input, what);
        --depth_;
        const Node* format = input.find("format");
        const std::string checked = format == nullptr ? "" : format_checked(format->text);
        const json::Value* type = schema.if_contains("type");
        if (!checked.empty() && type != nullptr && *type == "string")
            schema["format"] = json::String(checked);
        return schema;
    }

    void read_member(json::Object& schema, const Node::Member& member, const std::string& what) {
        const std::string& key = member.key;
        const Node& value = member.value;
        if (key == "dataset") return read_dataset(value);
        if (key == "required") return;  // read_object()
        if (is_query(value)) return query(value, key, nested_ == 0 && depth_ <= 2);
        if (key == "type") {
            if (one_of(value, "type", input_types())) schema["type"] = value.text;
        } else if (key == "format") {
            one_of(value, "format", input_formats());
        } else if (key == "items") {
            if (report_.is(value, Kind::mapping, "`items`")) {
                schema["items"] = read_input(value, "`items` of " + what);
            }
        } else if (key == "encryption") {
            schema["x-secret"] = true;
            if (depth_ > 1)
                report_.error(member.key_position,
                              "`encryption` goes with an input, and not with a part of one");
        } else if (is_passed_on(key)) {
            schema[key] = document::to_json(value);
        } else if (key == "visible" || key == "disabled") {
            report_.is(value, Kind::boolean, "`" + key + "`");
        } else if (key == "title" || key == "icon" || key == "blueprint") {
            report_.is(value, Kind::string, "`" + key + "`");
        } else if (key == "enumColors") {
            report_.is(value, Kind::mapping, "`" + key + "`");
        } else if (key == "sort") {
            read_sort(value);
        }
    }

    /// It filters what a form offers; a query in it is the form's business.
    void read_dataset(const Node& dataset) {
        if (is_query(dataset)) return;
        if (!report_.is(dataset, Kind::mapping, "`dataset`")) return;
        report_.refuse_unknown(dataset, {"combinator", "rules"}, "`dataset`");
        if (const Node* combinator = dataset.find("combinator"))
            one_of(*combinator, "combinator", {"and", "or"});
        if (const Node* rules = dataset.find("rules"))
            report_.is(*rules, Kind::sequence, "`rules`");
    }

    void read_sort(const Node& sort) {
        if (!report_.is(sort, Kind::mapping, "`sort`")) return;
        report_.refuse_unknown(sort, {"property", "order"}, "`sort`");
        if (const Node* property = sort.find("property"))
            report_.is(*property, Kind::string, "`property`");
        if (const Node* order = sort.find("order")) one_of(*order, "order", {"ASC", "DESC"});
    }

    /// The members of an object. Port takes others beside them unless the document says not.
    void read_object(json::Object& schema, const Node& input, const std::string& what) {
        const Node* properties = input.find("properties");
        const Node* patterns = input.find("patternProperties");
        const Node* additional = input.find("additionalProperties");
        const bool named =
            properties != nullptr && report_.is(*properties, Kind::mapping, "`properties`");
        const bool matched =
            patterns != nullptr && report_.is(*patterns, Kind::mapping, "`patternProperties`");
        if (named) schema["properties"] = read_properties(*properties, false);
        if (matched) schema["patternProperties"] = read_properties(*patterns, false);
        if (named || matched) schema["additionalProperties"] = true;
        if (additional != nullptr) read_additional(schema, *additional, what);
        // A name that is not declared may be one that a pattern matches, or one of the others.
        const bool declared =
            !matched && (additional == nullptr || additional->kind != Kind::mapping);
        if (const Node* required = input.find("required"))
            schema["required"] = read_required(*required, properties, false, declared);
    }

    void read_additional(json::Object& schema, const Node& additional, const std::string& what) {
        if (additional.kind == Kind::mapping) {
            ++nested_;
            schema["additionalProperties"] =
                read_input(additional, "`additionalProperties` of " + what);
            --nested_;
        } else if (additional.kind != Kind::boolean) {
            report_.error(additional.position,
                          std::string("`additionalProperties` must be true, false or an input, found ") +
                              document::kind_name(additional.kind));
        } else if (!additional.boolean) {
            schema["additionalProperties"] = false;
        }
    }

    void read_encrypted(const std::string& name, const Node& input) {
        const Node* encryption = input.find("encryption");
        const Node* type = input.find("type");
        if (encryption == nullptr || is_query(*encryption)) return;
        if (auto read =
                read_encryption(*encryption, name, type == nullptr ? "" : type->text, report_))
            report_.action().encrypted.push_back(std::move(*read));
    }

    void read_entity(const std::string& name, const Node& input) {
        if (auto read = read_entity_input(name, input))
            report_.action().entities.push_back(std::move(*read));
    }

    bool one_of(const Node& value, const std::string& key,
                const std::vector<std::string>& accepted) {
        if (!report_.is(value, Kind::string, "`" + key + "`")) return false;
        if (std::find(accepted.begin(), accepted.end(), value.text) != accepted.end()) return true;
        report_.error(value.position, "the " + key + " " + in_quotes(value.text) + " is unknown" +
                                          did_you_mean(value.text, accepted) + "; accepted are " +
                                          listed(accepted));
        return false;
    }

    /// Nobody could give these: they come from their defaults, or not at all.
    static std::set<std::string_view> hidden_inputs(const Node* properties) {
        std::set<std::string_view> names;
        if (properties == nullptr) return names;
        for (const Node::Member& member : properties->members) {
            const Node* visible = member.value.find("visible");
            if (visible != nullptr && visible->kind == Kind::boolean && !visible->boolean)
                names.insert(member.key);
        }
        return names;
    }

    /// `declared`: a name must be among `properties`.
    json::Array read_required(const Node& required, const Node* properties, bool outermost,
                              bool declared) {
        json::Array names;
        if (is_query(required)) {
            query(required, "required", outermost);
            return names;
        }
        if (!report_.is(required, Kind::sequence, "`required`")) return names;
        Names inputs;
        inputs.add(properties);
        const std::set<std::string_view> hidden = hidden_inputs(outermost ? properties : nullptr);
        for (const Node& name : required.items) {
            if (!report_.is(name, Kind::string, "a name in `required`")) continue;
            if (declared && !inputs.has(name.text)) {
                report_.error(name.position, "`required` names " + in_quotes(name.text) +
                                                 ", which is not among `properties`" +
                                                 inputs.meant(name.text));
            } else if (hidden.count(name.text) == 0) {
                names.push_back(json::String(name.text));
            }
        }
        return names;
    }

    void refuse_queries_of_a_form(const Node& inputs) {
        if (const Node* steps = inputs.find("steps")) {
            for (const Node& step : steps->items)
                refuse_queries(step);
        }
        if (const Node* titles = inputs.find("titles")) {
            for (const Node::Member& title : titles->members)
                refuse_queries(title.value);
        }
    }

    void refuse_queries(const Node& mapping) {
        for (const Node::Member& member : mapping.members) {
            if (is_query(member.value)) query(member.value, member.key, true);
        }
    }

    Report& report_;
    std::size_t depth_ = 0;   // of inputs within inputs
    std::size_t nested_ = 0;  // of objects within inputs
};

/// Is the finding about one of the values of an enum, `…/enum/3`?
bool is_enum_value(std::string_view pointer) {
    const std::size_t slash = pointer.rfind('/');
    return slash != std::string_view::npos && pointer.substr(0, slash).ends_with("/enum") &&
           pointer.find_first_not_of("0123456789", slash + 1) == std::string_view::npos;
}

/// Is the finding about one of the patterns of `…/patternProperties/^S_`?
bool is_name_pattern(std::string_view pointer) {
    const std::size_t slash = pointer.rfind('/');
    return slash != std::string_view::npos &&
           pointer.substr(0, slash).ends_with("/patternProperties");
}

/// Port accepts patterns that RE2 cannot express, and defaults that do not fit: such a document
/// loads, but an invocation would be checked by other rules than its author meant.
void report_findings(const Node& inputs, const json::Value& schema, const Error& error,
                     Report& report) {
    for (const Detail& detail : error.details) {
        const document::Position position = document::position_of(inputs, detail.pointer);
        const std::string last = detail.pointer.substr(detail.pointer.rfind('/') + 1);
        const json::Value* found = json::at_pointer(schema, detail.pointer);
        if (last == "pattern" && found != nullptr && found->is_string()) {
            report.unavailable(position, "the pattern " + detail.message);
        } else if (is_name_pattern(detail.pointer)) {
            report.unavailable(document::position_of(inputs, detail.pointer, true),
                               "the pattern of names " + detail.message);
        } else if (last == "patternProperties") {
            report.unavailable(position, "`patternProperties` " + detail.message);
        } else if (last == "default") {
            report.unavailable(position, "the default " + detail.message);
        } else if (is_enum_value(detail.pointer)) {
            report.unavailable(position, "a value of the enum " + detail.message);
        } else {
            report.error(position, "`" + last + "` " + detail.message);
        }
    }
}

}  // namespace

std::shared_ptr<const schema::Schema> read_user_inputs(const Node* user_inputs, Report& report,
                                                       json::Value* as_json) {
    const json::Value schema =
        user_inputs != nullptr ? Reader(report).read(*user_inputs) : Reader::no_inputs();
    if (as_json != nullptr) *as_json = schema;
    auto compiled = schema::Schema::compile(schema, false);
    if (!compiled) {
        if (user_inputs != nullptr) report_findings(*user_inputs, schema, compiled.error(), report);
        compiled = schema::Schema::compile(json::Object{{"type", "object"}}, false);
    }
    return std::make_shared<const schema::Schema>(std::move(*compiled));
}

}  // namespace signalbox::actions
