// Every folder of tests/data/broken is a config that cannot be served, with what `check` says of
// it.
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <iterator>

#include "support/world.hpp"

using namespace signalbox::test;
namespace fs = std::filesystem;

namespace {

/// From here on, and in what is executed from here on, a call of socket(2) kills the process.
bool forbid_sockets() {
    sock_filter program[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    const sock_fprog filter{sizeof program / sizeof program[0], program};
    return ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

/// Runs `signalbox` in a folder without the means to open a socket; both of its outputs.
Ran run_without_sockets(const fs::path& folder, std::vector<std::string> arguments) {
    int ends[2];
    REQUIRE(::pipe2(ends, O_CLOEXEC) == 0);
    const pid_t pid = ::fork();
    if (pid == 0) {
        arguments.insert(arguments.begin(), SIGNALBOX_BIN_DIR "/signalbox");
        std::vector<char*> pointers;
        for (std::string& argument : arguments)
            pointers.push_back(argument.data());
        pointers.push_back(nullptr);
        ::setenv("SIGNALBOX_PLUGIN_PATH", SIGNALBOX_PLUGIN_DIR, 1);
        ::setenv("BROKEN_KEY", "a-key-that-is-never-shown", 1);
        ::unsetenv("SIGNALBOX_TEST_NOT_SET");
        ::dup2(ends[1], STDOUT_FILENO);
        ::dup2(ends[1], STDERR_FILENO);
        if (::chdir(folder.c_str()) != 0 || !forbid_sockets()) ::_exit(99);
        ::execv(pointers[0], pointers.data());
        ::_exit(98);
    }
    ::close(ends[1]);
    Ran ran;
    char buffer[4096];
    for (ssize_t count; (count = ::read(ends[0], buffer, sizeof buffer)) > 0;)
        ran.output.append(buffer, static_cast<std::size_t>(count));
    ::close(ends[0]);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ran.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return ran;
}

std::string replaced(std::string text, const std::string& from, const std::string& by) {
    for (std::size_t at = 0; (at = text.find(from, at)) != text.npos; at += by.size())
        text.replace(at, from.size(), by);
    return text;
}

/// Equal, but that `[…]` in `expected` stands for any text: the lists of what is accepted grow.
bool fits(const std::string& shown, const std::string& expected) {
    const std::string any = "[…]";
    std::size_t at = 0;
    std::size_t from = 0;
    for (bool first = true;; first = false) {
        const std::size_t end = expected.find(any, from);
        const std::string part = expected.substr(from, end - from);
        if (end == expected.npos && !first) {
            return shown.size() >= at + part.size() && shown.ends_with(part);
        }
        const std::size_t found = shown.find(part, at);
        if (found == shown.npos || (first && found != 0)) return false;
        if (end == expected.npos) return shown == expected;
        at = found + part.size();
        from = end + any.size();
    }
}

std::vector<fs::path> broken_folders() {
    std::vector<fs::path> folders;
    for (const auto& entry : fs::directory_iterator(SIGNALBOX_TEST_DATA "/broken"))
        folders.push_back(entry.path());
    std::sort(folders.begin(), folders.end());
    return folders;
}

}  // namespace

TEST_CASE("command line: check names each mistake of twenty broken configs and opens no socket",
          "[integration]") {
    const auto folders = broken_folders();
    CHECK(folders.size() >= 20);
    for (const fs::path& folder : folders) {
        const bool json = fs::exists(folder / "signalbox.json");
        const Ran ran = run_without_sockets(
            folder, {"check", "--strict", "--config", json ? "signalbox.json" : "signalbox.yaml"});
        const std::string shown = replaced(replaced(ran.output, folder.string(), "$FOLDER"),
                                           SIGNALBOX_PLUGIN_DIR, "$PLUGINS");
        std::string expected;
        {
            std::ifstream in(folder / "expected.txt");
            expected.assign(std::istreambuf_iterator<char>(in), {});
        }
        INFO(folder);
        CHECK(ran.code == 2);
        CHECK((fits(shown, expected) ? expected : shown) == expected);
        CHECK(shown.find("hunter2") == shown.npos);
        CHECK(shown.find("a-key-that-is-never-shown") == shown.npos);
    }
}

TEST_CASE("command line: what opens a socket would not have passed as check does",
          "[integration]") {
    const Folder folder;
    CHECK(run_without_sockets(folder.path(), {"runs", "list"}).code == 128 + SIGSYS);
}

TEST_CASE("command line: check without secrets asks for none", "[integration]") {
    const fs::path folder = SIGNALBOX_TEST_DATA "/broken/04-secret-not-set";
    CHECK(run_without_sockets(folder, {"check", "--without-secrets"}).code == 0);
    CHECK(run_without_sockets(folder, {"check"}).code == 2);
    // Of a plugin's settings too.
    const Folder hook;
    hook.write("signalbox.yaml",
               "plugins: [ webhook ]\n"
               "connections:\n"
               "  hook:\n"
               "    plugin: webhook\n"
               "    settings: { authorization: { env: SIGNALBOX_TEST_NOT_SET } }\n"
               "    signing: { scheme: none }\n"
               "actions: actions/*\n");
    CHECK(run_without_sockets(hook.path(), {"check", "--without-secrets"}).code == 0);
    CHECK(run_without_sockets(hook.path(), {"check"}).code == 2);
}
