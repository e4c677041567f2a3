#include "journal/sqlite/refusals.hpp"

#include <string>

#include "base/limits.hpp"
#include "journal/sqlite/rows.hpp"

namespace signalbox::journal::sqlite {
namespace {

Error log_full(const std::string& id) {
    return Error{"run_log_full", "The run '" + id + "' has " +
                                     std::to_string(limits::run_log_lines_max) +
                                     " log lines, which is the most a run may have; this one was "
                                     "not kept."};
}

Error attempt_number_refused(const std::string& id, std::int64_t number) {
    return Error{"run_attempts_full", "An attempt of the run '" + id + "' has the number " +
                                          std::to_string(number) + "; attempts are numbered 1 to " +
                                          std::to_string(attempt_number_max) +
                                          ". Invoke the action again instead."};
}

}  // namespace

Error closed_error() {
    return Error{"journal_unavailable",
                 "The journal is closed because Signalbox is stopping; try again once it is back."};
}

Error busy_error(std::string_view kind, std::size_t limit) {
    return Error{"journal_busy", "The journal has " + std::to_string(limit) + " " +
                                     std::string(kind) +
                                     " waiting, which is the most it takes; try again later."};
}

Error not_found_error(const RunName& name) {
    const auto* id = std::get_if<std::string>(&name);
    const std::string called =
        id != nullptr ? "'" + *id + "'" : "number " + std::to_string(std::get<Sequence>(name));
    return Error{"run_not_found",
                 "There is no run " + called + " in this journal; check the run's id."};
}

Error key_conflict_error(const std::string& key) {
    return Error{
        "idempotency_conflict",
        "The Idempotency-Key '" + key +
            "' was used for another invocation of this action. Repeat the same body to get "
            "the same run, or choose a new key."};
}

Error exists_error(const std::string& id) {
    return Error{"run_exists", "There is a run '" + id + "' already; give the new run another id."};
}

std::optional<Error> refusal_of(const Change& change, const std::string& id, std::int64_t log_number) {
    if (log_number > static_cast<std::int64_t>(limits::run_log_lines_max)) return log_full(id);
    if (change.attempt && (change.attempt->number < 1 || change.attempt->number > attempt_number_max))
        return attempt_number_refused(id, change.attempt->number);
    return std::nullopt;
}

}  // namespace signalbox::journal::sqlite
