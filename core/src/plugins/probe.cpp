#include "plugins/probe.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <string>

#include "base/limits.hpp"
#include "plugins/http_text.hpp"

namespace signalbox::plugins {
namespace {

constexpr std::size_t words_bytes_max = 4 * 1024;

class SilentLog final : public LogSink {
  public:
    void write(const LogEvent&) override {}
};

/// One end of a pipe. Owns it.
class End {
  public:
    explicit End(int descriptor) : descriptor_(descriptor) {}
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    ~End() { close(); }
    int get() const { return descriptor_; }
    void close() {
        if (descriptor_ >= 0) ::close(std::exchange(descriptor_, -1));
    }

  private:
    int descriptor_;
};

struct Child {
    pid_t process = -1;
    std::string words;   // on standard error
    bool ended = false;  // it closed its pipes in time
    bool came_through = false;
};

/// What the host locked and listens on must end with the host, however it ends: a child that
/// outlived it would keep the next one out.
void let_go_of_the_host(pid_t host, int words, int verdict) {
    const auto low = static_cast<unsigned>(std::min(words, verdict));
    const auto high = static_cast<unsigned>(std::max(words, verdict));
    constexpr unsigned first = STDERR_FILENO + 1;
    if (low > first) ::close_range(first, low - 1, 0);
    if (high > low + 1) ::close_range(low + 1, high - 1, 0);
    ::close_range(high + 1, ~0U, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != host) ::_exit(0);  // it ended before it was asked about
}

/// The child's whole life. It ends without running anything that the host registered for its exit.
[[noreturn]] void try_out(const std::filesystem::path& file,
                          const std::vector<ProbedConnection>& connections, const Clock& clock,
                          pid_t host, int words, int verdict) {
    let_go_of_the_host(host, words, verdict);
    for (const int number : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTERM, SIGPIPE})
        ::signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    const rlimit no_core = {0, 0};
    ::setrlimit(RLIMIT_CORE, &no_core);
    const int nothing = ::open("/dev/null", O_RDWR);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    ::dup2(words, STDERR_FILENO);

    static SilentLog log;
    if (auto plugin = load(file, log, clock)) {
        for (const ProbedConnection& connection : connections) {
            ConnectionInfo info = connection.info;
            info.events = nullptr;
            const auto connected = (*plugin)->connect(connection.settings, std::move(info));
            static_cast<void>(connected);
        }
    }
    const char through = '.';
    static_cast<void>(!::write(verdict, &through, 1));
    ::_exit(0);
}

/// Reads until both pipes are closed, or time is up.
void listen(Child& child, const End& words, const End& verdict, const Clock& clock) {
    const std::int64_t end_ms = clock.steady_ms() + limits::plugin_probe_ms_max;
    std::array<pollfd, 2> ends = {pollfd{words.get(), POLLIN, 0}, pollfd{verdict.get(), POLLIN, 0}};
    while (ends[0].fd >= 0 || ends[1].fd >= 0) {
        const std::int64_t left_ms = end_ms - clock.steady_ms();
        if (left_ms <= 0) return;
        if (::poll(ends.data(), ends.size(), static_cast<int>(left_ms)) < 0) {
            if (errno == EINTR) continue;
            return;
        }
        for (pollfd& end : ends) {
            if (end.fd < 0 || end.revents == 0) continue;
            std::array<char, 512> bytes;
            const ssize_t got = ::read(end.fd, bytes.data(), bytes.size());
            if (got <= 0) {
                end.fd = -1;
            } else if (end.fd == verdict.get()) {
                child.came_through = true;
            } else if (child.words.size() < words_bytes_max) {
                child.words.append(bytes.data(), static_cast<std::size_t>(got));
            }
        }
    }
    child.ended = true;
}

std::string how_it_ended(pid_t process) {
    int status = 0;
    while (::waitpid(process, &status, 0) < 0) {
        // The host may reap all children itself; then nobody can say how this one ended.
        if (errno != EINTR) return "it ended early";
    }
    if (WIFSIGNALED(status)) {
        return "it was ended by signal " + std::to_string(WTERMSIG(status)) + " (" +
               ::strsignal(WTERMSIG(status)) + ")";
    }
    return "it exited with " + std::to_string(WEXITSTATUS(status));
}

std::string last_words(const std::string& words) {
    const std::string clean = clean_text(words, limits::plugin_reason_bytes_max);
    if (clean.find_first_not_of(" \n\t") == std::string::npos) return {};
    return "; it said: " + clean.substr(0, clean.find_last_not_of(" \n\t") + 1);
}

}  // namespace

Result<Done> probe(const std::filesystem::path& file,
                   const std::vector<ProbedConnection>& connections, const Clock& clock) {
    std::array<int, 2> words;
    std::array<int, 2> verdict;
    const Error no_probe{"plugin_crashed",
                         "plugin file '" + file.string() +
                             "' could not be tried out: this process can make no pipe or no child"};
    if (::pipe2(words.data(), O_CLOEXEC) != 0) return no_probe;
    const End words_in(words[0]);
    End words_out(words[1]);
    if (::pipe2(verdict.data(), O_CLOEXEC) != 0) return no_probe;
    const End verdict_in(verdict[0]);
    End verdict_out(verdict[1]);

    Child child;
    const pid_t host = ::getpid();
    child.process = ::fork();
    if (child.process < 0) return no_probe;
    if (child.process == 0)
        try_out(file, connections, clock, host, words_out.get(), verdict_out.get());
    words_out.close();
    verdict_out.close();
    listen(child, words_in, verdict_in, clock);
    if (!child.ended) ::kill(child.process, SIGKILL);
    const std::string how = how_it_ended(child.process);
    if (child.came_through) return Done{};
    if (!child.ended) {
        return Error{"plugin_hangs", "plugin file '" + file.string() +
                                         "' was tried out in a process of its own and did not come "
                                         "back within " +
                                         std::to_string(limits::plugin_probe_ms_max / 1000) +
                                         " s, so it is not loaded. Report it to its author."};
    }
    return Error{"plugin_crashed",
                 "plugin file '" + file.string() +
                     "' was tried out in a process of its own: " + how + last_words(child.words) +
                     ". It is not loaded. This is a defect in the plugin: report it to its "
                     "author."};
}

}  // namespace signalbox::plugins
