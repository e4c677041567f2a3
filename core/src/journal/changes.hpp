#pragma once

#include <boost/unordered/unordered_flat_map.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"

namespace signalbox::journal {

/// A run that commits have made or changed, as it stands after them.
struct ChangedRun {
    Sequence sequence = 0;
    bool is_new = false;  ///< made by them; else it was there before
    SharedSeed seed;      ///< of one that is not new, without its bodies
    RunState state;
    bool state_changed = false;
    std::optional<Attempt> first;    ///< the first attempt, which was open and has ended
    std::vector<Attempt> attempts;   ///< other attempts that have ended, in the order of their ends
    std::vector<LogLine> lines;      ///< by their numbers
};

/// How far a run's reports upstream have come, or that they are at their end.
struct ToldUpstream {
    UpstreamRun run;
    bool ended = false;
};

/// What a number of commits came to, a run's changes put together. Values; one thread at a time.
class Changes {
  public:
    void insert(Sequence sequence, SharedSeed seed, RunState state);
    /// A change of `sequence`; `line_number` is that of its log line. `seed` is used where no other change of
    /// the run is here. `ends_first`: the attempt that ended is the first, and was open.
    void change(Sequence sequence, const SharedSeed& seed, const RunState& state_before, Change change,
                std::int64_t line_number, bool ends_first);
    void keep(const std::vector<Rejection>& rejections);
    void tell_upstream(ToldUpstream told);

    /// Adds what came after. `later` is empty then.
    void absorb(Changes& later);
    void clear();
    bool empty() const { return runs_.empty() && rejections_.empty() && told_.empty(); }

    /// None: no commit touched it. Until the next call that is not const.
    const ChangedRun* find(Sequence sequence) const;
    /// Of the new runs alone.
    const ChangedRun* find_new(std::string_view id) const;
    const ChangedRun* find_new_by_key(const RunSeed& seed) const;

    /// By their numbers.
    std::vector<const ChangedRun*> runs() const;
    const std::vector<Rejection>& rejections() const { return rejections_; }
    const std::vector<ToldUpstream>& told() const { return told_; }

  private:
    ChangedRun& add(std::unique_ptr<ChangedRun> run);

    std::vector<std::unique_ptr<ChangedRun>> runs_;
    boost::unordered_flat_map<Sequence, std::size_t> places_;  // in runs_
    boost::unordered_flat_map<std::string_view, std::size_t> new_ids_;    // a seed's own text
    boost::unordered_flat_map<std::string, std::size_t> new_keys_;
    std::vector<Rejection> rejections_;
    std::vector<ToldUpstream> told_;
};

}  // namespace signalbox::journal
