#include <malloc.h>

#include <algorithm>
#include <filesystem>

#include "json/door.hpp"
#include "json/writer.hpp"
#include "suite.hpp"

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
// The sanitizer's own allocator knows nothing of mallinfo2(), and g++ ships no header for this.
extern "C" std::size_t __sanitizer_get_current_allocated_bytes();
#endif

// Connections: made, dropped, and what they leave behind.
namespace signalbox::conformance {
namespace {

std::size_t entries(const char* folder) {
    std::size_t count = 0;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        static_cast<void>(entry);
        ++count;
    }
    return count;
}

/// What the allocator has given out and not got back.
std::size_t allocated_bytes() {
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
    return __sanitizer_get_current_allocated_bytes();
#else
    return ::mallinfo2().uordblks;
#endif
}

std::string connect_valid(const Subject& subject) {
    const Talk talk(subject);
    return {};
}

std::string connect_without_services(const Subject& subject) {
    const Library library(subject);
    const FakeHost host(false);
    const Answer answer =
        connect_once(library, host, settings_text(subject, sample_settings(subject)));
    if (!answer.broken.empty()) fail(answer.broken);
    if (answer.code == SIGNALBOX_REFUSED)
        return "it refuses to connect in a host without services; is none of them dispensable?";
    return {};
}

std::string connect_many(const Subject& subject) {
    const Library library(subject);
    const FakeHost host;
    const std::string settings = settings_text(subject, sample_settings(subject));
    const auto round = [&](int count) {
        for (int i = 0; i < count; ++i)
            connect_once(library, host, settings);
        return allocated_bytes();
    };
    round(200);
    const std::size_t before = round(1);
    // The kit itself keeps the settings of each round, poisoned.
    const std::size_t kept = (settings.size() + 64) * 500;
    const std::size_t after = round(500);
    const std::size_t allowed = kept + 16 * 1024;
    if (after > before + allowed) {
        fail("500 connections, made and dropped, leave " + std::to_string(after - before - kept) +
             " bytes behind");
    }
    return {};
}

std::string two_connections(const Subject& subject) {
    Talk first(subject);
    const Run run = first.sample(subject);
    const auto said = [&](Talk& talk) {
        return talk.blocking() ? std::to_string(talk.check(run).code) : talk.plan(run).said();
    };
    const std::string before = said(first);
    {
        Talk second(subject);
        if (said(second) != before)
            fail("two connections with the same settings answer differently");
    }
    if (said(first) != before) fail("a connection answers differently once another was dropped");
    return {};
}

std::string no_threads(const Subject& subject) {
    const std::size_t before = entries("/proc/self/task");
    Talk talk(subject);
    const Run run = talk.sample(subject);
    if (!talk.blocking()) talk.judge(run, {});
    if (entries("/proc/self/task") != before) fail("it starts threads; the host has them");
    return {};
}

std::string no_descriptors(const Subject& subject) {
    const Library library(subject);
    const std::size_t before = entries("/proc/self/fd");
    Talk talk(subject);
    const Run run = talk.sample(subject);
    if (talk.blocking()) {
        if (entries("/proc/self/fd") == before) return {};
        return "connecting opens files; a descriptor that is held is one that the host lacks";
    }
    talk.judge(run, {});
    if (entries("/proc/self/fd") != before)
        fail("it opens files or sockets; plan and judge do no I/O");
    return {};
}

std::string own_thread_only(const Subject& subject) {
    Talk talk(subject);
    const Run run = talk.sample(subject);
    if (!talk.blocking()) talk.judge(run, {});
    if (talk.host().wrong_thread) fail("it calls the host from a thread of its own");
    return {};
}

std::string secret_stays_secret(const Subject& subject) {
    Talk talk(subject);
    const Run run = talk.sample(subject);
    const auto look = [&](const std::string& text, const char* where) {
        if (text.find(secret_marker) != std::string::npos)
            fail(std::string("a secret of the settings stands in ") + where);
    };
    if (!talk.blocking()) {
        Planned planned = talk.plan(run);
        planned.request.secret_headers.clear();  // the place for it
        look(planned.said(),
             "a request outside of its secret headers, where it is stored and shown");
        for (const int status : {200, 401, 500}) {
            Reply reply;
            reply.status = status;
            reply.body = "{\"message\":\"" + std::string(secret_marker) + "\"}";
            Judged judged = talk.judge(run, reply);
            judged.verdict.response.clear();  // what the target says of itself
            look(judged.said(), "a verdict");
        }
    }
    for (const std::string& line : talk.host().logged)
        look(line, "the log");
    return {};
}

std::string refuses_with_reason(const Subject& subject) {
    // Settings that no schema allows never come here, but a defect of the host must not become a
    // crash.
    const Library library(subject);
    const FakeHost host;
    for (const char* settings : {"{}", "null", "[]", "{\"organization\":7}", "{\"\":{}}"}) {
        const Answer answer = connect_once(library, host, settings);
        if (!answer.broken.empty() && answer.code != SIGNALBOX_BROKEN) fail(answer.broken);
    }
    return {};
}

}  // namespace

std::vector<Test> connect_tests() {
    return {
        {"connect-valid", "settings that fit the schema connect", connect_valid},
        {"connect-without-services", "it lives without services", connect_without_services},
        {"connect-odd-settings", "settings that do not fit do not crash it", refuses_with_reason},
        {"connect-many", "a connection leaves nothing behind", connect_many},
        {"two-connections", "connections do not know each other", two_connections},
        {"no-threads", "it starts no threads", no_threads},
        {"no-descriptors", "it opens no files", no_descriptors},
        {"own-thread-only", "it calls the host on the host's thread", own_thread_only},
        {"secret-stays-secret", "a secret is only where secrets go", secret_stays_secret},
    };
}

}  // namespace signalbox::conformance
