#include "runs/permissions.hpp"

#include <algorithm>
#include <utility>

#include "base/encoding.hpp"
#include "runs/approval.hpp"

namespace signalbox::runs {
namespace {

const char* deed_of(Verb verb) {
    switch (verb) {
        case Verb::view:
            return "see";
        case Verb::invoke:
            return "invoke";
        case Verb::approve:
            return "approve runs of";
        case Verb::report:
            return "report on runs of";
    }
    return "use";
}

Error forbidden(Verb verb, const std::string& action, const Principal& who) {
    return Error{"forbidden", in_words(who.client, who.user) + " may not " + deed_of(verb) +
                                  " action '" + action +
                                  "'; who may is in the config, under permissions"};
}

}  // namespace

bool is_named(const std::string& name, const std::string& client, const std::string& user) {
    if (!user.empty() && name == "user:" + user) return true;
    return !client.empty() && name == client;
}

std::string in_words(const std::string& client, const std::string& user) {
    if (user.empty()) return client.empty() ? "somebody unnamed" : "client '" + client + "'";
    return client.empty() ? user : user + " (by client '" + client + "')";
}

Permissions::Permissions(std::map<std::string, NamedLists, std::less<>> actions,
                         std::vector<std::string> approvers, std::vector<std::string> admins)
    : actions_(std::move(actions)),
      approvers_(std::move(approvers)),
      admins_(std::move(admins)) {
    for (const auto& [action, lists] : actions_)
        for (const auto& list : lists)
            restricted_ = restricted_ || list.has_value();
}

/// Null: the action is not known.
const std::optional<std::vector<std::string>>* Permissions::list(Verb verb,
                                                                 const std::string& action) const {
    const auto found = actions_.find(action);
    if (found == actions_.end()) return nullptr;
    const auto& own = found->second[static_cast<std::size_t>(verb)];
    return own || verb == Verb::report ? &own
                                       : &found->second[static_cast<std::size_t>(Verb::view)];
}

bool Permissions::allow(Verb verb, const std::string& action, const Principal& who) const {
    if (sees_all(who)) return true;
    const auto* names = list(verb, action);
    if (names == nullptr) return false;
    return !*names ||
           std::any_of((*names)->begin(), (*names)->end(), [&who](const std::string& name) {
               return is_named(name, who.client, who.user);
           });
}

std::vector<std::string> Permissions::approvers(const std::string& action) const {
    const auto found = actions_.find(action);
    if (found != actions_.end()) {
        const auto& names = found->second[static_cast<std::size_t>(Verb::approve)];
        if (names) return *names;
    }
    std::vector<std::string> able;
    for (const std::string& client : approvers_) {
        if (allow(Verb::approve, action, {client, {}, false, true})) able.push_back(client);
    }
    return able.empty() ? admins_ : able;
}

bool Permissions::can_be_approved(const journal::Run& run) const {
    if (approvers_.empty() && admins_.empty()) return true;
    if (!still_asked(run, approvers(run.seed.action)).empty()) return true;
    const bool all = run.state.approval && run.state.approval->all;
    return !all && !still_asked(run, admins_).empty();
}

std::optional<std::vector<std::string>> Permissions::allowed_actions(Verb verb,
                                                                     const Principal& who) const {
    if (sees_all(who)) return {};
    std::vector<std::string> allowed;
    for (const auto& [action, lists] : actions_) {
        if (allow(Verb::view, action, who) && allow(verb, action, who)) allowed.push_back(action);
    }
    return allowed;
}

Result<Done> Permissions::check(Verb verb, const std::string& action, const Principal& who) const {
    if (allow(verb, action, who)) return Done{};
    if (who.views && verb != Verb::view && allow(Verb::view, action, who))
        return forbidden(verb, action, who);
    const auto visible = visible_actions(who);
    const std::string_view near =
        visible && who.views ? nearest(action, *visible) : std::string_view();
    return Error{"action_not_found",
                 "no action '" + action + "'" +
                     (near.empty() ? std::string() : "; did you mean '" + std::string(near) + "'?")};
}

Guard guard(PermissionsPtr permissions, Verb verb, Principal who) {
    return [permissions = std::move(permissions), verb,
            who = std::move(who)](const journal::Run& run) -> std::optional<Error> {
        const std::string& action = run.seed.action;
        if (permissions->allow(verb, action, who)) return {};
        if (who.views && verb != Verb::view && permissions->allow(Verb::view, action, who))
            return forbidden(verb, action, who);
        return Error{"run_not_found", "There is no run '" + run.seed.id +
                                          "' in this journal; check the run's id."};
    };
}

}  // namespace signalbox::runs
