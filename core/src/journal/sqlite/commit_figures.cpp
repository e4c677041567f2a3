#include "journal/sqlite/commit_figures.hpp"

namespace signalbox::journal::sqlite {

void count_commit(MetricsSink& metrics, bool committed, std::size_t operations, std::int64_t took_us) {
    metrics.add(Counter::journal_commits, {{}, committed ? "ok" : "failed"}, 1);
    if (!committed) return;
    metrics.add(Counter::journal_operations, {}, operations);
    metrics.observe(Histogram::journal_batch_operations, {}, static_cast<double>(operations));
    metrics.observe(Histogram::journal_commit_ms, {}, static_cast<double>(took_us) / 1000.0);
}

}  // namespace signalbox::journal::sqlite
