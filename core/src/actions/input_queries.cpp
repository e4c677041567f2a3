#include "actions/input_queries.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "actions/action.hpp"
#include "actions/report.hpp"
#include "actions/secret_path.hpp"
#include "json/door.hpp"
#include "schema/values.hpp"

namespace signalbox::actions {
namespace {

using document::Node;
using Kind = document::Node::Kind;
using Input = InputQueries::Input;
using Rule = InputQueries::Rule;

const std::vector<std::string>& query_roots() {
    static const std::vector<std::string> names = {"form", "entity", "user"};
    return names;
}

/// Members of an input's schema.
bool is_keyword(std::string_view key) {
    static const std::vector<std::string> names = {"enum",    "pattern", "minLength", "maxLength",
                                                   "minimum", "maximum", "minItems",  "maxItems"};
    return std::find(names.begin(), names.end(), key) != names.end();
}

class Reader {
  public:
    Reader(const Node& properties, Report& report, Action& action)
        : properties_(properties), report_(report), action_(action) {
        for (const Node::Member& member : properties.members)
            by_name_.emplace(member.key, &member);
    }

    /// Each after those that it depends on, else as they stand.
    std::vector<Input> read() {
        for (const Node::Member& member : properties_.members)
            walk(member);
        return std::move(inputs_);
    }

    std::optional<std::size_t> query(const Node& value) {
        const Node* text = value.find("jqQuery");
        if (text == nullptr || !report_.is(*text, Kind::string, "`jqQuery`")) return {};
        const std::size_t first = text->text.find_first_not_of(" \t\r\n");
        const document::Position position =
            text->place().at(text->text, first == std::string::npos ? 0 : first);
        if (computes_with_secrets(text->text)) {
            report_.unavailable(position, "a query of the inputs cannot see secrets");
            return {};
        }
        const auto number = action_.jq.add(text->text, position, query_roots());
        if (number) return *number;
        report_.unavailable(position, number.error().message);
        return {};
    }

    /// None where it says what holds without it.
    void add_rule(std::vector<Rule>& rules, const Node* node, bool without) {
        if (node == nullptr) return;
        if (node->find("jqQuery") != nullptr) {
            rules.push_back({without, query(*node)});
        } else if (node->kind == Kind::boolean && node->boolean != without) {
            rules.push_back({node->boolean, {}});
        }
    }

  private:
    /// Depth first and without the stack: there may be as many inputs as a document has nodes. A
    /// circle has been reported (input_order.cpp), and ends where it closes.
    void walk(const Node::Member& first) {
        struct Place {
            const Node::Member* member;
            std::size_t next = 0;  // of its `dependsOn`
        };
        std::vector<Place> path;
        if (seen_.insert(first.key).second) path.push_back({&first});
        while (!path.empty()) {
            Place& here = path.back();
            const Node* depends = here.member->value.find("dependsOn");
            if (depends != nullptr && here.next < depends->items.size()) {
                const auto found = by_name_.find(depends->items[here.next++].text);
                if (found != by_name_.end() && seen_.insert(found->first).second)
                    path.push_back({found->second});
                continue;
            }
            if (here.member->value.kind == Kind::mapping)
                inputs_.push_back(read_input(*here.member));
            path.pop_back();
        }
    }

    Input read_input(const Node::Member& member) {
        Input input;
        input.name = member.key;
        input.secret = member.value.find("encryption") != nullptr;
        add_rule(input.visible, member.value.find("visible"), true);
        add_rule(input.disabled, member.value.find("disabled"), false);
        const Node* value = member.value.find("default");
        if (value != nullptr && value->find("jqQuery") != nullptr)
            input.default_query = query(*value);
        read_keywords(input, member.value, false);
        if (const Node* items = member.value.find("items")) read_keywords(input, *items, true);
        return input;
    }

    void read_keywords(Input& input, const Node& mapping, bool of_items) {
        for (const Node::Member& member : mapping.members) {
            if (member.value.find("jqQuery") == nullptr) continue;
            if (is_keyword(member.key)) {
                if (const auto number = query(member.value))
                    input.keywords.push_back({member.key, of_items, *number});
            } else if (of_items && is_queried(member.key)) {
                report_.error(member.value.position,
                              "`" + member.key + "` of `items` cannot be a jqQuery");
            }
        }
    }

    const Node& properties_;
    Report& report_;
    Action& action_;
    std::vector<Input> inputs_;
    std::map<std::string_view, const Node::Member*> by_name_;
    std::set<std::string_view> seen_;  // open or done
};

void read_steps(const Node& user_inputs, Reader& reader, std::vector<Input>& inputs) {
    const Node* steps = user_inputs.find("steps");
    if (steps == nullptr) return;
    std::map<std::string_view, Input*> by_name;
    for (Input& input : inputs)
        by_name.emplace(input.name, &input);
    for (const Node& step : steps->items) {
        std::vector<Rule> rules;
        reader.add_rule(rules, step.find("visible"), true);
        const Node* order = step.find("order");
        if (rules.empty() || order == nullptr) continue;
        for (const Node& name : order->items) {
            const auto input = by_name.find(name.text);
            if (input == by_name.end()) continue;
            std::vector<Rule>& visible = input->second->visible;
            visible.insert(visible.end(), rules.begin(), rules.end());
        }
    }
}

bool decides(const Input& input) {
    return !input.visible.empty() || !input.disabled.empty() || !input.keywords.empty() ||
           input.default_query;
}

/// One invocation's way through the inputs.
class Form {
  public:
    Form(const Action& action, json::Object given, WholeEntities& whole, const Asking& asking)
        : action_(action), given_(std::move(given)), whole_(whole), asking_(asking) {
        json::Value filled = given_;
        action.inputs->fill_defaults(filled);
        values_ = std::move(filled.as_object());
        schema_ = action.queries.schema;
    }

    Result<json::Value> check() {
        for (const Input& input : action_.queries.inputs) {
            decide(input);
            if (error_) return std::move(*error_);
        }
        require();
        if (error_) return std::move(*error_);
        std::vector<Detail> findings = std::move(findings_);
        const auto schema = changed_ ? schema::Schema::compile(schema_, false) : *action_.inputs;
        if (!schema) return unusable(schema.error());
        const json::Value values = values_;
        for (Detail& finding : schema->validate(values)) {
            // What was refused as a whole has been said.
            const bool said =
                std::any_of(findings.begin(), findings.end(),
                            [&](const Detail& other) { return other.pointer == finding.pointer; });
            if (!said) findings.push_back(std::move(finding));
        }
        if (findings.empty()) return values;
        return Error{"invalid_inputs", {}, std::move(findings)};
    }

  private:
    void decide(const Input& input) {
        const bool visible = std::all_of(input.visible.begin(), input.visible.end(),
                                         [this](const Rule& rule) { return holds(rule); });
        const bool disabled = std::any_of(input.disabled.begin(), input.disabled.end(),
                                          [this](const Rule& rule) { return holds(rule); });
        const json::Value* given = given_.if_contains(input.name);
        if (input.default_query && (given == nullptr || disabled)) set_default(input);
        if (error_) return;
        if (!visible) {
            hidden_.push_back(input.name);
            if (given != nullptr)
                finding(input,
                        "is hidden by `visible` for these inputs, and not accepted; leave it out");
        } else if (disabled && given != nullptr && !is_default(input, *given)) {
            finding(input,
                    "is disabled for these inputs; leave it out, or send its default as it is");
        }
        for (const InputQueries::Keyword& keyword : input.keywords)
            set_keyword(input, keyword);
    }

    void finding(const Input& input, std::string message) {
        findings_.push_back({"/" + json::escape_token(input.name), std::move(message)});
    }

    bool holds(const Rule& rule) {
        if (!rule.query) return rule.fixed;
        const json::Value value = evaluate(*rule.query);
        return !value.is_null() && value != json::Value(false);
    }

    json::Value evaluate(std::size_t query) {
        if (error_) return nullptr;
        if (asking_.jq == nullptr) {
            error_ =
                Error{"template_failed", "the inputs need jq, and nothing here evaluates it", {}};
            return nullptr;
        }
        if (!current_) {
            json::Object form = values_;
            for (const Input& input : action_.queries.inputs) {
                if (input.secret) form.erase(input.name);
            }
            whole_.put_back_into(form);
            show_entities(action_.entities, form);
            context_ = json::Object{{"form", std::move(form)},
                                    {"entity", shown_entity(asking_.entity, action_.blueprint)},
                                    {"user", asking_.user}};
            asking_.jq->set_context(context_);
            current_ = true;
        }
        auto value = asking_.jq->evaluate(query);
        if (value) return std::move(*value);
        error_ = std::move(value).error();
        return nullptr;
    }

    void set_default(const Input& input) {
        json::Value value = evaluate(*input.default_query);
        if (value.is_null()) return;
        if (given_.contains(input.name)) {
            WholeEntities(action_.entities).take_out_of(input.name, value);
            defaults_[input.name] = std::move(value);
            return;
        }
        whole_.take_out_of(input.name, value);
        defaults_[input.name] = value;
        values_[input.name] = std::move(value);
        current_ = false;
    }

    json::Object& property(const Input& input) {
        return schema_.as_object()["properties"].as_object()[input.name].as_object();
    }

    bool is_default(const Input& input, const json::Value& given) {
        const auto queried = defaults_.find(input.name);
        const json::Value* wanted = queried != defaults_.end()
                                        ? &queried->second
                                        : property(input).if_contains("default");
        return wanted != nullptr && schema::canonical(*wanted) == schema::canonical(given);
    }

    void set_keyword(const Input& input, const InputQueries::Keyword& keyword) {
        json::Value value = evaluate(keyword.query);
        if (value.is_null()) return;  // nothing is demanded
        json::Object& schema =
            keyword.of_items ? property(input)["items"].as_object() : property(input);
        schema[keyword.name] = std::move(value);
        changed_ = true;
    }

    /// What nobody can give is not required.
    void require() {
        json::Array names;
        if (action_.queries.required_query) {
            const json::Value value = evaluate(*action_.queries.required_query);
            if (error_) return;
            const json::Array* listed = value.if_array();
            if (listed == nullptr && !value.is_null()) return refuse_required();
            if (listed != nullptr) names = *listed;
        } else if (const json::Value* fixed = schema_.as_object().if_contains("required")) {
            names = fixed->as_array();
        }
        const std::size_t asked = names.size();
        json::Array kept;
        for (json::Value& name : names) {
            if (!name.is_string() ||
                !schema_.as_object()["properties"].as_object().contains(name.get_string()))
                return refuse_required();
            const bool hidden = std::find(hidden_.begin(), hidden_.end(),
                                          std::string_view(name.get_string())) != hidden_.end();
            if (!hidden && std::find(kept.begin(), kept.end(), name) == kept.end())
                kept.push_back(std::move(name));
        }
        if (!action_.queries.required_query && kept.size() == asked) return;
        schema_.as_object()["required"] = std::move(kept);
        changed_ = true;
    }

    void refuse_required() {
        error_ =
            Error{"template_failed",
                  "the jqQuery of `required` gave something else than a list of names of inputs",
                  {}};
    }

    /// Where a query gave a member of a kind that it cannot be. What it gave may hold inputs.
    Error unusable(const Error& error) const {
        const std::string pointer = error.details.empty() ? "" : error.details.front().pointer;
        return Error{"template_failed",
                     "a jqQuery of the inputs gave what cannot stand there: " + pointer +
                         " (a pattern is one that RE2 takes, an enum a list, a bound a number)",
                     {}};
    }

    const Action& action_;
    const json::Object given_;
    WholeEntities& whole_;
    const Asking& asking_;
    json::Object values_;  // given, with defaults
    json::Value schema_;
    json::Value context_;
    bool changed_ = false;  // is schema_ another one than action_.inputs?
    bool current_ = false;  // is context_ of values_, and told to jq?
    std::map<std::string, json::Value> defaults_;
    std::vector<std::string> hidden_;
    std::vector<Detail> findings_;
    std::optional<Error> error_;
};

}  // namespace

bool is_queried(std::string_view key) {
    return is_keyword(key) || key == "default" || key == "visible" || key == "disabled" ||
           key == "required";
}

void read_input_queries(const Node& user_inputs, json::Value schema, Report& report,
                        Action& action) {
    const Node* properties = user_inputs.find("properties");
    if (properties == nullptr || properties->kind != Kind::mapping) return;
    Reader reader(*properties, report, action);
    std::vector<Input> inputs = reader.read();
    read_steps(user_inputs, reader, inputs);
    const Node* required = user_inputs.find("required");
    const bool queried = required != nullptr && required->find("jqQuery") != nullptr;
    if (queried) action.queries.required_query = reader.query(*required);
    if (!queried && std::none_of(inputs.begin(), inputs.end(), decides)) return;
    action.queries.inputs = std::move(inputs);
    action.queries.schema = std::move(schema);
}

Result<json::Value> check_queried_inputs(const Action& action, json::Value properties,
                                         WholeEntities& whole, const Asking& asking) {
    return Form(action, std::move(properties.as_object()), whole, asking).check();
}

}  // namespace signalbox::actions
