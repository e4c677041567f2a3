#include "actions/approval.hpp"

#include <algorithm>
#include <string>
#include <vector>

namespace signalbox::actions {
namespace {

using document::Node;
using Kind = document::Node::Kind;

/// The text of a member that must be one of `accepted`; empty, and an error, where it is not.
std::string word_of(const Node& mapping, const std::string& key, const std::string& where,
                    const std::vector<std::string>& accepted, Report& report) {
    const Node* member = mapping.find(key);
    if (member == nullptr) {
        report.error(mapping.position,
                     where + " needs a `" + key + "`; accepted are " + listed(accepted));
        return {};
    }
    if (!report.is(*member, Kind::string, "`" + key + "`")) return {};
    if (std::find(accepted.begin(), accepted.end(), member->text) != accepted.end())
        return member->text;
    report.error(member->position, where + " has the " + key + " " + in_quotes(member->text) +
                                       did_you_mean(member->text, accepted) + "; accepted are " +
                                       listed(accepted));
    return {};
}

void read_required(const Node& approval, Action& action, Report& report) {
    if (approval.kind == Kind::null) return;
    if (approval.kind == Kind::boolean) {
        if (approval.boolean) action.approval = RequiredApproval::any;
        return;
    }
    if (approval.kind != Kind::mapping) {
        report.error(approval.position,
                     std::string("`requiredApproval` must be true, false or {type: ANY | ALL}, "
                                 "found ") +
                         document::kind_name(approval.kind));
        return;
    }
    report.refuse_unknown(approval, {"type"}, "`requiredApproval`");
    const std::string type =
        word_of(approval, "type", "`requiredApproval`", {"ANY", "ALL"}, report);
    action.approval = type == "ALL" ? RequiredApproval::all : RequiredApproval::any;
}

void read_notification(const Node& notification, Action& action, Report& report) {
    if (notification.kind == Kind::null) return;
    if (!report.is(notification, Kind::mapping, "`approvalNotification`")) return;
    const std::string where = "`approvalNotification`";
    if (word_of(notification, "type", where, {"email", "webhook"}, report) != "webhook") {
        report.refuse_unknown(notification, {"type"}, where);
        return;
    }
    report.refuse_unknown(notification, {"type", "url", "format"}, where);
    if (notification.find("url") == nullptr)
        report.error(notification.position, where + " of type webhook needs a `url`");
    report.text(notification, "url");
    if (notification.find("format") != nullptr)
        word_of(notification, "format", where, {"json", "slack"}, report);
    action.notification_position = notification.position;
}

}  // namespace

void read_approval(const Node& document, Action& action, Report& report) {
    if (const Node* approval = document.find("requiredApproval"))
        read_required(*approval, action, report);
    if (const Node* notification = document.find("approvalNotification"))
        read_notification(*notification, action, report);
}

}  // namespace signalbox::actions
