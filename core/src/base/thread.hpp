#pragma once

#include <functional>
#include <string>
#include <thread>

namespace signalbox {

/// `in_turn`: the scheduler is asked not to let the thread interrupt others each time it is woken. `at_once`:
/// it may, because others wait for the little that it does between two waits.
enum class Wakes { in_turn, at_once };

/// Every thread that Signalbox starts is started here: named (at most 15 characters), and with the
/// host's signals blocked before its first instruction, so that none is ever handled on it. Signals that
/// a fault of the thread itself raises are left to it.
std::thread start_thread(std::string name, std::function<void()> work, Wakes wakes = Wakes::in_turn);

}  // namespace signalbox
