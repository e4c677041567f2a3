#include "journal/sqlite/thread.hpp"

#include <pthread.h>

#include <csignal>

namespace signalbox::journal::sqlite {

void enter_thread(const std::string& name) {
    pthread_setname_np(pthread_self(), name.c_str());
    sigset_t blocked;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGSYS}) {
        sigdelset(&blocked, fault);
    }
    pthread_sigmask(SIG_BLOCK, &blocked, nullptr);
}

}  // namespace signalbox::journal::sqlite
