#include "sources/mapping.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::sources {
namespace {

Error invalid(std::string pointer, std::string message) {
    Error error{"invalid_message", "the message is not an invocation", {}};
    error.details.push_back({std::move(pointer), std::move(message)});
    return error;
}

/// A member of an object; a null one counts as missing.
const json::Value* member(const json::Value* value, std::string_view name) {
    const json::Object* object = value ? value->if_object() : nullptr;
    const json::Value* found = object ? object->if_contains(name) : nullptr;
    return found && found->is_null() ? nullptr : found;
}

std::string text(const json::Value* value) {
    const json::String* string = value ? value->if_string() : nullptr;
    return string ? std::string(string->data(), string->size()) : std::string();
}

/// It becomes part of a URL when the run is reported on.
bool is_run_id(std::string_view id) {
    return !id.empty() && id.size() <= limits::source_id_bytes_max &&
           std::all_of(id.begin(), id.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-';
           });
}

Result<std::string> run_id_of(const json::Value& body) {
    const json::Value* id = member(member(&body, "context"), "runId");
    if (id == nullptr) return std::string();
    std::string read = text(id);
    if (!is_run_id(read)) {
        return invalid("/context/runId", "must be 1 to " + std::to_string(limits::source_id_bytes_max) +
                                             " letters, digits, `_` and `-`");
    }
    return read;
}

void read_trigger(const json::Value& body, Mapped& mapped) {
    const json::Value* trigger = member(&body, "trigger");
    if (trigger == nullptr || !trigger->is_object()) return;
    mapped.trigger = *trigger;
    const json::Value* by = member(trigger, "by");
    mapped.by = text(member(member(by, "user"), "email"));
    if (mapped.by.empty()) mapped.by = text(member(by, "userId"));
    if (mapped.by.size() > limits::source_by_bytes_max) mapped.by.clear();
}

Result<Mapped> map_port(json::Value& body) {
    Mapped mapped;
    mapped.action = text(member(&body, "action"));
    if (mapped.action.empty()) return invalid("/action", "must be the identifier of an action");
    // Port sends other things by the same road, such as changes of its entities.
    const json::Value* type = member(&body, "resourceType");
    if (type != nullptr && text(type) != "run") return invalid("/resourceType", "must be `run`");
    const json::Value* status = member(&body, "status");
    if (status != nullptr && text(status) != "TRIGGERED")
        return invalid("/status", "must be `TRIGGERED`");
    auto run_id = run_id_of(body);
    if (!run_id) return std::move(run_id).error();
    mapped.run_id = std::move(*run_id);
    read_trigger(body, mapped);

    const json::Value* payload = member(&body, "payload");
    json::Object invocation;
    const json::Value* properties = member(payload, "properties");
    invocation["properties"] = properties ? *properties : json::Value(json::Object());
    const json::Value* entity = member(payload, "entity");
    if (entity == nullptr) entity = member(member(&body, "context"), "entity");
    invocation["entity"] = entity ? *entity : json::Value();
    mapped.invocation = std::move(invocation);
    return mapped;
}

/// What proves the sender is not for payloads, which are shown and sent on.
bool is_private(const Source& source, std::string_view header) {
    constexpr std::array<std::string_view, 4> credentials = {"authorization", "cookie",
                                                             "proxy-authorization",
                                                             "webhook-signature"};
    return header == source.header ||
           std::find(credentials.begin(), credentials.end(), header) != credentials.end();
}

json::Value context_of(const Source& source, const Delivery& delivery, json::Value body) {
    json::Object headers;
    for (const auto& [name, value] : delivery.headers) {
        if (!is_private(source, name)) headers.emplace(name, json::String(value));
    }
    json::Object context;
    context["body"] = std::move(body);
    context["headers"] = std::move(headers);
    context["source"] = json::String(source.name);
    return context;
}

Result<bool> holds(const Condition& condition, const json::Value& context) {
    auto value = condition.value.render(context);
    if (!value) return std::move(value).error();
    const std::string shown = value->is_string() ? text(&*value) : json::write(*value);
    return std::find(condition.is.begin(), condition.is.end(), shown) != condition.is.end();
}

Result<json::Value> fill(const std::optional<actions::Template>& from, const json::Value& context,
                         json::Value otherwise) {
    if (!from) return otherwise;
    return from->render(context);
}

Result<Mapped> map_by_templates(const Source& source, const json::Value& context) {
    Mapped mapped;
    auto action = source.action->render(context);
    if (!action) return std::move(action).error();
    mapped.action = text(&*action);
    if (mapped.action.empty())
        return Error{"template_failed", "the source's `action` came out as no text"};
    json::Object invocation;
    auto properties = fill(source.properties, context, json::Object());
    if (!properties) return std::move(properties).error();
    auto entity = fill(source.entity, context, nullptr);
    if (!entity) return std::move(entity).error();
    invocation["properties"] = std::move(*properties);
    invocation["entity"] = std::move(*entity);
    mapped.invocation = std::move(invocation);
    if (source.reports) {
        auto run_id = run_id_of(context.get_object().at("body"));
        if (!run_id) return std::move(run_id).error();
        mapped.run_id = std::move(*run_id);
    }
    return mapped;
}

}  // namespace

const std::vector<std::string>& message_roots() {
    static const std::vector<std::string> roots = {"body", "headers", "source"};
    return roots;
}

Result<Mapped> map(const Source& source, const Delivery& delivery) {
    auto body = json::parse(delivery.body);
    if (!body) return Error{"invalid_json", "the message is not JSON as it is accepted here"};
    if (!source.action && source.when.empty()) return map_port(*body);
    json::Value context = context_of(source, delivery, std::move(*body));
    for (const Condition& condition : source.when) {
        auto fits = holds(condition, context);
        if (!fits) return std::move(fits).error();
        if (*fits) continue;
        Mapped mapped;
        mapped.fits = false;
        return mapped;
    }
    if (!source.action) return map_port(context.get_object().at("body"));
    return map_by_templates(source, context);
}

}  // namespace signalbox::sources
