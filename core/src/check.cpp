#include "signalbox/check.hpp"

#include "egress_check.hpp"
#include "wiring/assembly.hpp"
#include "wiring/explain.hpp"

namespace signalbox {

CheckReport check(const std::filesystem::path& config, CheckOptions options) {
    wiring::Assembly assembly = wiring::assemble(
        config, options.without_secrets ? wiring::Secrets::leave : wiring::Secrets::resolve);
    warn_of_egress(assembly);
    CheckReport report;
    std::vector<std::string> explained = wiring::explain(assembly.problems, assembly.config);
    for (std::size_t i = 0; i < explained.size(); ++i) {
        const document::Problem& problem = assembly.problems[i];
        const bool error = problem.severity == document::Problem::Severity::error;
        report.findings.push_back({error, problem.file, problem.position.line,
                                   problem.position.column, problem.message,
                                   std::move(explained[i])});
        ++(error ? report.errors : report.warnings);
    }
    for (const auto& [identifier, offer] : assembly.catalog) {
        ++(offer.unavailable.empty() ? report.actions : report.unavailable);
    }
    return report;
}

}  // namespace signalbox
