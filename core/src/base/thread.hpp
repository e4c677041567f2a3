#pragma once

#include <functional>
#include <string>
#include <thread>

namespace signalbox {

/// Every thread that Signalbox starts is started here: named (at most 15 characters), and with the
/// host's signals blocked before its first instruction, so that none is ever handled on it. Signals that
/// a fault of the thread itself raises are left to it. The scheduler is asked not to let it interrupt
/// others each time it is woken.
std::thread start_thread(std::string name, std::function<void()> work);

}  // namespace signalbox
