#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "base/limits.hpp"
#include "journal/journal.hpp"

namespace signalbox::dispatch {

/// Runs that wait for their first attempt, as they were accepted, so that starting one reads nothing back
/// from the journal. Bounded: what does not fit is not kept, and is read. Whether a run still waits is
/// not known here; that is decided where its attempt is opened. [loop thread]
class FreshRuns {
  public:
    static constexpr std::size_t bytes_max_usual = 8 * limits::mib;

    explicit FreshRuns(std::size_t bytes_max = bytes_max_usual) : bytes_max_(bytes_max) {}

    struct Fresh {
        journal::SharedSeed seed;
        journal::RunState state;
    };

    void keep(journal::Sequence sequence, Fresh run);
    /// Hands the run over, if it is here.
    std::optional<Fresh> take(journal::Sequence sequence);
    /// Something has happened to the run: only the journal knows it now.
    void drop(journal::Sequence sequence) { take(sequence); }

    std::size_t bytes() const { return bytes_; }

  private:
    const std::size_t bytes_max_;
    std::size_t bytes_ = 0;
    std::unordered_map<journal::Sequence, Fresh> runs_;
};

}  // namespace signalbox::dispatch
