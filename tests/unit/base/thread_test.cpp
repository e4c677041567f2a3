#include "base/thread.hpp"

#include <pthread.h>
#include <sched.h>

#include <catch2/catch.hpp>
#include <csignal>
#include <string>

using namespace signalbox;

namespace {

sigset_t mask_of_this_thread() {
    sigset_t mask;
    pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    return mask;
}

}  // namespace

TEST_CASE("thread: it has the name it was given, and blocks what its maker does not") {
    const sigset_t before = mask_of_this_thread();
    std::string name(16, '\0');
    sigset_t mask{};
    start_thread("signalbox-block", [&] {
        pthread_getname_np(pthread_self(), name.data(), name.size());
        mask = mask_of_this_thread();
    }).join();

    CHECK(name.c_str() == std::string("signalbox-block"));
    for (const int host : {SIGPIPE, SIGTERM, SIGINT, SIGHUP, SIGCHLD, SIGUSR1}) {
        CAPTURE(host);
        CHECK(sigismember(&mask, host) == 1);
    }
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT}) {
        CAPTURE(fault);
        CHECK(sigismember(&mask, fault) == 0);
    }
    const sigset_t after = mask_of_this_thread();
    for (int signal = 1; signal < SIGRTMIN; ++signal) {
        CAPTURE(signal);
        CHECK(sigismember(&before, signal) == sigismember(&after, signal));
    }
}

TEST_CASE("thread: it waits its turn when it is woken, unless it is asked for at once") {
    const auto policy_of = [](Wakes wakes) {
        int policy = -1;
        start_thread(
            "signalbox-wakes",
            [&policy] {
                sched_param priority{};
                pthread_getschedparam(pthread_self(), &policy, &priority);
            },
            wakes)
            .join();
        return policy;
    };
    CHECK(policy_of(Wakes::in_turn) == SCHED_BATCH);
    CHECK(policy_of(Wakes::at_once) == SCHED_OTHER);
}
