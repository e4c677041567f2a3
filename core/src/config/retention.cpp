#include "base/limits.hpp"
#include "config/sections.hpp"

namespace signalbox::config {
namespace {

using document::Node;

RetentionRule read_rule(const Fields& fields, Scope scope) {
    RetentionRule rule;
    if (const Node* keep = fields.find("keep")) {
        rule.keep_ms = read_duration(*keep, "keep", limits::config_retention_keep_ms_min,
                                     limits::config_retention_keep_ms_max, scope)
                           .value_or(0);
    }
    if (const Node* runs = fields.find("runs")) {
        const auto count = read_integer(*runs, "runs", 1, limits::config_retention_runs_max, scope);
        rule.runs = static_cast<std::size_t>(count.value_or(0));
    }
    return rule;
}

}  // namespace

RetentionSettings read_retention(const Node& node, Scope scope) {
    RetentionSettings retention;
    const Fields fields(node, "`retention`", {"keep", "runs", "actions"}, scope);
    retention.otherwise = read_rule(fields, scope);
    const Node* actions = fields.find("actions");
    if (actions == nullptr) return retention;
    if (actions->kind != Node::Kind::mapping) {
        scope.reporter.error(actions->position,
                             "`actions` must be a mapping of an action's identifier to {keep, "
                             "runs}, found " +
                                 found(*actions));
        return retention;
    }
    for (const Node::Member& member : actions->members) {
        const Fields rule(member.value, "an action's retention", {"keep", "runs"}, scope);
        retention.actions.emplace_back(member.key, read_rule(rule, scope));
    }
    return retention;
}

}  // namespace signalbox::config
