#include <algorithm>
#include <cstddef>
#include <optional>
#include <string_view>

#include "actions/action.hpp"
#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "json/writer.hpp"

// What becomes of an action when somebody invokes it.
namespace signalbox::actions {
namespace {

Error unavailable(const Action& action) {
    return Error{"action_unavailable",
                 "the action cannot be invoked here: " + action.unavailable +
                     "; correct its document (`signalbox check` shows the place) and load it again",
                 {}};
}

Error unfinished(const Action& action) {
    Error error{"plan_refused",
                "the document of action " + action.identifier +
                    " was not finished: a placeholder stands where a name belongs",
                action.placeholders};
    for (Detail& finding : error.details)
        finding.pointer.insert(0, "/invocationMethod");
    return error;
}

/// Absent where the document says nothing: then the member is null.
json::Value text_or_null(const std::string& text) {
    if (text.empty()) return nullptr;
    return json::String(text);
}

json::Object trigger_of(const Invocation& invocation) {
    if (const json::Object* told = invocation.trigger.if_object()) return *told;
    json::Object by;
    const std::string& id = invocation.user.empty() ? invocation.client : invocation.user;
    if (!id.empty()) {
        by["userId"] = json::String(id);
        by["user"] = user_of(invocation.client, invocation.user);
    }
    json::Object trigger;
    trigger["by"] = std::move(by);
    trigger["origin"] = json::String(invocation.origin);
    trigger["at"] = json::String(to_iso8601(invocation.at_ms));
    return trigger;
}

json::Array encrypted_names(const Action& action) {
    json::Array names;
    for (const EncryptedInput& input : action.encrypted)
        names.push_back(json::String(input.name));
    return names;
}

/// Which run it is, and since when: what lets a receiver tell a replay.
json::Object run_of(const Invocation& invocation, std::string_view name) {
    return {{name, json::String(invocation.run_id)},
            {"issuedAt", json::String(to_iso8601(invocation.at_ms))}};
}

/// The roots of the templates, those of several members made when a path begins there: most templates name
/// one or two.
class InvocationContext final : public Context {
  public:
    InvocationContext(const Action& action, const Invocation& invocation)
        : action_(action), invocation_(invocation) {}

    const json::Value* root(std::string_view name) const override {
        if (name == "inputs") return inputs();
        if (name == "entity") return &once(entity_, [this] { return entity(); });
        if (name == "trigger") return &once(trigger_, [this] { return trigger(); });
        if (name == "action") return &once(described_, [this] { return described(); });
        if (name == "run") return &once(run_, [this] { return run_of(invocation_, "id"); });
        return nullptr;
    }

    const json::Value& whole() const override {
        return once(whole_, [this] {
            json::Object roots;
            for (const std::string& name : action_roots())
                roots[name] = *root(name);
            return roots;
        });
    }

  private:
    template <class Make>
    static const json::Value& once(std::optional<json::Value>& made, Make make) {
        if (!made) made.emplace(make());
        return *made;
    }

    const json::Value* inputs() const {
        if (action_.entities.empty()) return &invocation_.properties;
        return &once(inputs_, [this] {
            json::Value shown = invocation_.properties;
            if (json::Object* members = shown.if_object()) show_entities(action_.entities, *members);
            return shown;
        });
    }
    json::Value entity() const { return shown_entity(invocation_.entity, action_.blueprint); }
    json::Object trigger() const {
        json::Object trigger = trigger_of(invocation_);
        trigger["operation"] = text_or_null(action_.operation);
        return trigger;
    }
    json::Object described() const {
        return {{"identifier", json::String(action_.identifier)},
                {"blueprint", text_or_null(action_.blueprint)},
                {"encryptedProperties", encrypted_names(action_)}};
    }

    const Action& action_;
    const Invocation& invocation_;
    mutable std::optional<json::Value> inputs_;
    mutable std::optional<json::Value> entity_;
    mutable std::optional<json::Value> trigger_;
    mutable std::optional<json::Value> described_;
    mutable std::optional<json::Value> run_;
    mutable std::optional<json::Value> whole_;
};

json::Value identifier_of(const json::Value& entity) {
    const json::Object* object = entity.if_object();
    const json::Value* identifier = object == nullptr ? nullptr : object->if_contains("identifier");
    return identifier == nullptr ? json::Value() : *identifier;
}

/// Without `headers`: they are for the target alone, and may hold what proves us to it.
json::Object method_shown(const Action& action, const json::Value& method) {
    json::Object shown;
    shown["type"] = json::String(action.invocation_type);
    if (const json::Object* members = method.if_object()) {
        for (const auto& member : *members) {
            if (member.key() != "headers" && member.key() != "type") shown.insert(member);
        }
    }
    return shown;
}

/// In Port's whole message an entity stands as its identifier.
json::Value named_properties(const Action& action, json::Value properties) {
    json::Object* members = properties.if_object();
    for (const EntityInput& input : action.entities) {
        json::Value* value = members == nullptr ? nullptr : members->if_contains(input.name);
        if (value != nullptr) *value = named_entity(input, std::move(*value));
    }
    return properties;
}

/// What Port sends where an action maps nothing.
json::Value full_message(const Action& action, const Invocation& invocation,
                         const json::Value& method) {
    json::Value entity = shown_entity(invocation.entity, action.blueprint);
    json::Object context;
    context["entity"] = identifier_of(entity);
    context["blueprint"] = text_or_null(action.blueprint);
    context["runId"] = json::String(invocation.run_id);

    json::Object described;
    described["identifier"] = json::String(action.identifier);
    described["title"] = text_or_null(action.title);
    described["invocationMethod"] = method_shown(action, method);
    described["trigger"] = text_or_null(action.operation);

    json::Object payload;
    payload["entity"] = std::move(entity);
    payload["action"] = std::move(described);
    payload["properties"] = named_properties(action, invocation.properties);
    payload["censoredProperties"] = encrypted_names(action);

    json::Object message;
    message["action"] = json::String(action.identifier);
    message["resourceType"] = "run";
    message["status"] = "TRIGGERED";
    message["trigger"] = trigger_of(invocation);
    message["context"] = std::move(context);
    message["payload"] = std::move(payload);
    return message;
}

Result<json::Value> check_by_schema(const Action& action, json::Value properties) {
    action.inputs->fill_defaults(properties);
    std::vector<Detail> findings = action.inputs->validate(properties);
    if (findings.empty()) return properties;
    return Error{"invalid_inputs", {}, std::move(findings)};
}

/// But for those about what has been refused as a whole.
void add_findings(std::vector<Detail>& findings, const std::vector<Detail>& more) {
    const std::size_t known = findings.size();
    for (const Detail& finding : more) {
        const auto end = findings.begin() + static_cast<std::ptrdiff_t>(known);
        const bool said = std::any_of(findings.begin(), end, [&](const Detail& other) {
            return other.pointer == finding.pointer;
        });
        if (!said) findings.push_back(finding);
    }
}

Error template_failed(std::string message) {
    return Error{"template_failed", std::move(message), {}};
}

/// Says in the payload which run it is of; an error where it cannot.
std::optional<Error> stamp(json::Value& body, const Invocation& invocation) {
    json::Object* members = body.if_object();
    if (members == nullptr || members->contains("signalbox")) {
        return template_failed(
            "the connection stamps its payloads, and this one " +
            std::string(members == nullptr ? "is an array; make it an object"
                                           : "has a member `signalbox` already; rename it"));
    }
    (*members)["signalbox"] = run_of(invocation, "runId");
    return std::nullopt;
}

}  // namespace

json::Value user_of(const std::string& client, const std::string& email) {
    const std::string& id = email.empty() ? client : email;
    json::Object user;
    if (!id.empty()) user["id"] = json::String(id);
    if (!email.empty()) user["email"] = json::String(email);
    return user;
}

Result<json::Value> check_inputs(const Action& action, json::Value properties,
                                 const Asking* asking) {
    if (!action.unavailable.empty()) return unavailable(action);
    WholeEntities whole(action.entities);
    if (json::Object* given = properties.if_object()) whole.take_out_of(*given);
    const json::Value nothing;
    auto checked =
        action.queries.any() && properties.is_object()
            ? check_queried_inputs(action, std::move(properties), whole,
                                   asking != nullptr ? *asking : Asking{nothing, nothing, nullptr})
            : check_by_schema(action, std::move(properties));
    if (!checked && checked.error().code != "invalid_inputs") return checked;
    std::vector<Detail> findings = whole.findings();
    if (!checked) add_findings(findings, checked.error().details);
    if (findings.empty()) {
        if (json::Object* accepted = checked->if_object()) whole.put_back_into(*accepted);
        return checked;
    }
    for (Detail& finding : findings)
        finding.pointer.insert(0, "/properties");
    return Error{"invalid_inputs",
                 "the inputs do not fit the action " + action.identifier +
                     "; each finding says what is accepted",
                 std::move(findings)};
}

Result<Rendered> render(const Action& action, const Invocation& invocation, JqRun* jq) {
    if (!action.unavailable.empty()) return unavailable(action);
    if (!action.placeholders.empty()) return unfinished(action);
    const InvocationContext context(action, invocation);
    if (jq != nullptr) jq->set_context(context.whole());
    const json::Value* method = action.method_template.constant();
    std::optional<json::Value> filled;
    if (method == nullptr) {
        auto rendered = action.method_template.render(context, jq);
        if (!rendered) return std::move(rendered).error();
        method = &filled.emplace(std::move(*rendered));
    }
    const json::Value* body =
        action.body_template ? action.body_template->standing(context) : nullptr;
    std::optional<json::Value> made;
    if (body == nullptr) {
        auto rendered = action.body_template ? action.body_template->render(context, jq)
                                             : Result(full_message(action, invocation, *method));
        if (!rendered) return std::move(rendered).error();
        body = &made.emplace(std::move(*rendered));
    }
    if (!body->is_object() && !body->is_array()) {
        return template_failed(
            "what would be sent came out as neither an object nor an array; targets take those "
            "only");
    }
    if (invocation.stamped) {
        if (!made) body = &made.emplace(*body);
        if (auto failed = stamp(*made, invocation)) return std::move(*failed);
    }
    std::string payload = json::write(*body);
    if (payload.size() > limits::payload_bytes_max) {
        return template_failed("the payload has " + std::to_string(payload.size()) +
                               " bytes, accepted are " + std::to_string(limits::payload_bytes_max) +
                               "; send less");
    }
    return Rendered{std::move(filled), std::move(payload)};
}

}  // namespace signalbox::actions
