// A blocking target: runs a program of this machine for each run. The payload is its standard input, its
// exit code decides the run, and what it prints is kept in the run's log.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <string_view>
#include <vector>

#include <signalbox/plugin/json.hpp>
#include <signalbox/plugin/target.hpp>

using namespace signalbox::plugin;

namespace {

constexpr char descriptor[] = R"json({
  "abi": {"major": 1, "minor": 0},
  "id": "run-command",
  "version": "1.0.0",
  "license": "Apache-2.0",
  "description": "Runs a program of this machine.",
  "delivery": "blocking",
  "invocation_types": {
    "COMMAND": {
      "type": "object",
      "properties": {
        "arguments": {
          "type": "array", "maxItems": 100,
          "items": {"type": "string", "maxLength": 4096},
          "description": "What the program is given after its name, one by one: no shell reads them."
        }
      },
      "additionalProperties": false
    }
  },
  "settings": {
    "type": "object",
    "properties": {
      "program": {
        "type": "string", "pattern": "^/.+", "maxLength": 4096,
        "description": "The program's absolute path. Only the config says which one runs."
      }
    },
    "required": ["program"],
    "additionalProperties": false
  },
  "capabilities": [],
  "setup": "1. Make {{settings.program}} executable for the user that Signalbox runs as.\n2. It gets the payload on standard input, and the run's id as SIGNALBOX_RUN_ID. Exit code 0 is SUCCESS, any other FAILURE.\n"
})json";

constexpr std::size_t output_bytes_max = 64 * 1024;

/// One end of a pipe.
class End {
  public:
    End() = default;
    End(const End&) = delete;
    End& operator=(const End&) = delete;
    ~End() { close(); }
    int get() const { return descriptor_; }
    void set(int descriptor) { descriptor_ = descriptor; }
    void close() {
        if (descriptor_ >= 0) ::close(descriptor_);
        descriptor_ = -1;
    }

  private:
    int descriptor_ = -1;
};

struct Pipe {
    End out;
    End in;
    bool open() {
        int ends[2];
        if (::pipe2(ends, O_CLOEXEC) != 0) return false;
        out.set(ends[0]);
        in.set(ends[1]);
        return true;
    }
};

class RunCommand final : public BlockingTarget {
  public:
    RunCommand(std::string_view settings, Host)
        : program_(json::parse(settings)["program"].text_or("")) {
        if (::access(program_.c_str(), X_OK) != 0)
            throw Refusal("/program", "'" + program_ + "' is not there or not executable");
    }

    void check(const Run& run) override {
        const json::Value members = json::parse(run.method);
        for (const json::Value& argument : members["arguments"].items()) {
            if (argument.text_or("").find('\0') != std::string::npos)
                throw Refusal("/arguments", "has a NUL character, which no program can be given");
        }
    }

    Verdict deliver(const Run& run, const State&, const Call& call) override {
        if (call.cancelled()) return Verdict::retryable("stopped before the program was started");
        Pipe input;
        Pipe output;
        if (!input.open() || !output.open()) return Verdict::retryable("no pipe could be made");
        const pid_t process = start(run, input.out.get(), output.in.get());
        if (process < 0) return Verdict::retryable("the program could not be started");
        input.out.close();
        output.in.close();
        std::string printed;
        const bool whole = talk(std::string(run.payload), input.in, output.out, call, printed);
        if (!whole) ::kill(-process, SIGKILL);
        int status = 0;
        while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
        }
        if (!whole) {
            return Verdict::effect_unknown("the program was stopped: its time was over")
                .with_response(printed);
        }
        const bool exited = WIFEXITED(status);
        const int code = exited ? WEXITSTATUS(status) : WTERMSIG(status);
        return Verdict::accepted((exited ? "exit code " : "ended by signal ") + std::to_string(code))
            .as_finished(exited && code == 0)
            .with_response(printed);
    }

  private:
    pid_t start(const Run& run, int input, int output) const {
        const json::Value members = json::parse(run.method);
        std::vector<std::string> words = {program_};
        for (const json::Value& argument : members["arguments"].items())
            words.push_back(argument.text_or(""));
        std::vector<char*> arguments;
        for (std::string& word : words)
            arguments.push_back(word.data());
        arguments.push_back(nullptr);
        // Not the host's own environment: it holds the config's secrets.
        std::string path = "PATH=/usr/local/bin:/usr/bin:/bin";
        std::string id = "SIGNALBOX_RUN_ID=" + std::string(run.id);
        char* environment[] = {path.data(), id.data(), nullptr};

        posix_spawn_file_actions_t files;
        posix_spawn_file_actions_init(&files);
        posix_spawn_file_actions_adddup2(&files, input, STDIN_FILENO);
        posix_spawn_file_actions_adddup2(&files, output, STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&files, output, STDERR_FILENO);
        posix_spawnattr_t attributes;
        posix_spawnattr_init(&attributes);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_setsigmask(&attributes, &signals);
        sigaddset(&signals, SIGPIPE);
        posix_spawnattr_setsigdefault(&attributes, &signals);
        // A group of its own, so that all of it can be stopped.
        posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK |
                                                  POSIX_SPAWN_SETSIGDEF);
        pid_t process = -1;
        const int failed = posix_spawn(&process, program_.c_str(), &files, &attributes,
                                       arguments.data(), environment);
        posix_spawnattr_destroy(&attributes);
        posix_spawn_file_actions_destroy(&files);
        return failed == 0 ? process : -1;
    }

    /// Writes the payload and reads what is printed, until the program closes its output; false where
    /// time was up before that.
    static bool talk(const std::string& payload, End& input, End& output, const Call& call,
                     std::string& printed) {
        constexpr int look_up_ms = 200;
        ::fcntl(input.get(), F_SETFL, O_NONBLOCK);
        std::size_t written = 0;
        while (true) {
            if (call.cancelled()) return false;
            if (written == payload.size()) input.close();
            pollfd ends[2] = {{output.get(), POLLIN, 0}, {input.get(), POLLOUT, 0}};
            if (::poll(ends, 2, look_up_ms) <= 0) continue;
            if (input.get() >= 0 && ends[1].revents != 0) {
                const ssize_t put =
                    write_quietly(input.get(), payload.data() + written, payload.size() - written);
                // A program that does not want its input may close it.
                if (put < 0 && errno != EAGAIN && errno != EINTR) written = payload.size();
                if (put > 0) written += static_cast<std::size_t>(put);
            }
            if (ends[0].revents == 0) continue;
            char bytes[4096];
            const ssize_t got = ::read(output.get(), bytes, sizeof bytes);
            if (got == 0) return true;
            if (got > 0 && printed.size() < output_bytes_max)
                printed.append(bytes, static_cast<std::size_t>(got));
        }
    }

    /// SIGPIPE is the host's to decide on; here a closed pipe is an answer.
    static ssize_t write_quietly(int descriptor, const char* bytes, std::size_t size) {
        sigset_t pipe_only;
        sigset_t before;
        sigemptyset(&pipe_only);
        sigaddset(&pipe_only, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe_only, &before);
        const ssize_t put = ::write(descriptor, bytes, size);
        const int failed = errno;
        if (put < 0 && failed == EPIPE && sigismember(&before, SIGPIPE) == 0) {
            const timespec now = {0, 0};
            sigtimedwait(&pipe_only, nullptr, &now);
        }
        pthread_sigmask(SIG_SETMASK, &before, nullptr);
        errno = failed;
        return put;
    }

    std::string program_;
};

}  // namespace

SIGNALBOX_PLUGIN(RunCommand, descriptor)
