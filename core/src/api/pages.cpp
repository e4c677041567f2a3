#include "api/pages.hpp"

#include <algorithm>
#include <cmath>
#include <string_view>

#include "base/encoding.hpp"
#include "base/trace.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

constexpr std::string_view kHead =
    "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"><style>"
    "body{font:16px/1.5 system-ui,sans-serif;max-width:70rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}th,td{text-align:left;vertical-align:top;"
    "padding:.3rem .8rem .3rem 0;border-bottom:1px solid #ccc}pre{white-space:pre-wrap}"
    "</style><title>";

std::string_view entity_of(char c) {
    switch (c) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        default:
            return "&#39;";
    }
}

void append_escaped(std::string& out, std::string_view text) {
    while (true) {
        const std::size_t clean = std::min(text.find_first_of("&<>\"'"), text.size());
        out.append(text.substr(0, clean));
        if (clean == text.size()) return;
        out.append(entity_of(text[clean]));
        text.remove_prefix(clean + 1);
    }
}

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    append_escaped(out, text);
    return out;
}

std::string opening(std::string_view title) {
    return std::string(kHead) + escaped(title) + "</title></head><body><h1>" + escaped(title) +
           "</h1>\n";
}

std::string at(std::int64_t unix_ms) {
    return unix_ms == 0 ? std::string() : to_iso8601(unix_ms);
}

std::string row(const std::vector<std::string>& cells, const char* tag = "td") {
    std::string out = "<tr>";
    for (const std::string& cell : cells)
        out.append("<").append(tag).append(">").append(cell).append("</").append(tag).append(">");
    return out + "</tr>\n";
}

/// A name and its value; nothing where there is none.
std::string fact(std::string_view name, std::string_view value) {
    if (value.empty()) return {};
    return "<tr><th scope=\"row\">" + std::string(name) + "</th><td>" + escaped(value) +
           "</td></tr>\n";
}

std::string phases(const journal::PhaseTimes& times) {
    std::string out;
    const auto add = [&out](std::string_view name, double ms) {
        if (ms < 0) return;
        out.append(out.empty() ? "" : ", ").append(name).append(" ");
        out.append(std::to_string(std::lround(ms))).append(" ms");
    };
    add("dns", times.dns);
    add("connect", times.connect);
    add("tls", times.tls);
    add("send", times.send);
    add("wait", times.wait);
    add("read", times.read);
    return out;
}

/// `10.1.2.3:443 TLSv1.3`
std::string peer(const journal::Attempt& attempt) {
    if (attempt.tls_version.empty()) return attempt.address;
    return attempt.address + " " + attempt.tls_version;
}

std::string attempts_table(const std::vector<journal::Attempt>& attempts) {
    if (attempts.empty()) return {};
    std::string out = "<h2>Attempts</h2>\n<table>" +
                      row({"#", "Started", "Request", "Reply", "Outcome", "Why", "Next"}, "th");
    for (const journal::Attempt& each : attempts) {
        out += row({std::to_string(each.number), at(each.started_ms),
                    escaped(each.request.method + " " + each.request.url),
                    (each.response_status == 0 ? "none" : std::to_string(each.response_status)) +
                        "<br>" + phases(each.phases) + "<br>" + escaped(peer(each)),
                    escaped(each.outcome), escaped(each.reason), at(each.next_ms)});
    }
    return out + "</table>\n";
}

void append_log(std::string& out, const std::vector<journal::LogLine>& lines) {
    if (lines.empty()) return;
    out += "<h2>Log</h2>\n";
    if (const std::int64_t left_out = lines.front().number - 1; left_out > 0) {
        out += "<p>These are the last lines; " + std::to_string(left_out) +
               " before them are left out. <code>signalbox runs logs</code> shows all.</p>\n";
    }
    out += "<pre>";
    for (const journal::LogLine& line : lines) {
        out.append(at(line.created_ms)).append("  ");
        append_escaped(out, line.message);
        out += '\n';
    }
    out += "</pre>\n";
}

}  // namespace

std::string escaped_html(std::string_view text) {
    return escaped(text);
}

std::string runs_html(const journal::RunPage& page) {
    std::string out = opening("Runs") +
                      "<p><a href=\"/rejections\">Invocations that made no run</a></p>\n";
    if (page.runs.empty()) {
        return out +
               "<p>No runs yet. Invoke an action: <code>signalbox invoke ACTION</code>.</p>"
               "</body></html>\n";
    }
    out += "<table>" + row({"Run", "Action", "Status", "Phase", "Created", "Why"}, "th");
    for (const journal::Run& run : page.runs) {
        out +=
            row({"<a href=\"/runs/" + escaped(run.seed.id) + "\">" + escaped(run.seed.id) + "</a>",
                 escaped(run.seed.action), escaped(runs::status_of(run.state)),
                 journal::phase_name(run.state.phase), at(run.seed.created_ms),
                 escaped(run.state.reason)});
    }
    out += "</table>\n";
    if (page.next != 0)
        out += "<p><a href=\"/?cursor=" + std::to_string(page.next) + "\">Older runs</a></p>";
    return out + "</body></html>\n";
}

std::string run_html(const journal::Run& run, const std::vector<journal::Attempt>& attempts,
                     const std::vector<journal::LogLine>& lines, const std::string& approval) {
    std::string out = opening("Run " + run.seed.id);
    out += "<p><a href=\"/\">All runs</a></p>\n<table>";
    out += fact("Action", run.seed.action) + fact("Connection", run.seed.connection);
    out += fact("Status", runs::status_of(run.state));
    out += fact("Phase", journal::phase_name(run.state.phase));
    out += fact("Why", run.state.reason) + fact("Label", run.state.status_label);
    out += fact("Trace", trace_id(run.seed.trace, run.seed.id));
    out += fact("For", run.seed.user) + fact("By", run.seed.client) + fact("Inputs", run.seed.properties);
    out += fact("Created", at(run.seed.created_ms)) + fact("Due", at(run.state.due_ms));
    out += fact("Ended", at(run.state.ended_ms)) + fact("Summary", run.state.summary);
    out += fact("Link", run.state.link) + fact("External run", run.state.external_run_id);
    out += "</table>\n" + approval + attempts_table(attempts);
    append_log(out, lines);
    return out + "</body></html>\n";
}

std::string rejections_html(const journal::RejectionPage& page) {
    std::string out = opening("Invocations that made no run");
    out += "<p><a href=\"/\">All runs</a></p>\n";
    if (page.rejections.empty()) return out + "<p>None is on record.</p></body></html>\n";
    out += "<table>" + row({"When", "Who", "Action", "Error", "Why", "Where", "Run"}, "th");
    for (const journal::Rejection& each : page.rejections) {
        std::string pointers;
        for (const std::string& pointer : each.pointers)
            pointers.append(pointers.empty() ? "" : "<br>").append(escaped(pointer));
        const std::string who = each.client.empty() ? each.origin : each.client + " via " + each.origin;
        const std::string run = escaped(each.run_id);
        out += row({at(each.at_ms), escaped(who), escaped(each.action), escaped(each.code),
                    escaped(each.message), pointers,
                    run.empty() ? run : "<a href=\"/runs/" + run + "\">" + run + "</a>"});
    }
    out += "</table>\n";
    if (page.next != 0) {
        out += "<p><a href=\"/rejections?cursor=" + std::to_string(page.next) +
               "\">Older ones</a></p>";
    }
    return out + "</body></html>\n";
}

}  // namespace signalbox::api
