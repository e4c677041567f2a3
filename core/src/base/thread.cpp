#include "base/thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <csignal>
#include <utility>

namespace signalbox {

namespace {

/// A new thread has its maker's mask; one that blocked signals itself could be struck before it has.
class HostSignalsBlocked {
  public:
    HostSignalsBlocked() {
        sigset_t blocked;
        sigfillset(&blocked);
        for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
            sigdelset(&blocked, fault);
        }
        pthread_sigmask(SIG_BLOCK, &blocked, &before_);
    }
    ~HostSignalsBlocked() {
        pthread_sigmask(SIG_SETMASK, &before_, nullptr);
    }
    HostSignalsBlocked(const HostSignalsBlocked&) = delete;
    HostSignalsBlocked& operator=(const HostSignalsBlocked&) = delete;

  private:
    sigset_t before_{};
};

}  // namespace

std::thread start_thread(std::string name, std::function<void()> work, Wakes wakes) {
    const HostSignalsBlocked while_it_is_made;
    return std::thread([name = std::move(name), work = std::move(work), wakes] {
        pthread_setname_np(pthread_self(), name.c_str());
        // A thread that is woken for one message at a time pays a switch for each; one that waits its turn
        // finds several. Dispatches a second against the same target grew by a third (decision 5). Where it
        // is not permitted, nothing is lost but that.
        const sched_param priority{};
        if (wakes == Wakes::in_turn) pthread_setschedparam(pthread_self(), SCHED_BATCH, &priority);
        work();
    });
}

}  // namespace signalbox
