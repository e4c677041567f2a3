#include "api/approval_page.hpp"

#include "api/api.hpp"
#include "api/pages.hpp"
#include "base/encoding.hpp"
#include "runs/approval.hpp"

namespace signalbox::api {
namespace {

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

std::string decisions_table(const std::vector<journal::ApprovalDecision>& decisions) {
    if (decisions.empty()) return {};
    std::string out =
        "<table><tr><th>Decision</th><th>By</th><th>At</th><th>Comment</th></tr>\n";
    for (const journal::ApprovalDecision& each : decisions) {
        out += std::string("<tr><td>") + (each.approves ? "approved" : "declined") + "</td><td>" +
               escaped_html(runs::in_words(each.client, each.user)) + "</td><td>" +
               to_iso8601(each.at_ms) + "</td><td>" + escaped_html(each.comment) + "</td></tr>\n";
    }
    return out + "</table>\n";
}

}  // namespace

std::string approval_html(const journal::Run& run, const std::vector<std::string>& asked,
                          const runs::Previewed* upcoming) {
    if (!run.state.approval) return {};
    const journal::Approval& approval = *run.state.approval;
    std::string out = "<h2>Approval</h2>\n<p>Asked for by " +
                      escaped_html(runs::in_words(run.seed.client, run.seed.user)) + ".";
    if (run.state.phase != journal::Phase::waiting_approval)
        return out + "</p>\n" + decisions_table(approval.decisions);
    out += approval.all ? " It waits for each of: " : " It waits for one of: ";
    out += asked.empty() ? std::string("nobody that is known") : escaped_html(joined(asked));
    out += ".";
    if (approval.deadline_ms != 0)
        out += " After " + to_iso8601(approval.deadline_ms) + " it counts as declined.";
    out += "</p>\n" + decisions_table(approval.decisions);
    const std::string id = escaped_html(run.seed.id);
    out += "<p><code>signalbox runs approve " + id + "</code> or <code>signalbox runs decline " + id +
           "</code></p>\n";
    if (!upcoming) return out;
    const std::string& body =
        upcoming->request.body ? *upcoming->request.body : upcoming->payload;
    out += "<h3>What will be sent</h3>\n<pre>" +
           escaped_html(upcoming->request.method + " " + upcoming->request.url + "\n" +
                        upcoming->request.head + "\n" + body) +
           "</pre>\n";
    return out;
}

std::string Api::approval_of(const journal::Run& run, bool signatures) const {
    if (!run.state.approval) return {};
    const auto asked =
        runs::still_asked(run, runs_.permissions()->approvers(run.seed.action));
    if (run.state.phase != journal::Phase::waiting_approval)
        return approval_html(run, asked, nullptr);
    auto upcoming = runs_.upcoming(run);
    if (upcoming && !signatures) runs_.hide_signatures(run.seed.connection, upcoming->request);
    return approval_html(run, asked, upcoming ? &*upcoming : nullptr);
}

}  // namespace signalbox::api
