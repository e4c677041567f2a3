#include "journal/ahead/records.hpp"

#include <string>
#include <string_view>

#include "promise.hpp"

using namespace signalbox::journal;

namespace {

/// The new runs and the rejections of what was read, written again.
std::string written(const Changes& changes) {
    std::string records;
    for (const ChangedRun* run : changes.runs()) {
        if (run->is_new) ahead::write_insert(records, run->sequence, *run->seed, run->state);
    }
    ahead::write_rejections(records, changes.rejections());
    for (const ToldUpstream& told : changes.told())
        ahead::write_told(records, told);
    return records;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    Changes changes;
    if (!ahead::replay(std::string_view(reinterpret_cast<const char*>(data), bytes), changes)) return 0;
    const std::string once = written(changes);
    Changes again;
    PROMISE(ahead::replay(once, again));
    PROMISE(written(again) == once);
    return 0;
}
