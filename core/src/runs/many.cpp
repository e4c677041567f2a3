#include "runs/many.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "json/writer.hpp"
#include "runs/body.hpp"
#include "runs/view.hpp"

namespace signalbox::runs {
namespace {

using journal::Phase;

constexpr std::size_t kTextBytesMax = 1'024;

Body::Reader phase(std::vector<Phase>& into) {
    return [&into](const json::Value& value) -> std::string {
        const json::String* name = value.if_string();
        const auto found = name ? journal::phase_from_name(*name) : std::nullopt;
        if (!found) {
            return "must be a phase: waiting_approval, queued, sending, retrying, accepted, "
                   "confirmed, unconfirmed, held, finished, declined or cancelled";
        }
        into = {*found};
        return {};
    };
}

Body::Reader status(journal::RunFilter& into) {
    return [&into](const json::Value& value) -> std::string {
        const json::String* name = value.if_string();
        if (name && filter_status(into, *name)) return {};
        return "must be IN_PROGRESS, SUCCESS, FAILURE, WAITING_FOR_APPROVAL, DECLINED or CANCELLED";
    };
}

Body::Reader moment(std::int64_t& into) {
    return [&into](const json::Value& value) -> std::string {
        const json::String* text = value.if_string();
        const auto ms = text ? from_iso8601(*text) : std::nullopt;
        if (!ms)
            return "must be a moment such as 2026-11-23T20:46:33Z, or a day such as 2026-11-23";
        into = *ms;
        return {};
    };
}

Body::Reader limit(std::size_t& into) {
    return [&into](const json::Value& value) -> std::string {
        const std::int64_t* number = value.if_int64();
        if (!number || *number < 1 || *number > std::int64_t(limits::hands_runs_max))
            return "must be a whole number from 1 to " + std::to_string(limits::hands_runs_max);
        into = static_cast<std::size_t>(*number);
        return {};
    };
}

Body::Reader cursor(journal::Sequence& into) {
    return [&into](const json::Value& value) -> std::string {
        const json::String* text = value.if_string();
        if (text) {
            const auto [end, error] =
                std::from_chars(text->data(), text->data() + text->size(), into);
            if (error == std::errc() && end == text->data() + text->size() && into > 0) return {};
        }
        return "must be `next` of the call before, as it is";
    };
}

Body::Reader flag(bool& into) {
    return [&into](const json::Value& value) -> std::string {
        if (!value.is_bool()) return "must be true or false";
        into = value.get_bool();
        return {};
    };
}

std::vector<Phase> phases_of(Hand hand) {
    if (hand == Hand::redeliver) return {Phase::unconfirmed, Phase::held};
    return {Phase::waiting_approval, Phase::queued, Phase::retrying, Phase::held};
}

}  // namespace

Result<ManyRequest> parse_many(const json::Value& value, Hand hand) {
    ManyRequest request;
    journal::RunFilter& filter = request.filter;
    filter.limit = limits::hands_runs_default;
    std::optional<std::string> action;
    std::optional<std::string> connection;
    std::vector<Phase> phases;
    Body body;
    body.member("action", Body::text(action, kTextBytesMax));
    body.member("connection", Body::text(connection, kTextBytesMax));
    body.member("phase", phase(phases));
    body.member("status", status(filter));
    body.member("createdFrom", moment(filter.created_from_ms));
    body.member("createdBefore", moment(filter.created_before_ms));
    body.member("limit", limit(filter.limit));
    body.member("cursor", cursor(filter.before));
    body.member("dryRun", flag(request.dry_run));
    if (auto read = body.read(value); !read) return read.error();
    filter.action = action.value_or("");
    filter.connection = connection.value_or("");
    if (!phases.empty() && !filter.phases.empty()) {
        return Error{"invalid_body",
                     "the body has both a phase and a status",
                     {{"/status", "leave it out: a phase says more"}}};
    }
    const bool chosen = !filter.action.empty() || !filter.connection.empty() || !phases.empty() ||
                        !filter.phases.empty() || filter.created_from_ms != 0 ||
                        filter.created_before_ms != 0;
    if (!chosen) {
        return Error{"invalid_body",
                     "the body chooses no runs",
                     {{"",
                       "give at least one of action, connection, phase, status, createdFrom and "
                       "createdBefore"}}};
    }
    if (!phases.empty()) filter.phases = std::move(phases);
    if (filter.phases.empty()) filter.phases = phases_of(hand);
    return request;
}

HandDecision still_matching(journal::RunFilter filter, HandDecision decision) {
    return [phases = std::move(filter.phases), result = std::move(filter.result),
            decision = std::move(decision)](const journal::Run& run) -> Result<journal::Change> {
        const bool matches =
            std::find(phases.begin(), phases.end(), run.state.phase) != phases.end() &&
            (result.empty() || run.state.result == result);
        if (matches) return decision(run);
        return Error{"changed_meanwhile", "run " + run.seed.id + " has moved on to " +
                                              journal::phase_name(run.state.phase) +
                                              " since it was chosen, and was left alone"};
    };
}

ManyDone try_out(const journal::RunPage& page, const HandDecision& decision) {
    ManyDone tried;
    tried.dry_run = true;
    tried.next = page.next;
    for (const journal::Run& run : page.runs) {
        Handled handled{run.seed.id, run.seed.action, run.state.phase, {}};
        if (auto change = decision(run)) {
            handled.phase = change->state->phase;
        } else {
            handled.refused = std::move(change).error();
        }
        tried.runs.push_back(std::move(handled));
    }
    return tried;
}

std::string many_json(const ManyDone& done) {
    const auto refused = static_cast<std::size_t>(std::count_if(
        done.runs.begin(), done.runs.end(), [](const Handled& run) { return bool(run.refused); }));
    std::string text = "{\"dryRun\":";
    text += done.dry_run ? "true" : "false";
    text += ",\"count\":{\"matched\":" + std::to_string(done.runs.size()) +
            ",\"done\":" + std::to_string(done.runs.size() - refused) +
            ",\"refused\":" + std::to_string(refused) + "},\"runs\":[";
    bool first = true;
    for (const Handled& run : done.runs) {
        if (!first) text += ',';
        first = false;
        text += "{\"id\":";
        json::append_string(text, run.id);
        text += ",\"action\":";
        json::append_string(text, run.action);
        text += ",\"phase\":";
        json::append_string(text, journal::phase_name(run.phase));
        text += run.refused ? ",\"done\":false,\"error\":" : ",\"done\":true";
        if (run.refused) {
            json::append_string(text, run.refused->code);
            text += ",\"message\":";
            json::append_string(text, run.refused->message);
        }
        text += '}';
    }
    text += "],\"next\":";
    text += done.next == 0 ? "null" : "\"" + std::to_string(done.next) + "\"";
    return text + "}";
}

}  // namespace signalbox::runs
