#include "api/run_filter.hpp"

#include <algorithm>
#include <map>

#include "api/api.hpp"
#include "api/paging.hpp"
#include "base/identity.hpp"
#include "base/limits.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

using journal::Phase;
using journal::RunFilter;

/// Reads one parameter into the filter; what is wrong with it, or empty.
using Reader = std::string (*)(RunFilter& filter, const std::string& value,
                               const runs::Catalog& catalog);

/// Both what was asked for before and this; phases that exclude each other leave no action.
void keep_phases(RunFilter& filter, const std::vector<Phase>& phases) {
    if (filter.phases.empty()) {
        filter.phases = phases;
        return;
    }
    std::erase_if(filter.phases, [&phases](Phase phase) {
        return std::find(phases.begin(), phases.end(), phase) == phases.end();
    });
    if (filter.phases.empty()) filter.actions.emplace();
}

std::string read_action(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    filter.action = value;
    return {};
}

std::string read_status(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    RunFilter with;
    if (!runs::filter_status(with, value)) {
        return "status '" + value +
               "' is none of IN_PROGRESS, SUCCESS, FAILURE, WAITING_FOR_APPROVAL, DECLINED, "
               "CANCELLED";
    }
    filter.result = with.result;
    keep_phases(filter, with.phases);
    return {};
}

std::string read_phase(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    const auto phase = journal::phase_from_name(value);
    if (!phase) return "no phase is called '" + value + "'";
    keep_phases(filter, {*phase});
    return {};
}

std::string read_active(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    if (value != "true" && value != "false") return "active is true or false";
    std::vector<Phase> phases;
    for (int each = 0; each <= static_cast<int>(Phase::cancelled); ++each) {
        const auto phase = static_cast<Phase>(each);
        if (journal::is_final(phase) == (value == "false")) phases.push_back(phase);
    }
    keep_phases(filter, phases);
    return {};
}

std::string read_limit(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    const auto limit = whole_number(value);
    if (!limit || *limit < 1 || *limit > std::int64_t(limits::list_rows_max)) {
        return "limit '" + value + "' is not a number from 1 to " +
               std::to_string(limits::list_rows_max);
    }
    filter.limit = static_cast<std::size_t>(*limit);
    return {};
}

std::string read_cursor(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    const auto before = whole_number(value);
    if (!before || *before < 1) return "cursor: pass `next` of the page before, as it is";
    filter.before = *before;
    return {};
}

std::string read_entity(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    filter.entity_id = value;
    return {};
}

std::string read_blueprint(RunFilter& filter, const std::string& value,
                           const runs::Catalog& catalog) {
    std::vector<std::string> actions;
    for (const auto& [identifier, offer] : catalog)
        if (offer.action->blueprint == value) actions.push_back(identifier);
    keep_actions(filter, std::move(actions));
    return {};
}

std::string read_user(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    const auto email = parse_identity(value);
    if (!email) return "user_email is an email, such as ada@example.com";
    filter.user = *email;
    return {};
}

std::string read_external_run_id(RunFilter& filter, const std::string& value,
                                 const runs::Catalog&) {
    filter.external_run_id = value;
    return {};
}

std::string read_source(RunFilter& filter, const std::string& value, const runs::Catalog&) {
    filter.origin = value;
    return {};
}

std::string read_version(RunFilter&, const std::string& value, const runs::Catalog&) {
    // Port has two shapes of a run; ours is one.
    return value == "v1" || value == "v2" ? std::string() : "version is v1 or v2";
}

std::string read_identity(RunFilter&, const std::string&, const runs::Catalog&) {
    return {};  // whom the client speaks for: judged before any route
}

const std::map<std::string, Reader, std::less<>>& readers() {
    static const std::map<std::string, Reader, std::less<>> all = {
        {"action", read_action},       {"status", read_status},
        {"phase", read_phase},         {"active", read_active},
        {"limit", read_limit},         {"cursor", read_cursor},
        {"entity", read_entity},       {"blueprint", read_blueprint},
        {"user_email", read_user},     {"external_run_id", read_external_run_id},
        {"source", read_source},       {"version", read_version},
        {"run_as", read_identity}};
    return all;
}

}  // namespace

void keep_actions(journal::RunFilter& filter, std::vector<std::string> actions) {
    if (filter.actions) {
        std::erase_if(actions, [&filter](const std::string& action) {
            return std::find(filter.actions->begin(), filter.actions->end(), action) ==
                   filter.actions->end();
        });
    }
    filter.actions = std::move(actions);
}

Result<RunFilter> run_filter(const net::Request& request, const runs::Catalog& catalog,
                             const runs::Permissions& permissions, const runs::Principal& who) {
    const auto members = query_members(request.query);
    if (!members) return members.error();
    RunFilter filter;
    filter.limit = limits::list_rows_default;
    for (const auto& [name, value] : *members) {
        const auto reader = readers().find(name);
        if (reader == readers().end()) {
            std::string known;
            for (const auto& [accepted, read] : readers())
                known += " " + accepted;
            return Error{"invalid_query",
                         "no filter is called '" + name + "'. Accepted:" + known};
        }
        if (std::string finding = reader->second(filter, value, catalog); !finding.empty())
            return Error{"invalid_query", std::move(finding)};
    }
    if (auto visible = permissions.visible_actions(who)) keep_actions(filter, std::move(*visible));
    return filter;
}

}  // namespace signalbox::api
