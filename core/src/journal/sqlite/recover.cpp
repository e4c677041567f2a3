#include <array>
#include <cstddef>
#include <utility>

#include "base/limits.hpp"
#include "journal/sqlite/queries.hpp"

namespace signalbox::journal::sqlite {
namespace {

/// The live runs of one phase, read a page at a time.
class Stream {
  public:
    Stream(Queries& queries, Phase phase) : queries_(queries), phase_(phase) { refill(); }

    const LiveRun* front() const { return next_ < page_.size() ? &page_[next_] : nullptr; }

    void pop() {
        ++next_;
        // A page that was not full was the last one.
        if (next_ == page_.size() && next_ == limits::list_rows_max) refill();
    }

  private:
    void refill() {
        const Sequence after = page_.empty() ? 0 : page_.back().sequence;
        page_ = queries_.live(phase_, after);
        next_ = 0;
    }

    Queries& queries_;
    Phase phase_;
    std::vector<LiveRun> page_;
    std::size_t next_ = 0;
};

}  // namespace

void recover(Queries& queries, const std::function<void(const LiveRun&)>& each) {
    // The index has an order within a phase only, so the phases' streams are merged here.
    std::array<Stream, 5> streams = {
        Stream(queries, Phase::waiting_approval), Stream(queries, Phase::queued),
        Stream(queries, Phase::sending), Stream(queries, Phase::retrying),
        Stream(queries, Phase::held)};
    while (true) {
        Stream* first = nullptr;
        for (Stream& stream : streams) {
            if (stream.front() == nullptr) continue;
            if (first == nullptr || stream.front()->sequence < first->front()->sequence) {
                first = &stream;
            }
        }
        if (first == nullptr) return;
        each(*first->front());
        first->pop();
    }
}

}  // namespace signalbox::journal::sqlite
