#include "signalbox/check.hpp"

#include "wiring/assembly.hpp"

namespace signalbox {

CheckReport check(const std::filesystem::path& config) {
    const wiring::Assembly assembly = wiring::assemble(config);
    CheckReport report;
    for (const document::Problem& problem : assembly.problems) {
        report.findings.push_back(document::to_string(problem));
        const bool error = problem.severity == document::Problem::Severity::error;
        ++(error ? report.errors : report.warnings);
    }
    for (const auto& [identifier, offer] : assembly.catalog) {
        ++(offer.unavailable.empty() ? report.actions : report.unavailable);
    }
    return report;
}

}  // namespace signalbox
