#include "support/child.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

extern char** environ;

namespace signalbox::test {
namespace {

std::vector<char*> pointers(std::vector<std::string>& texts) {
    std::vector<char*> all;
    for (std::string& text : texts)
        all.push_back(text.data());
    all.push_back(nullptr);
    return all;
}

std::vector<std::string> merged(const std::map<std::string, std::string>& changes) {
    std::map<std::string, std::string> all;
    for (char** entry = environ; *entry; ++entry) {
        const std::string text = *entry;
        all[text.substr(0, text.find('='))] = text.substr(text.find('=') + 1);
    }
    for (const auto& [name, value] : changes)
        all[name] = value;
    std::vector<std::string> texts;
    for (const auto& [name, value] : all)
        texts.push_back(name + "=" + value);
    return texts;
}

}  // namespace

Child::Child(std::vector<std::string> command, std::map<std::string, std::string> environment,
             const std::string& error_file) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("pipe");
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, ends[1], 1);
    if (!error_file.empty()) {
        posix_spawn_file_actions_addopen(&actions, 2, error_file.c_str(),
                                         O_WRONLY | O_CREAT | O_APPEND, 0600);
    }
    auto texts = merged(environment);
    auto arguments = pointers(command);
    auto variables = pointers(texts);
    const int failed =
        ::posix_spawn(&pid_, arguments[0], &actions, nullptr, arguments.data(), variables.data());
    posix_spawn_file_actions_destroy(&actions);
    ::close(ends[1]);
    output_ = ends[0];
    if (failed != 0) throw std::runtime_error("cannot start " + command[0]);
}

Child::~Child() {
    if (pid_ > 0) {
        signal(SIGKILL);
        wait();
    }
    if (discarding_.joinable()) discarding_.join();
    ::close(output_);
}

std::string Child::line() {
    while (true) {
        const std::size_t end = read_.find('\n');
        if (end != std::string::npos) {
            std::string line = read_.substr(0, end);
            read_.erase(0, end + 1);
            return line;
        }
        char buffer[4096];
        const ssize_t got = ::read(output_, buffer, sizeof buffer);
        if (got <= 0) return std::exchange(read_, {});
        read_.append(buffer, static_cast<std::size_t>(got));
    }
}

std::string Child::rest() {
    char buffer[65536];
    for (ssize_t got; (got = ::read(output_, buffer, sizeof buffer)) > 0;) {
        read_.append(buffer, static_cast<std::size_t>(got));
    }
    return std::exchange(read_, {});
}

void Child::discard() {
    discarding_ = std::thread([this] {
        char buffer[65536];
        while (::read(output_, buffer, sizeof buffer) > 0) {
        }
    });
}

void Child::signal(int number) {
    if (pid_ > 0) ::kill(pid_, number);
}

int Child::wait() {
    int status = 0;
    ::waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

Ran run(std::vector<std::string> command, std::map<std::string, std::string> environment) {
    Child child(std::move(command), std::move(environment));
    Ran ran;
    ran.output = child.rest();
    ran.code = child.wait();
    return ran;
}

}  // namespace signalbox::test
