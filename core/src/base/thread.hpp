#pragma once

#include <string>

namespace signalbox {

/// To be called first on each thread that Signalbox starts: names it (at most 15 characters), leaves
/// signals to the host's own threads, but for those that a fault of this thread itself raises, and asks
/// the scheduler not to let it interrupt others each time it is woken.
void enter_thread(const std::string& name);

}  // namespace signalbox
