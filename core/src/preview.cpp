#include "base/hole.hpp"
#include "json/door.hpp"
#include "runs/prepare.hpp"
#include "signalbox/check.hpp"
#include "silent_log.hpp"
#include "wiring/assembly.hpp"
#include "wiring/explain.hpp"
#include "wiring/targets.hpp"

namespace signalbox {

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
    auto seed = runs::prepare(assembly.catalog, action, *body, {"", "API"},
                              std::string(runs::preview_run_id), clock.wall_ms());
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
