#pragma once

#include <string>
#include <variant>
#include <vector>

#include "journal/journal.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// How a run is named by whoever wants to change it.
using RunName = std::variant<Sequence, std::string>;

/// What operations do to the journal within one commit. [writer thread]. Functions throw Failure when the
/// file fails; then nothing of the commit counts.
class Transaction {
  public:
    virtual ~Transaction() = default;

    /// Errors: `idempotency_conflict`, `run_exists`, `replay_refused`, `replay_keys_full`; then no run was
    /// written.
    virtual Result<Inserted> insert(const SharedSeed& seed, RunState state) = 0;

    /// The run after the change, without its bodies. Errors: `run_not_found`, `run_log_full`,
    /// `run_attempts_full`; then nothing was written.
    virtual Result<Run> change(const RunName& name, const Decide& decide) = 0;

    virtual void keep(const std::vector<Rejection>& rejections) = 0;
    /// Nothing where the run's reports are at their end already.
    virtual void told_upstream(const UpstreamRun& run) = 0;
    virtual void forget_upstream(Sequence sequence) = 0;
};

}  // namespace signalbox::journal::sqlite
