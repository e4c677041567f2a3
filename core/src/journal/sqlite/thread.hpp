#pragma once

#include <string>

namespace signalbox::journal::sqlite {

/// To be called first on each of the journal's threads: names it (at most 15 characters) and leaves
/// signals to the host's own threads, but for those that a fault of this thread itself raises.
void enter_thread(const std::string& name);

}  // namespace signalbox::journal::sqlite
