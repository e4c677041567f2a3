#include "app/client/render.hpp"

#include <Poco/DateTime.h>
#include <Poco/DateTimeFormat.h>
#include <Poco/DateTimeParser.h>

#include <algorithm>
#include <cstdio>
#include <ostream>

#include "app/client/approval.hpp"
#include "app/client/json.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

using Poco::JSON::Object;

constexpr const char* kPhaseNames[] = {"dns", "connect", "tls", "send", "wait", "read"};
constexpr std::size_t kLabelWidth = 12;

/// A label and its text; further lines of the text stand under its first.
void print_field(std::ostream& out, const std::string& label, const std::string& text) {
    if (text.empty()) return;
    const std::string indent(kLabelWidth, ' ');
    out << label << std::string(kLabelWidth - std::min(label.size(), kLabelWidth - 1), ' ');
    for (const char c : printable(text)) {
        out << c;
        if (c == '\n') out << indent;
    }
    out << '\n';
}

std::string milliseconds(double value) {
    char text[32];
    std::snprintf(text, sizeof text, value < 10 ? "%.1f" : "%.0f", value);
    return text;
}

/// `Ada (user_1)`, `portal`: Port shows who triggered a run as an object, Signalbox may show a
/// name.
std::string who(const Object::Ptr& trigger) {
    const auto by = object_at(trigger, "by");
    if (by.isNull()) return text_at(trigger, "by");
    const std::string email = text_at(object_at(by, "user"), "email");
    return email.empty() ? text_at(by, "userId") : email;
}

std::string duration_between(const std::string& begin, const std::string& end) {
    Poco::DateTime from;
    Poco::DateTime to;
    int zone = 0;
    const std::string& format = Poco::DateTimeFormat::ISO8601_FRAC_FORMAT;
    if (!Poco::DateTimeParser::tryParse(format, begin, from, zone) ||
        !Poco::DateTimeParser::tryParse(format, end, to, zone)) {
        return "";
    }
    const double seconds = static_cast<double>((to - from).totalMilliseconds()) / 1000.0;
    char text[48];
    std::snprintf(text, sizeof text, " (after %.1f s)", seconds);
    return text;
}

std::string joined(const Object::Ptr& object, const std::string& name) {
    const auto list = array_at(object, name);
    if (list.isNull()) return text_at(object, name);
    std::string text;
    for (std::size_t i = 0; i < list->size(); ++i) {
        text += (i > 0 ? "\n" : "") + text_of(list->get(static_cast<unsigned>(i)));
    }
    return text;
}

void print_inputs(std::ostream& out, const Object::Ptr& properties) {
    if (properties.isNull() || properties->size() == 0) return;
    std::vector<std::vector<std::string>> rows;
    for (const std::string& name : properties->getNames()) {
        rows.push_back({"  " + one_line(name), one_line(text_at(properties, name))});
    }
    out << "inputs\n";
    print_table(out, rows);
}

/// `143 ms: dns 1.0, connect 12, …`; empty where nothing was reached.
std::string attempt_times(const Object::Ptr& attempt) {
    const auto phases = object_at(attempt, "phases");
    double total = 0;
    std::string parts;
    for (const char* name : kPhaseNames) {
        const double value = number_at(phases, name, -1);
        if (value < 0) continue;
        total += value;
        parts += (parts.empty() ? "" : ", ") + std::string(name) + " " + milliseconds(value);
    }
    return parts.empty() ? "" : milliseconds(total) + " ms: " + parts;
}

/// `to 10.1.2.3:443, TLSv1.3`
std::string peer(const Object::Ptr& attempt) {
    const std::string address = text_at(attempt, "address");
    const std::string tls = text_at(attempt, "tlsVersion");
    if (address.empty()) return "";
    return "to " + address + (tls.empty() ? "" : ", " + tls);
}

void print_attempt(std::ostream& out, const Object::Ptr& attempt) {
    const auto line = [&out](const std::string& text) {
        if (!text.empty()) out << "     " << one_line(text) << '\n';
    };
    const std::string outcome = text_at(attempt, "outcome");
    out << "  " << one_line(text_at(attempt, "number")) << "  "
        << one_line(text_at(attempt, "startedAt")) << "  "
        << one_line(outcome.empty() ? "under way" : outcome) << '\n';
    const auto request = object_at(attempt, "request");
    if (!request.isNull()) line(text_at(request, "method") + " " + text_at(request, "url"));
    const std::string status = text_at(object_at(attempt, "response"), "status");
    const bool replied = !status.empty() && status != "0";
    if (replied || !outcome.empty()) line(replied ? "replied " + status : "no reply");
    line(peer(attempt));
    line(attempt_times(attempt));
    line(text_at(attempt, "reason"));
    const std::string next = text_at(attempt, "nextAt");
    if (!next.empty()) line("next attempt at " + next);
}

void print_attempts(std::ostream& out, const Object::Ptr& run) {
    const auto attempts = array_at(run, "attempts");
    if (attempts.isNull() || attempts->size() == 0) return;
    out << "attempts\n";
    for (std::size_t i = 0; i < attempts->size(); ++i) {
        print_attempt(out, attempts->getObject(static_cast<unsigned>(i)));
    }
}

void print_reported(std::ostream& out, const Object::Ptr& run) {
    print_field(out, "reason", text_at(run, "reason"));
    print_field(out, "label", text_at(run, "statusLabel"));
    print_field(out, "link", joined(run, "link"));
    print_field(out, "external", text_at(run, "externalRunId"));
    print_field(out, "summary", text_at(run, "summary"));
}

void print_what_to_do(std::ostream& out, const Object::Ptr& run) {
    const std::string phase = text_at(run, "phase");
    const std::string id = one_line(text_at(run, "id"));
    if (phase == "waiting_approval") {
        out << "It waits for somebody else: `signalbox runs approve " << id
            << "` or `signalbox runs decline " << id << "`.\n";
    }
    if (phase != "held" && phase != "unconfirmed") return;
    out << "A person decides: look on the target's side, then `signalbox runs redeliver " << id
        << "`";
    if (phase == "held") out << " or `signalbox runs cancel " << id << "`";
    out << ".\n";
}

}  // namespace

std::string action_of(const Object::Ptr& run) {
    const auto action = object_at(run, "action");
    return action.isNull() ? text_at(run, "action") : text_at(action, "identifier");
}

std::vector<std::string> run_columns() {
    return {"ID", "ACTION", "STATUS", "PHASE", "CREATED", "LABEL"};
}

std::vector<std::string> run_row(const Object::Ptr& run) {
    std::vector<std::string> row = {text_at(run, "id"),        action_of(run),
                                    text_at(run, "status"),    text_at(run, "phase"),
                                    text_at(run, "createdAt"), text_at(run, "statusLabel")};
    for (std::string& cell : row)
        cell = one_line(cell);
    return row;
}

void print_run(std::ostream& out, const Object::Ptr& run) {
    const auto trigger = object_at(run, "trigger");
    const std::string by = who(trigger);
    const std::string origin = text_at(trigger, "origin");
    const std::string created = text_at(run, "createdAt");
    const std::string ended = text_at(run, "endedAt");
    print_field(out, "run", text_at(run, "id"));
    print_field(out, "action", action_of(run));
    print_field(out, "connection", text_at(run, "connection"));
    print_field(out, "trace", text_at(run, "traceId"));
    print_field(out, "status", text_at(run, "status") + " (" + text_at(run, "phase") + ")");
    print_field(out, "by",
                (by.empty() ? "nobody named" : by) + (origin.empty() ? "" : " via " + origin));
    print_field(out, "created", created);
    if (!ended.empty()) print_field(out, "ended", ended + duration_between(created, ended));
    print_inputs(out, object_at(run, "properties"));
    print_field(out, "entity", text_at(run, "entity"));
    print_approval(out, run);
    print_attempts(out, run);
    print_field(out, "next", text_at(run, "nextAt"));
    print_reported(out, run);
    print_what_to_do(out, run);
}

void print_outcome(std::ostream& out, const Object::Ptr& run) {
    out << one_line(text_at(run, "id")) << ' ' << one_line(text_at(run, "status")) << ' '
        << one_line(text_at(run, "phase")) << '\n';
    print_reported(out, run);
    print_what_to_do(out, run);
}

void print_request(std::ostream& out, const Object::Ptr& request, bool out_is_terminal) {
    out << text_at(request, "method") << ' ' << text_at(request, "url") << '\n';
    const auto list = array_at(request, "headers");
    for (std::size_t i = 0; !list.isNull() && i < list->size(); ++i) {
        const auto header = list->getObject(static_cast<unsigned>(i));
        out << text_at(header, "name") << ": " << text_at(header, "value") << '\n';
    }
    const std::string body = text_at(request, "body");
    out << '\n' << body;
    // The bytes of the body end as they end, but a terminal's prompt wants a line of its own.
    if (out_is_terminal && !body.ends_with('\n')) out << '\n';
}

}  // namespace signalbox::app
