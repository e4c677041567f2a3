#include "dispatch/ordering.hpp"

#include <algorithm>

namespace signalbox::dispatch {

bool Ordering::enter(const journal::LiveRun& run) {
    std::deque<journal::LiveRun>& line = lines_[{run.action, run.order_key}];
    // New runs come with growing numbers; only one that comes back has to be looked for.
    if (!line.empty() && run.sequence <= line.back().sequence) {
        const auto standing = std::find_if(
            line.begin(), line.end(),
            [&run](const journal::LiveRun& other) { return other.sequence == run.sequence; });
        if (standing != line.end()) return standing == line.begin();
    }
    line.push_back(run);
    if (line.size() == 1) return true;
    ++behind_;
    return false;
}

std::optional<journal::LiveRun> Ordering::leave(const std::string& action, const std::string& key,
                                                journal::Sequence sequence) {
    const auto found = lines_.find({action, key});
    if (found == lines_.end()) return std::nullopt;
    std::deque<journal::LiveRun>& line = found->second;
    const auto standing = std::find_if(
        line.begin(), line.end(),
        [sequence](const journal::LiveRun& other) { return other.sequence == sequence; });
    if (standing == line.end()) return std::nullopt;
    const bool was_first = standing == line.begin();
    line.erase(standing);
    if (line.empty()) {
        lines_.erase(found);
        return std::nullopt;
    }
    --behind_;
    if (!was_first) return std::nullopt;
    return line.front();
}

}  // namespace signalbox::dispatch
