#pragma once

#include <deque>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "journal/journal.hpp"

namespace signalbox::dispatch {

/// The lines of runs that go out one after the other: a line for each action and order key. Only the
/// first of a line may be attempted; the next one moves up when it leaves. Rebuilt from the journal at
/// each start. [loop thread]
class Ordering {
  public:
    /// Joins its run's line, at the end; a run that stands in it already keeps its place. True: it is the
    /// first, and may go.
    bool enter(const journal::LiveRun& run);
    /// The run is done with, wherever in its line it stands. The run that may go now, if that changed.
    std::optional<journal::LiveRun> leave(const std::string& action, const std::string& key,
                                          journal::Sequence sequence);
    /// Runs that stand behind another.
    std::size_t behind() const { return behind_; }

  private:
    using Name = std::pair<std::string, std::string>;

    std::map<Name, std::deque<journal::LiveRun>> lines_;
    std::size_t behind_ = 0;
};

}  // namespace signalbox::dispatch
