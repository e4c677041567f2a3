#include "step_process.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>
#include <system_error>
#include <vector>

namespace azure_standin {
namespace {

constexpr std::size_t kLineBytesMax = 8192;

[[noreturn]] void fail(int error, const std::string& what) {
    throw std::system_error(error, std::generic_category(), what);
}

class Descriptor {
  public:
    explicit Descriptor(int value) : value_(value) {}
    ~Descriptor() { reset(); }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;

    int get() const { return value_; }
    void reset() {
        if (value_ >= 0) ::close(value_);
        value_ = -1;
    }

  private:
    int value_;
};

// Cuts a stream of bytes into lines; a line without an end is handed over in pieces.
class LineCutter {
  public:
    explicit LineCutter(const std::function<void(std::string)>& on_line) : on_line_(on_line) {}

    void add(std::string_view bytes) {
        for (const char byte : bytes) {
            if (byte == '\n' || pending_.size() >= kLineBytesMax) finish();
            if (byte != '\n') pending_ += byte;
            open_ = byte != '\n';
        }
    }
    void end() {
        if (open_) finish();
    }

  private:
    void finish() {
        on_line_(std::move(pending_));
        pending_.clear();
        open_ = false;
    }

    const std::function<void(std::string)>& on_line_;
    std::string pending_;
    bool open_ = false;
};

std::vector<std::string> merged_environment(const std::map<std::string, std::string>& added) {
    std::vector<std::string> merged;
    for (char** entry = environ; *entry != nullptr; ++entry) {
        const std::string_view text(*entry);
        if (added.count(std::string(text.substr(0, text.find('=')))) == 0)
            merged.emplace_back(text);
    }
    for (const auto& [name, value] : added)
        merged.push_back(name + "=" + value);
    return merged;
}

pid_t spawn(const StepProcess& process, int output) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
    ::posix_spawn_file_actions_adddup2(&actions, output, STDERR_FILENO);
    ::posix_spawn_file_actions_addchdir_np(&actions, process.folder.c_str());
    // Poco's sockets are not close-on-exec: a step that outlives its delivery would hold them open.
    ::posix_spawn_file_actions_addclosefrom_np(&actions, 3);

    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    sigset_t none;
    sigset_t all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);

    std::string shell = process.shell;
    std::string script = process.script_file;
    char* arguments[] = {shell.data(), script.data(), nullptr};
    std::vector<std::string> environment = merged_environment(process.environment);
    std::vector<char*> entries;
    for (std::string& entry : environment)
        entries.push_back(entry.data());
    entries.push_back(nullptr);

    pid_t child = -1;
    const int error = ::posix_spawnp(&child, process.shell.c_str(), &actions, &attributes,
                                     arguments, entries.data());
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) fail(error, "starting " + process.shell);
    return child;
}

// Reads what is there; false at the end of the stream.
bool drain(int descriptor, LineCutter& lines) {
    char buffer[4096];
    while (true) {
        const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
        if (count > 0) {
            lines.add({buffer, static_cast<std::size_t>(count)});
        } else if (count == 0) {
            return false;
        } else if (errno != EINTR) {
            return true;
        }
    }
}

// Waits for the step itself, not for the end of its output: a background child it left behind keeps
// the pipe open.
void follow(pid_t child, int output, const StopSignal& stop, LineCutter& lines) {
    // By number: Debian 12's <sys/pidfd.h> declares the function without C linkage.
    const Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, child, 0)));
    if (ended.get() < 0) fail(errno, "pidfd_open");
    bool killed = false;
    bool output_open = true;
    while (true) {
        pollfd waiting[3] = {{ended.get(), POLLIN, 0},
                             {output_open ? output : -1, POLLIN, 0},
                             {killed ? -1 : stop.descriptor(), POLLIN, 0}};
        if (::poll(waiting, 3, -1) < 0 && errno != EINTR) fail(errno, "poll");
        if (waiting[2].revents != 0) {
            ::kill(-child, SIGKILL);
            killed = true;
        }
        if (waiting[1].revents != 0) output_open = drain(output, lines);
        if (waiting[0].revents != 0) break;
    }
    if (output_open) drain(output, lines);
    lines.end();
}

}  // namespace

int run_step_process(const StepProcess& process, const StopSignal& stop,
                     const std::function<void(std::string)>& on_line) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) fail(errno, "pipe2");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    // Only our end must not block; a shell's echo would fail on a full pipe.
    ::fcntl(writing.get(), F_SETFL, 0);
    const pid_t child = spawn(process, writing.get());
    writing.reset();

    LineCutter lines(on_line);
    follow(child, reading.get(), stop, lines);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

}  // namespace azure_standin
