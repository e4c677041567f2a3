#include "wiring/permissions.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace signalbox::wiring {
namespace {

using document::Position;
using document::Problem;

std::string unknown_action(const Assembly& assembly, const std::string& action) {
    std::vector<std::string> known;
    for (const auto& [identifier, offer] : assembly.catalog)
        known.push_back(identifier);
    const std::string_view near = nearest(action, known);
    return "there is no action '" + action + "'" +
           (near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?");
}

void warn(Assembly& assembly, const std::string& file, Position position, std::string message) {
    assembly.problems.push_back({Problem::Severity::warning, file, position, std::move(message)});
}

/// What tells of a waiting run must not wait itself.
void settle_notify(Assembly& assembly, const config::PolicySettings& policy) {
    const auto notify = assembly.catalog.find(policy.approval_notify);
    if (notify == assembly.catalog.end()) {
        assembly.refuse(policy.approval_notify_position,
                        unknown_action(assembly, policy.approval_notify));
    } else if (notify->second.action->approval != actions::RequiredApproval::none) {
        assembly.refuse(policy.approval_notify_position,
                        "action '" + policy.approval_notify +
                            "' needs an approval itself, so it cannot tell of one");
    }
}

void settle_policy(Assembly& assembly, const config::PolicySettings& policy) {
    const auto offer = assembly.catalog.find(policy.action);
    if (!policy.approval_written || offer == assembly.catalog.end()) return;
    if (!offer->second.approval) {
        assembly.refuse(policy.approval_position,
                        "action '" + policy.action +
                            "' has no requiredApproval, so nothing of it is approved; add it to the "
                            "document, or remove this");
        return;
    }
    offer->second.approval->deadline_ms = policy.approval_deadline_ms;
    offer->second.approval->notify = policy.approval_notify;
    if (!policy.approval_notify.empty()) settle_notify(assembly, policy);
}

bool has(const config::ClientSettings& client, config::Right right) {
    return (client.rights & static_cast<std::uint8_t>(right)) != 0;
}

/// A `user:` acts through a client that may say so, and has the right itself.
bool can_act(const Assembly& assembly, const std::string& name, config::Right right) {
    if (name.rfind("user:", 0) != 0) return true;
    const auto& clients = assembly.config.clients;
    return clients.empty() ||
           std::any_of(clients.begin(), clients.end(), [right](const auto& client) {
               return client.trusted && (has(client, right) || has(client, config::Right::admin));
           });
}

void settle_lists(Assembly& assembly, const config::PermissionSettings& settings) {
    constexpr std::pair<const char*, config::Right> kRights[] = {
        {"view", config::Right::view},
        {"invoke", config::Right::invoke},
        {"approve", config::Right::approve},
        {"report", config::Right::report}};
    if (assembly.catalog.count(settings.action) == 0)
        assembly.refuse(settings.position, unknown_action(assembly, settings.action));
    for (std::size_t i = 0; i < settings.lists.size(); ++i) {
        if (!settings.lists[i]) continue;
        for (const std::string& name : *settings.lists[i]) {
            if (can_act(assembly, name, kRights[i].second)) continue;
            warn(assembly, assembly.config.file, settings.position,
                 "'" + name + "' can do nothing here: no client with the right " +
                     kRights[i].first + " is `trusted: true`, so none can say whom it speaks for");
        }
    }
}

void settle_offer(Assembly& assembly, runs::Offer& offer) {
    const actions::Action& action = *offer.action;
    if (!offer.approval) return;
    if (action.notification_position.line != 0 && offer.approval->notify.empty()) {
        warn(assembly, action.file, action.notification_position,
             "approvalNotification is ignored: Signalbox tells approvers by another action; name it "
             "in the config as policies: " +
                 action.identifier + ": approval: {notify: ACTION}");
    }
    journal::Run anybodys;  // of a requester that is nobody in particular
    anybodys.seed.action = action.identifier;
    anybodys.state.approval.emplace();
    anybodys.state.approval->all = offer.approval->all;
    if (!offer.unavailable.empty() || assembly.permissions->can_be_approved(anybodys)) return;
    const Position position = document::position_of(*action.node, "/requiredApproval");
    const std::string reason =
        "its runs have to be approved, and nobody may do that: give a client the right `approve`, or "
        "name somebody in the config's permissions";
    offer.unavailable = action.file + ":" + std::to_string(position.line) + ":" +
                        std::to_string(position.column) + ": " + reason;
    warn(assembly, action.file, position,
         "action '" + action.identifier + "' is unavailable: " + reason);
}

}  // namespace

void settle_permissions(Assembly& assembly) {
    std::map<std::string, runs::NamedLists, std::less<>> listed;
    for (auto& [identifier, offer] : assembly.catalog) {
        listed.emplace(identifier, runs::NamedLists());
        if (offer.action->approval == actions::RequiredApproval::none) continue;
        offer.approval.emplace();
        offer.approval->all = offer.action->approval == actions::RequiredApproval::all;
    }
    for (const config::PolicySettings& policy : assembly.config.policies)
        settle_policy(assembly, policy);
    for (const config::PermissionSettings& settings : assembly.config.permissions) {
        settle_lists(assembly, settings);
        const auto found = listed.find(settings.action);
        if (found != listed.end()) found->second = settings.lists;
    }
    std::vector<std::string> approvers;
    std::vector<std::string> admins;
    for (const config::ClientSettings& client : assembly.config.clients) {
        if (has(client, config::Right::approve)) approvers.push_back(client.id);
        if (has(client, config::Right::admin)) admins.push_back(client.id);
    }
    assembly.permissions = std::make_shared<const runs::Permissions>(
        std::move(listed), std::move(approvers), std::move(admins));
    for (auto& [identifier, offer] : assembly.catalog)
        settle_offer(assembly, offer);
}

}  // namespace signalbox::wiring
