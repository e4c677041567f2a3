#pragma once

#include <optional>
#include <vector>

#include "journal/journal.hpp"

namespace signalbox::journal::sqlite {

/// The runs whose attempt the writer has just opened, as they stand in its transaction, without
/// their bodies: most of them are closed moments later, and that change need not read its row then.
/// Whoever changes a row must take() it from here or keep() what it became; what is rolled back
/// must be forgotten. Of fixed size; a newer run takes the place of an older one.
class RecentRuns {
  public:
    RecentRuns();

    /// Keeps `run` if an attempt of it is open and it is small, and in any case forgets what it
    /// was.
    void keep(const Run& run);
    void keep(Run&& run);

    /// Hands the run over, if it is here.
    std::optional<Run> take(Sequence sequence);

    void clear();

  private:
    Run& slot_of(Sequence sequence);
    void drop(Sequence sequence);

    std::vector<Run> slots_;  // sequence 0: empty
};

}  // namespace signalbox::journal::sqlite
