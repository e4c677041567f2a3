#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <utility>

#include "journal/ahead/position.hpp"
#include "journal/ahead/unfiled.hpp"
#include "journal/sqlite/chore.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::ahead {

/// Writes a portion of what is unfiled into the journal's file: one transaction, which also says how far the
/// log is in the file now.
class TakingOver final : public sqlite::Chore {
  public:
    explicit TakingOver(std::shared_ptr<Unfiled> unfiled) : unfiled_(std::move(unfiled)) {}
    bool step(sqlite::Database& database, sqlite::Store& store) override;
    void fail(const Error& error) override { unfiled_->failed(error); }
    void tell() override {}

  private:
    const std::shared_ptr<Unfiled> unfiled_;
};

/// At the opening, before anything else has the file: takes over all that is in the log beside it and answers
/// where the log ends. Errors: `journal_corrupt`, `journal_unavailable`.
Result<Position> take_over_all(const std::filesystem::path& file, std::uint32_t salt);

}  // namespace signalbox::journal::ahead
