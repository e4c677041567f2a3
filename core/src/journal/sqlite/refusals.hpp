#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "journal/sqlite/transaction.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// `journal_unavailable`: the journal was closed before the call.
Error closed_error();
/// `journal_busy`: `limit` calls of this kind wait already.
Error busy_error(std::string_view kind, std::size_t limit);
/// `run_not_found`
Error not_found_error(const RunName& name);
/// `idempotency_conflict`
Error key_conflict_error(const std::string& key);
/// `run_exists`
Error exists_error(const std::string& id);
/// `run_log_full`, `run_attempts_full`: why the run may not have this change, whose log line would be of
/// that number (0: it has none). None: it may.
std::optional<Error> refusal_of(const Change& change, const std::string& id, std::int64_t log_number);

}  // namespace signalbox::journal::sqlite
