#include "base/thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <csignal>

namespace signalbox {

void enter_thread(const std::string& name) {
    pthread_setname_np(pthread_self(), name.c_str());
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
        sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
    // A thread that is woken for one message at a time pays a switch for each; one that waits its turn
    // finds several. Dispatches a second against the same target grew by a third (decision 5). Where it
    // is not permitted, nothing is lost but that.
    const sched_param priority{};
    pthread_setschedparam(pthread_self(), SCHED_BATCH, &priority);
}

}  // namespace signalbox
