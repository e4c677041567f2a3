#include <memory>
#include <optional>
#include <utility>

#include "base/hole.hpp"
#include "jq/alone.hpp"
#include "json/door.hpp"
#include "runs/prepare.hpp"
#include "signalbox/check.hpp"
#include "silent_log.hpp"
#include "wiring/assembly.hpp"
#include "wiring/explain.hpp"
#include "wiring/targets.hpp"

namespace signalbox {
namespace {

/// With jq, on a thread that can be left behind.
Result<journal::RunSeed> prepare(const runs::Offer& offer, json::Value invocation,
                                 std::int64_t now_ms) {
    const runs::Caller nobody{"", "API"};
    const std::string run_id(runs::preview_run_id);
    if (offer.action->jq.list.empty())
        return runs::prepare(offer, std::move(invocation), nobody, run_id, now_ms);
    auto given = std::make_shared<json::Value>(std::move(invocation));
    auto seed = std::make_shared<std::optional<Result<journal::RunSeed>>>();
    auto late = jq::run_alone([offer, given, nobody, run_id, now_ms, seed](
                                  jq::Machine& machine, const std::atomic<bool>& stop) {
        const runs::Jq jq{machine, stop};
        *seed = runs::prepare(offer, std::move(*given), nobody, run_id, now_ms, &jq);
    });
    if (late) return std::move(*late);
    return std::move(**seed);
}

}  // namespace

Result<Preview> preview(const std::filesystem::path& config, const std::string& action,
                        const std::string& invocation, Seams seams) {
    const Clock& clock = seams.clock ? *seams.clock : system_clock();
    LogSink& log = seams.log ? *seams.log : silent_log();
    wiring::Assembly assembly = wiring::assemble(config);
    std::vector<dispatch::Target> targets;
    if (!document::has_errors(assembly.problems)) {
        targets = wiring::connect(assembly, log, clock, assembly.config.public_url);
    }
    if (document::has_errors(assembly.problems)) {
        return Error{"config_invalid", wiring::to_text(assembly.problems, assembly.config)};
    }
    auto body = json::parse(invocation);
    if (!body) return std::move(body).error();
    auto offer = runs::find_offer(assembly.catalog, action);
    if (!offer) return std::move(offer).error();
    auto seed = prepare(**offer, std::move(*body), clock.wall_ms());
    if (!seed) return std::move(seed).error();
    for (const dispatch::Target& target : targets) {
        if (target.name != seed->connection) continue;
        auto composed = dispatch::compose(target, *seed, {}, 1, seed->created_ms);
        if (!composed) return std::move(composed).error();
        Preview preview;
        preview.method = composed->record.method;
        preview.url = composed->record.url;
        // From what is kept of the request, in which secrets are not written out.
        std::string_view head = composed->record.head;
        for (std::size_t end = 0; (end = head.find("\r\n")) != head.npos;) {
            preview.headers.append(head.substr(0, end)).append("\n");
            head.remove_prefix(end + 2);
        }
        preview.body = without_holes(composed->record.body.value_or(seed->payload));
        return preview;
    }
    return Error{"unknown_connection", "no connection '" + seed->connection + "'"};
}

}  // namespace signalbox
