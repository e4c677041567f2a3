#include "app/process.hpp"

#include <pthread.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>

namespace signalbox::app {
namespace {

sigset_t stop_signals() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    return set;
}

// As process number 1 of a container the default action would be to do nothing, hence a handler.
extern "C" void end_the_process(int signal) {
    _exit(128 + signal);
}

}  // namespace

void ProcessStopSignals::hold() {
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

std::string ProcessStopSignals::wait() {
    const sigset_t set = stop_signals();
    int signal = 0;
    while (sigwait(&set, &signal) != 0) {
    }
    if (signal == SIGHUP) return "SIGHUP";
    return signal == SIGTERM ? "SIGTERM" : "SIGINT";
}

void ProcessStopSignals::let_the_next_one_end_the_process() {
    struct sigaction action = {};
    action.sa_handler = end_the_process;
    sigaction(SIGTERM, &action, nullptr);
    sigaction(SIGINT, &action, nullptr);
    signal(SIGHUP, SIG_IGN);  // there is nothing left to read a config for
    const sigset_t set = stop_signals();
    pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

void raise_descriptor_limit() {
    rlimit limit = {};
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace signalbox::app
