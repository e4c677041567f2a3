#pragma once

#include <filesystem>
#include <memory>

#include "base/executor.hpp"
#include "base/meter.hpp"
#include "journal/journal.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/random.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal {

/// Where a commit is on disk first. `file`: in the SQLite file's own write-ahead log, each as a transaction.
/// `log`: in a log beside it, which is written and synced once for a commit; the file has it later, and before
/// anything is read from it. A directory may be opened either way, whichever way it was opened before.
enum class CommitInto { file, log };

/// Opens the embedded journal in `directory`, which is made with mode 0700 if it is missing, locks
/// it for this process and starts the journal's threads. Blocking. `executor`, `clock`, `random`,
/// `log` and `metrics` must outlive the journal; `done` functions run on `executor`.
///
/// Errors: `journal_locked` (another journal, here or in another process, has the directory),
/// `journal_unavailable` (the directory or a file in it cannot be made or written),
/// `journal_version` (made by a newer Signalbox), `journal_corrupt` (damaged, or not a journal of
/// Signalbox).
Result<std::unique_ptr<Journal>> open_sqlite(const std::filesystem::path& directory,
                                             Executor& executor, const Clock& clock, Random& random,
                                             LogSink& log,
                                             MetricsSink& metrics = silent_metrics(),
                                             CommitInto commits = CommitInto::file);

}  // namespace signalbox::journal
