#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "journal/rejection.hpp"
#include "journal/sqlite/database.hpp"
#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// The writer's side of the table `rejections`, inside its transaction. Throws Failure.
class RejectionWriting {
  public:
    explicit RejectionWriting(Database& database);
    /// Adds them in this order and lets the oldest go, so that limits::rejections_kept_max stay.
    void put(const std::vector<Rejection>& rejections);

  private:
    Database& database_;
    Statement put_;
    Statement trim_;
};

/// The readers' side. Throws Failure.
class RejectionReading {
  public:
    explicit RejectionReading(Database& database);
    Result<RejectionPage> list(std::int64_t before, std::size_t limit);

  private:
    Statement list_;
};

}  // namespace signalbox::journal::sqlite
