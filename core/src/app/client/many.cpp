#include "app/client/many.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <ostream>

#include "app/client/api.hpp"
#include "app/client/json.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

/// Of one call: what the server takes at most.
constexpr std::int64_t kPageMax = 1'000;

struct FilterOption {
    const char* option;
    const char* member;
};
constexpr std::array<FilterOption, 6> kFilter = {{{"action", "action"},
                                                  {"connection", "connection"},
                                                  {"phase", "phase"},
                                                  {"status", "status"},
                                                  {"created-from", "createdFrom"},
                                                  {"created-before", "createdBefore"}}};

struct Counts {
    std::int64_t matched = 0;
    std::int64_t done = 0;
};

int fail(const Tools& tools, const Error& error) {
    print_error(tools.context.err, error);
    return error.code == "usage" ? exit_code::usage : exit_code::failure;
}

std::string body_of(const Options& options, std::int64_t limit, const std::string& cursor) {
    std::string body = "{\"limit\":" + std::to_string(limit);
    for (const FilterOption& known : kFilter) {
        if (const auto value = options.value(known.option))
            body += ",\"" + std::string(known.member) + "\":" + json_string(std::string(*value));
    }
    if (!cursor.empty()) body += ",\"cursor\":" + json_string(cursor);
    if (options.has("dry-run")) body += ",\"dryRun\":true";
    return body + "}";
}

/// `ID  ACTION  held` or `ID  ACTION  refused: why`.
void print_page(std::ostream& out, const Poco::JSON::Array::Ptr& runs) {
    for (std::size_t i = 0; !runs.isNull() && i < runs->size(); ++i) {
        const auto run = runs->getObject(static_cast<unsigned>(i));
        const std::string refusal = text_at(run, "message");
        out << one_line(text_at(run, "id")) << "  " << one_line(text_at(run, "action")) << "  "
            << (refusal.empty() ? one_line(text_at(run, "phase")) : "refused: " + one_line(refusal))
            << '\n';
    }
}

void print_counts(std::ostream& out, const Counts& counts, const std::string& verb, bool dry_run) {
    const std::int64_t refused = counts.matched - counts.done;
    const std::string past = verb == "cancel" ? "cancelled" : "redelivered";
    out << counts.matched << (counts.matched == 1 ? " run matches" : " runs match") << ": "
        << counts.done << (dry_run ? " would be " : " ") << past;
    if (refused != 0) out << ", " << refused << (dry_run ? " would be refused" : " refused");
    out << '\n';
}

/// What is asked for in all; none: as many as match.
Result<std::int64_t> limit_of(const Options& options) {
    const auto text = options.value("limit");
    if (!text) return std::int64_t{0};
    const auto limit = parse_count(*text);
    if (!limit) return Error{"usage", "--limit: " + limit.error().message};
    return static_cast<std::int64_t>(*limit);
}

}  // namespace

bool has_filter(const Options& options) {
    return std::any_of(kFilter.begin(), kFilter.end(),
                       [&](const FilterOption& known) { return options.has(known.option); });
}

int change_many_runs(const Options& options, const Tools& tools, const std::string& verb) {
    const auto limit = limit_of(options);
    if (!limit) return fail(tools, limit.error());
    auto api = Api::from(options, tools);
    if (!api) return fail(tools, api.error());
    Counts counts;
    std::string cursor;
    do {
        const std::int64_t page_max =
            *limit == 0 ? kPageMax : std::min(kPageMax, *limit - counts.matched);
        const auto reply =
            api->ask("POST", "/v1/actions/runs/" + verb, body_of(options, page_max, cursor));
        if (!reply) {
            if (counts.matched != 0) {
                tools.context.err << "before that: ";
                print_counts(tools.context.err, counts, verb, options.has("dry-run"));
            }
            return fail(tools, reply.error());
        }
        const auto result = object_at(reply->json, "result");
        const auto count = object_at(result, "count");
        counts.matched += static_cast<std::int64_t>(number_at(count, "matched", 0));
        counts.done += static_cast<std::int64_t>(number_at(count, "done", 0));
        if (options.has("json")) {
            tools.context.out << reply->text << '\n';
        } else {
            print_page(tools.context.out, array_at(result, "runs"));
        }
        const std::string next = text_at(result, "next");
        if (next == cursor) break;  // a server that names the same page again
        cursor = next;
    } while (!cursor.empty() && (*limit == 0 || counts.matched < *limit));
    print_counts(options.has("json") ? tools.context.err : tools.context.out, counts, verb,
                 options.has("dry-run"));
    return counts.done == counts.matched ? exit_code::success : exit_code::failure;
}

int run_backup(const Options& options, const Tools& tools) {
    auto api = Api::from(options, tools);
    if (!api) return fail(tools, api.error());
    const auto reply =
        api->ask("POST", "/v1/backups", "{\"name\":" + json_string(options.arguments()[0]) + "}");
    if (!reply) {
        Error error = reply.error();
        if (error.code == "reply_lost")
            error.message +=
                "; it may be made all the same: the server's log says backup_made or backup_failed";
        return fail(tools, error);
    }
    if (options.has("json")) {
        tools.context.out << reply->text << '\n';
        return exit_code::success;
    }
    const auto backup = object_at(reply->json, "backup");
    tools.context.out << one_line(text_at(backup, "file")) << "  " << text_at(backup, "bytes")
                      << " bytes\n";
    return exit_code::success;
}

}  // namespace signalbox::app
