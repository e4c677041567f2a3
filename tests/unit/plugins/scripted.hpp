#pragma once

#include <cstring>
#include <functional>

#include "support.hpp"

/// A static plugin whose functions do what a test says, written against v1.h without the SDK's
/// layer.
namespace signalbox::plugins::test {

inline constexpr char scripted_descriptor[] =
    R"({"abi": {"major": 1, "minor": 0}, "id": "scripted", "version": "1", "description": "A test.",
        "invocation_types": {"TEST": {"type": "object"}},
        "settings": {"type": "object"}})";

struct Script {
    std::function<signalbox_answer(const signalbox_host*, signalbox_text, signalbox_connection**,
                                   const signalbox_problem_writer*)>
        connect;
    std::function<signalbox_answer(const signalbox_run&, const signalbox_state&,
                                   const signalbox_request_writer&)>
        plan;
    std::function<signalbox_answer(const signalbox_run&, const signalbox_state&,
                                   const signalbox_response&, const signalbox_verdict_writer&)>
        judge;
    std::function<void(signalbox_plugin&)> entry;
    int disconnects = 0;
};

inline Script& script() {
    static Script script;
    return script;
}

inline signalbox_answer scripted_entry(const signalbox_host*, signalbox_plugin* plugin) {
    plugin->descriptor = {scripted_descriptor, std::strlen(scripted_descriptor)};
    plugin->connect = [](const signalbox_host* host, signalbox_text settings,
                         signalbox_connection** connection,
                         const signalbox_problem_writer* writer) -> signalbox_answer {
        *connection = reinterpret_cast<signalbox_connection*>(&script());
        return script().connect ? script().connect(host, settings, connection, writer)
                                : SIGNALBOX_OK;
    };
    plugin->disconnect = [](signalbox_connection*) { ++script().disconnects; };
    plugin->plan = [](signalbox_connection*, const signalbox_run* run, const signalbox_state* state,
                      const signalbox_request_writer* writer) {
        return script().plan(*run, *state, *writer);
    };
    plugin->judge = [](signalbox_connection*, const signalbox_run* run,
                       const signalbox_state* state, const signalbox_response* response,
                       const signalbox_verdict_writer* writer) {
        return script().judge(*run, *state, *response, *writer);
    };
    if (script().entry) script().entry(*plugin);
    return SIGNALBOX_OK;
}

inline signalbox_text text(std::string_view view) {
    return {view.data(), view.size()};
}

/// A connection to the scripted plugin; forgets the script at its end.
class Scripted {
  public:
    Scripted() {
        script() = {};
        fake_clock().now_us = 0;
        fake_log().lines.clear();
    }
    ~Scripted() {
        connection_.reset();
        script() = {};
    }

    Connection& connection() {
        if (!connection_) {
            auto plugin = adopt(&scripted_entry, fake_log(), fake_clock());
            REQUIRE(plugin);
            auto connected = (*plugin)->connect(parsed("{}"));
            REQUIRE(connected);
            connection_ = std::move(*connected);
        }
        return *connection_;
    }

    using Writes = std::function<void(const signalbox_request_writer&)>;
    /// What comes of a plan() that writes this and answers so.
    Result<PlannedRequest> plan(const Writes& writes, signalbox_answer answer = SIGNALBOX_OK) {
        script().plan = [=](const auto&, const auto&, const signalbox_request_writer& writer) {
            writes(writer);
            return answer;
        };
        return connection().plan(RunView{});
    }

    using Says = std::function<void(const signalbox_verdict_writer&)>;
    Result<Verdict> judge(const Says& says, signalbox_answer answer = SIGNALBOX_OK) {
        script().judge = [=](const auto&, const auto&, const auto&,
                             const signalbox_verdict_writer& writer) {
            says(writer);
            return answer;
        };
        return connection().judge(RunView{}, ResponseView{});
    }

  private:
    std::unique_ptr<Connection> connection_;
};

/// The message of a broken plugin; fails where it is anything else.
template <class T>
std::string breach_of(const Result<T>& result) {
    REQUIRE_FALSE(result);
    CHECK(result.error().code == "plugin_broken");
    CHECK(contains(result.error().message, "'scripted'"));
    return result.error().message;
}

}  // namespace signalbox::plugins::test
