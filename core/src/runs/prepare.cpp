#include "runs/prepare.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "base/hole.hpp"
#include "base/limits.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::runs {
namespace {

using journal::RunSeed;

/// The invocation's own members, before the action looks at its properties.
struct InvocationBody {
    json::Value properties = json::Object();
    json::Value entity;
};

Result<InvocationBody> parse_invocation(json::Value value) {
    json::Object* object = value.if_object();
    if (!object) {
        return Error{
            "invalid_body", "the body is not a JSON object", {{"", "send {\"properties\": {…}}"}}};
    }
    InvocationBody body;
    Error error{"invalid_body", "the body is not an invocation"};
    for (auto& [key, member] : *object) {
        if (error.details.size() == limits::schema_findings_max) break;
        if (key == "properties") {
            if (!member.is_object()) error.details.push_back({"/properties", "must be an object"});
            body.properties = std::move(member);
        } else if (key == "entity") {
            if (!member.is_null() && !member.is_object() && !member.is_string()) {
                error.details.push_back({"/entity", "must be an object, an identifier, or null"});
            }
            body.entity = std::move(member);
        } else {
            error.details.push_back({"/" + json::escape_token(key),
                                     "not a member of an invocation. Accepted: properties entity"});
        }
    }
    if (!error.details.empty()) return error;
    return body;
}

/// What the entity is found by: its identifier, where it has one that is text.
std::string entity_id(const json::Value& entity) {
    const json::Object* object = entity.if_object();
    const json::Value* identifier = object ? object->if_contains("identifier") : &entity;
    return identifier && identifier->is_string() ? std::string(identifier->get_string())
                                                 : std::string();
}

/// Names the line of runs that this one joins; never empty. An entity is one, however much of it was sent.
std::string order_key(const actions::Action& action, const json::Value& properties,
                      const std::string& by) {
    const json::Object* members = by.empty() ? nullptr : properties.if_object();
    const json::Value* value = members == nullptr ? nullptr : members->if_contains(by);
    if (value == nullptr) return "*";
    json::Value named = *value;
    for (const actions::EntityInput& input : action.entities) {
        if (input.name == by) named = actions::named_entity(input, std::move(named));
    }
    std::string key = "=" + json::write(named);
    // A digest keeps it short; two values of one digest would only wait for each other.
    if (key.size() > limits::order_key_bytes_max) key = "#" + to_hex(sha256(key));
    return key;
}

/// RunSeed::method; `filled` as in actions::Rendered.
Result<std::string> method_of(const Offer& offer, std::optional<json::Value> filled) {
    json::Value method =
        filled ? std::move(*filled) : json::Value(*offer.action->method_template.constant());
    if (!offer.members) return json::write(method);
    // Checked as filled in: what came through a template is as untrusted as its inputs.
    auto findings = offer.members->validate(method);
    if (!findings.empty()) {
        for (Detail& finding : findings) {
            finding.pointer.insert(0, "/invocationMethod");
            finding.message = without_holes(finding.message);
        }
        return Error{"plan_refused",
                     "with these inputs, action '" + offer.action->identifier +
                         "' makes no request that its target takes",
                     std::move(findings)};
    }
    offer.members->fill_defaults(method);
    return json::write(method);
}

}  // namespace

void make_ready(Offer& offer) {
    if (offer.action->method_template.constant() == nullptr) return;
    // Where it does not fit, each invocation is told why.
    if (auto method = method_of(offer, std::nullopt)) offer.method = std::move(*method);
}

Result<const Offer*> find_offer(const Catalog& catalog, const std::string& action) {
    const auto found = catalog.find(action);
    if (found == catalog.end()) {
        std::vector<std::string> known;
        for (const auto& [identifier, offer] : catalog)
            known.push_back(identifier);
        const std::string_view near = nearest(action, known);
        return Error{
            "action_not_found",
            "no action '" + action + "'" +
                (near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?")};
    }
    const Offer& offer = found->second;
    if (!offer.unavailable.empty()) {
        return Error{"action_unavailable",
                     "action '" + action + "' cannot be invoked here: " + offer.unavailable};
    }
    return &offer;
}

Result<RunSeed> prepare(const Offer& offer, json::Value invocation, const Caller& caller,
                        std::string run_id, std::int64_t at_ms, const Jq* jq) {
    const std::string& action = offer.action->identifier;
    std::optional<actions::JqRun> jq_run;
    if (jq != nullptr) jq_run.emplace(*offer.action, jq->machine, jq->stop, at_ms);
    auto body = parse_invocation(std::move(invocation));
    if (!body) return std::move(body).error();
    const json::Value user =
        offer.action->queries.any() ? actions::user_of(caller.client, caller.user) : json::Value();
    const actions::Asking asking{body->entity, user, jq_run ? &*jq_run : nullptr};
    auto properties = actions::check_inputs(*offer.action, std::move(body->properties), &asking);
    if (!properties) return std::move(properties).error();

    // From here on nobody knows what the secret inputs were.
    if (offer.encryption) offer.encryption->encrypt(offer.action->encrypted, *properties);

    actions::Invocation known;
    known.run_id = run_id;
    known.properties = std::move(*properties);
    known.entity = std::move(body->entity);
    known.client = caller.client;
    known.user = caller.user;
    known.origin = caller.origin;
    known.trigger = caller.trigger;
    known.stamped = offer.stamped;
    known.at_ms = at_ms;
    auto rendered = actions::render(*offer.action, known, jq_run ? &*jq_run : nullptr);
    if (!rendered) return std::move(rendered).error();
    auto method = offer.method.empty() ? method_of(offer, std::move(rendered->method))
                                       : Result(offer.method);
    if (!method) return std::move(method).error();

    RunSeed seed;
    seed.id = std::move(run_id);
    seed.action = action;
    seed.connection = offer.connection;
    seed.invocation_type = offer.action->invocation_type;
    seed.client = caller.client;
    seed.user = caller.user;
    seed.origin = caller.origin;
    seed.created_ms = at_ms;
    seed.trace = caller.trace;
    seed.properties = json::write(known.properties);
    if (offer.ordered)
        seed.order_key = order_key(*offer.action, known.properties, offer.order_by);
    if (!known.entity.is_null()) seed.entity = json::write(known.entity);
    seed.entity_id = entity_id(known.entity);
    seed.method = std::move(*method);
    seed.payload = std::move(rendered->payload);
    return seed;
}

}  // namespace signalbox::runs
