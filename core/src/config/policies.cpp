#include "base/limits.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

void read_order(const Node& node, PolicySettings& policy, Scope scope) {
    const Fields fields(node, "`order`", {"by", "blocked"}, scope);
    policy.ordered = fields.is_mapping();
    if (const Node* by = fields.find("by")) {
        policy.order_by = read_string(*by, "by", scope).value_or("");
        policy.order_by_position = by->position;
    }
    const Node* blocked = fields.find("blocked");
    if (blocked == nullptr) return;
    const std::string word = blocked->kind == Node::Kind::string ? blocked->text : std::string();
    policy.order_skips = word == "skip";
    if (word != "park" && word != "skip")
        scope.reporter.error(blocked->position,
                             "`blocked` must be park (those behind a held run wait for it) or skip "
                             "(they pass it), found " +
                                 found(*blocked) + did_you_mean(word, {"park", "skip"}));
}

void read_approval(const Node& node, PolicySettings& policy, Scope scope) {
    const Fields fields(node, "`approval`", {"deadline", "notify"}, scope);
    policy.approval_written = true;
    if (const Node* deadline = fields.find("deadline"))
        policy.approval_deadline_ms =
            read_duration(*deadline, "deadline", 1, limits::config_deadline_ms_max, scope)
                .value_or(0);
    if (const Node* notify = fields.find("notify")) {
        policy.approval_notify = read_string(*notify, "notify", scope).value_or("");
        policy.approval_notify_position = notify->position;
    }
}

PolicySettings read_policy(const Node::Member& member, Scope scope) {
    PolicySettings policy;
    policy.action = member.key;
    policy.position = member.key_position;
    const Fields fields(member.value, "a policy", {"deadline", "retry", "order", "approval"}, scope);
    if (const Node* deadline = fields.find("deadline"))
        policy.deadline_ms =
            read_duration(*deadline, "deadline", 1, limits::config_deadline_ms_max, scope)
                .value_or(0);
    if (const Node* retry = fields.find("retry")) policy.retry = read_retry(*retry, scope);
    if (const Node* approval = fields.find("approval")) {
        policy.approval_position = approval->position;
        read_approval(*approval, policy, scope);
    }
    if (const Node* order = fields.find("order")) read_order(*order, policy, scope);
    return policy;
}

}  // namespace

std::vector<PolicySettings> read_policies(const Node& node, Scope scope) {
    std::vector<PolicySettings> policies;
    if (node.kind != Node::Kind::mapping)
        scope.reporter.error(node.position,
                             "`policies` must be a mapping from an action to its policy, found " +
                                 std::string(document::kind_name(node.kind)));
    for (const Node::Member& member : node.members)
        policies.push_back(read_policy(member, scope));
    return policies;
}

}  // namespace signalbox::config
