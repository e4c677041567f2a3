#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <exception>
#include <string>

#include "plugins/http_text.hpp"
#include "suite.hpp"

namespace signalbox::conformance {
namespace {

constexpr std::size_t said_bytes_max = 64 * 1024;

void say(int descriptor, const std::string& text) {
    std::size_t at = 0;
    while (at < text.size()) {
        const ssize_t put = ::write(descriptor, text.data() + at, text.size() - at);
        if (put <= 0 && errno != EINTR) return;
        if (put > 0) at += static_cast<std::size_t>(put);
    }
}

/// The child's whole life: one letter for the outcome, and its message.
[[noreturn]] void live(const Test& test, const Subject& subject, int verdict, int words) {
    const rlimit no_core = {0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    ::dup2(::open("/dev/null", O_RDWR), STDOUT_FILENO);
    ::dup2(words, STDERR_FILENO);
    std::string said;
    try {
        const std::string warning = test.run(subject);
        said = warning.empty() ? "p" : "w" + warning;
    } catch (const Stop& stop) {
        said = (stop.skipped ? "s" : "f") + stop.why;
    } catch (const std::exception& fault) {
        said = std::string("fan exception reached the host: ") + fault.what();
    } catch (...) {
        said = "fan exception reached the host";
    }
    say(verdict, said);
    ::_exit(0);
}

struct Heard {
    std::string verdict;
    std::string words;
    bool in_time = true;
};

Heard hear(int verdict, int words, std::int64_t timeout_ms) {
    using std::chrono::steady_clock;
    Heard heard;
    const auto end = steady_clock::now() + std::chrono::milliseconds(timeout_ms);
    std::array<pollfd, 2> ends = {pollfd{verdict, POLLIN, 0}, pollfd{words, POLLIN, 0}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        const auto left =
            std::chrono::duration_cast<std::chrono::milliseconds>(end - steady_clock::now());
        if (left.count() <= 0) {
            heard.in_time = false;
            return heard;
        }
        if (::poll(ends.data(), ends.size(), static_cast<int>(left.count())) < 0) continue;
        for (pollfd& end_of : ends) {
            if (end_of.fd < 0 || end_of.revents == 0) continue;
            std::array<char, 4096> bytes;
            const ssize_t got = ::read(end_of.fd, bytes.data(), bytes.size());
            if (got <= 0) {
                end_of.fd = -1;
                continue;
            }
            std::string& into = end_of.fd == verdict ? heard.verdict : heard.words;
            if (into.size() < said_bytes_max)
                into.append(bytes.data(), static_cast<std::size_t>(got));
        }
    }
    return heard;
}

Outcome crashed(int status, const std::string& words) {
    std::string how = WIFSIGNALED(status) ? "signal " + std::to_string(WTERMSIG(status)) + " (" +
                                                ::strsignal(WTERMSIG(status)) + ")"
                                          : "exit code " + std::to_string(WEXITSTATUS(status));
    const std::string clean = plugins::clean_text(words, 2048);
    if (!clean.empty()) how += "; it said: " + clean;
    return {Status::crashed, "the process ended: " + how};
}

}  // namespace

Outcome run_in_child(const Test& test, const Subject& subject, std::int64_t timeout_ms) {
    std::array<int, 2> verdict;
    std::array<int, 2> words;
    if (::pipe2(verdict.data(), O_CLOEXEC) != 0 || ::pipe2(words.data(), O_CLOEXEC) != 0)
        return {Status::failed, "no pipe can be made"};
    const pid_t child = ::fork();
    if (child == 0) live(test, subject, verdict[1], words[1]);
    ::close(verdict[1]);
    ::close(words[1]);
    if (child < 0) return {Status::failed, "no child can be made"};
    const Heard heard = hear(verdict[0], words[0], timeout_ms);
    if (!heard.in_time) ::kill(child, SIGKILL);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    ::close(verdict[0]);
    ::close(words[0]);
    if (!heard.verdict.empty()) {
        const std::string message = heard.verdict.substr(1);
        switch (heard.verdict.front()) {
            case 'p':
                return {};
            case 'w':
                return {Status::warning, message};
            case 's':
                return {Status::skipped, message};
            default:
                return {Status::failed, message};
        }
    }
    if (!heard.in_time) {
        return {Status::failed,
                "it did not come back within " + std::to_string(timeout_ms / 1000) + " s"};
    }
    return crashed(status, heard.words);
}

const char* status_name(Status status) {
    switch (status) {
        case Status::passed:
            return "passed";
        case Status::failed:
            return "failed";
        case Status::crashed:
            return "crashed";
        case Status::skipped:
            return "skipped";
        case Status::warning:
            return "warning";
    }
    return "failed";
}

std::vector<Test> all_tests() {
    std::vector<Test> all;
    for (auto part : {file_tests(), entry_tests(), connect_tests(), plan_tests(), judge_tests(),
                      blocking_tests(), fuzz_tests()}) {
        all.insert(all.end(), part.begin(), part.end());
    }
    return all;
}

}  // namespace signalbox::conformance
