#include <algorithm>

#include "base/limits.hpp"
#include "config/address.hpp"
#include "config/secrets.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;
using signing::Scheme;

/// What is signed says when it was, so a message can be told too old.
bool is_timed(const SourceSettings& source) {
    return source.proof == Proof::signature &&
           (source.scheme == Scheme::port_v1 || source.scheme == Scheme::standard_webhooks);
}

std::vector<std::string> accepted_proofs() {
    std::vector<std::string> names = signing::scheme_names();
    names.erase(std::remove(names.begin(), names.end(), "none"), names.end());
    names.insert(names.end(), {"basic", "bearer"});
    return names;
}

/// False: said what is wrong with it.
bool read_verify(const Node& node, SourceSettings& source, Scope scope) {
    const std::optional<std::string> name = read_string(node, "verify", scope);
    if (!name) return false;
    if (*name == "basic" || *name == "bearer") {
        source.proof = *name == "basic" ? Proof::basic : Proof::bearer;
        return true;
    }
    const auto scheme = signing::scheme_from_name(*name);
    if (scheme == Scheme::none) {
        scope.reporter.error(node.position,
                             "`verify: none` would let everybody in; accepted: " +
                                 join(accepted_proofs()));
        return false;
    }
    if (!scheme) {
        scope.reporter.error(node.position, found(node) + " proves nothing; accepted: " +
                                                join(accepted_proofs()) +
                                                did_you_mean(*name, accepted_proofs()));
        return false;
    }
    source.scheme = *scheme;
    return true;
}

void refuse_useless(const Node& node, const SourceSettings& source, Scope scope) {
    const auto refuse = [&](const char* key, const char* why) {
        if (const Node* useless = node.find(key)) {
            scope.reporter.error(useless->position, "`" + std::string(key) + "` has no use here: " +
                                                        why + "; remove it");
        }
    };
    if (source.proof != Proof::basic) refuse("user", "only `verify: basic` has one");
    if (source.proof != Proof::signature)
        refuse("header", "the proof is in the Authorization header");
    if (source.scheme == Scheme::standard_webhooks)
        refuse("header", "Standard Webhooks says which headers there are");
    if (!is_timed(source)) refuse("tolerance", "what is verified holds no timestamp");
}

void read_proof(const Node& node, const Fields& fields, SourceSettings& source, Scope scope) {
    const Node* verify = fields.require(
        "verify", "say how a message proves who sent it: " + join(accepted_proofs()));
    if (verify != nullptr && read_verify(*verify, source, scope))
        refuse_useless(node, source, scope);
    if (fields.is_mapping() && !fields.has("key"))
        scope.reporter.error(source.position,
                             "the source has no `key`; add key: {env: NAME} or {file: PATH}");
    if (const Node* key = node.find("key")) source.key = read_secret(*key, "key", scope);
    if (const Node* previous = fields.find("previous_keys"))
        source.previous_keys = read_previous_keys(*previous, scope);
    if (const Node* header = fields.find("header")) source.header = read_header(*header, scope);
    if (source.proof == Proof::basic) {
        if (const Node* user = fields.require("user", "name the user that it signs in as"))
            source.user = read_string(*user, "user", scope).value_or("");
        if (source.user.find(':') != std::string::npos)
            scope.reporter.error(node.find("user")->position,
                                 "`user` has a `:`, which HTTP Basic ends a user's name at");
    }
    if (!is_timed(source)) source.keep_ms = limits::replay_keep_ms_default;
    if (const Node* tolerance = fields.find("tolerance"))
        source.tolerance_ms = read_duration(*tolerance, "tolerance", limits::config_tolerance_ms_min,
                                            limits::config_tolerance_ms_max, scope)
                                  .value_or(source.tolerance_ms);
    if (source.tolerance_ms % 1'000 != 0)
        scope.reporter.error(node.find("tolerance")->position,
                             "`tolerance` must be whole seconds, as timestamps are");
    if (const Node* keep = fields.find("keep"))
        source.keep_ms = read_duration(*keep, "keep", limits::config_replay_keep_ms_min,
                                       limits::config_replay_keep_ms_max, scope)
                             .value_or(source.keep_ms);
}

std::vector<SourceCondition> read_when(const Node& node, Scope scope) {
    std::vector<SourceCondition> conditions;
    const auto* items = read_list(node, "when", "{value: TEMPLATE, is: [TEXT, …]}", scope);
    if (items == nullptr) return conditions;
    if (items->size() > limits::source_conditions_max)
        scope.reporter.error(node.position, "`when` has " + std::to_string(items->size()) +
                                                " conditions; accepted are at most " +
                                                std::to_string(limits::source_conditions_max));
    for (const Node& item : *items) {
        SourceCondition condition;
        const Fields fields(item, "a condition", {"value", "is"}, scope);
        if (const Node* value = fields.require("value", "write a template")) {
            read_string(*value, "value", scope);
            condition.value = *value;
        }
        if (const Node* is = fields.require("is", "list the texts that fit")) {
            const auto* texts = read_list(*is, "is", "texts", scope);
            for (const Node& text : texts ? *texts : std::vector<Node>()) {
                if (auto read = read_string(text, "is", scope)) condition.is.push_back(*read);
            }
        }
        conditions.push_back(std::move(condition));
    }
    return conditions;
}

void read_mapping(const Fields& fields, SourceSettings& source, Scope scope) {
    if (const Node* when = fields.find("when")) source.when = read_when(*when, scope);
    if (const Node* action = fields.find("action")) {
        read_string(*action, "action", scope);
        source.action = *action;
    }
    if (const Node* properties = fields.find("properties")) {
        if (properties->kind != Node::Kind::mapping && properties->kind != Node::Kind::string)
            scope.reporter.error(properties->position,
                                 "`properties` must be a mapping from an input to a template, or "
                                 "one template, found " +
                                     found(*properties));
        source.properties = *properties;
    }
    if (const Node* entity = fields.find("entity")) source.entity = *entity;
    for (const char* key : {"properties", "entity"}) {
        if (fields.has(key) && !fields.has("action"))
            scope.reporter.error(source.position,
                                 "`" + std::string(key) +
                                     "` stands without `action`; name the action that a message "
                                     "invokes, or leave both out where messages are Port's");
    }
}

SourceReportSettings read_report(const Node& node, Scope scope) {
    SourceReportSettings report;
    report.position = node.position;
    const Fields fields(node, "`report`",
                        {"url", "client_id", "client_secret", "egress", "tls", "first", "cap"},
                        scope);
    if (const Node* url = fields.require("url", "write url: https://api.port.io")) {
        if (const auto text = read_string(*url, "url", scope)) {
            if (Result<std::string> base = parse_base_url(*text)) {
                report.url = std::move(*base);
            } else {
                if (text->find('@') != std::string::npos)
                    scope.literal_secrets.push_back(url->position);
                scope.reporter.error(url->position, "`url`: " + base.error().message);
            }
        }
    }
    if (const Node* id = fields.require("client_id", "it is shown in Port's credentials")) {
        if (id->kind == Node::Kind::mapping) {
            report.client_id_secret = read_secret(*id, "client_id", scope);
        } else {
            report.client_id = read_string(*id, "client_id", scope).value_or("");
        }
    }
    if (fields.is_mapping() && !fields.has("client_secret"))
        scope.reporter.error(node.position,
                             "`report` has no `client_secret`; add client_secret: {env: NAME}");
    if (const Node* secret = node.find("client_secret"))
        report.client_secret = read_secret(*secret, "client_secret", scope).value_or(Secret());
    if (const Node* egress = fields.find("egress"))
        report.egress_allow = read_egress(*egress, scope);
    if (const Node* tls = fields.find("tls")) report.tls = read_connection_tls(*tls, scope);
    const auto delay = [&](const char* key, std::int64_t otherwise) {
        const Node* written = fields.find(key);
        if (written == nullptr) return otherwise;
        return read_duration(*written, key, 1, limits::config_retry_delay_ms_max, scope)
            .value_or(otherwise);
    };
    report.first_ms = delay("first", report.first_ms);
    report.cap_ms = delay("cap", std::max(report.cap_ms, report.first_ms));
    if (report.cap_ms < report.first_ms)
        scope.reporter.error(node.find("cap")->position,
                             "`cap`, the longest delay, is shorter than `first`, the shortest");
    return report;
}

SourceSettings read_source(const Node::Member& member, Scope scope) {
    SourceSettings source;
    source.name = member.key;
    source.position = member.key_position;
    if (!is_name(member.key))
        scope.reporter.error(member.key_position,
                             "`" + member.key + "` is not a source's name, which has " + name_rule());
    const Node& node = member.value;
    const Fields fields(node, "a source",
                        {"verify", "key", "previous_keys", "header", "user", "tolerance", "keep",
                         "per_second", "when", "action", "properties", "entity", "report"},
                        scope);
    read_proof(node, fields, source, scope);
    if (const Node* rate = fields.find("per_second"))
        source.per_second =
            read_number(*rate, "per_second", 0, limits::config_per_second_max, scope)
                .value_or(source.per_second);
    read_mapping(fields, source, scope);
    if (const Node* report = fields.find("report")) source.report = read_report(*report, scope);
    return source;
}

}  // namespace

std::vector<SourceSettings> read_sources(const Node& node, Scope scope) {
    std::vector<SourceSettings> sources;
    if (node.kind != Node::Kind::mapping)
        scope.reporter.error(node.position,
                             "`sources` must be a mapping from a name to a source, found " +
                                 std::string(document::kind_name(node.kind)));
    for (const Node::Member& member : node.members)
        sources.push_back(read_source(member, scope));
    return sources;
}

}  // namespace signalbox::config
