#include "signalbox/plugin/target.hpp"

#include <catch2/catch.hpp>
#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

using namespace signalbox::plugin;

namespace {

constexpr char words[] = "{\"id\":\"fake\"}";

/// Does what its settings and the run's method say.
class Fake final : public Target {
  public:
    Fake(std::string_view settings, Host host) {
        if (settings == "refuse") throw Refusal("/zone", "is unknown");
        if (settings == "throw") throw std::runtime_error("no memory of that");
        CHECK(host.service("signalbox.unknown/1") == nullptr);
        ++alive;
    }
    ~Fake() override { --alive; }

    Plan plan(const Run& run, const State& state) override {
        if (run.method == "done") return Plan::done();
        if (run.method == "throw") throw 1;
        if (run.method == "get") return Request::get("https://t.example/").with_header("A", "b");
        return Request::post("https://t.example/" + std::string(state.data)).with_body("x");
    }
    Verdict judge(const Run&, const State&, const Response& response) override {
        return Verdict::throttled(std::string(response.header("why").value_or("?")))
            .with_advice("wait")
            .with_retry_after_ms(7)
            .with_external_run("42", "https://t.example/42")
            .with_state(2, "more")
            .with_next_step_after_ms(9);
    }

    static inline int alive = 0;
};

/// Writes down what comes through a writer, one line a call.
struct Notes {
    std::vector<std::string> lines;
    static void add(void* context, const std::string& line) {
        static_cast<Notes*>(context)->lines.push_back(line);
    }
};

std::string str(signalbox_text text) {
    return std::string(text.data, text.size);
}
signalbox_text text(const char* literal) {
    return {literal, std::strlen(literal)};
}

void on_problem(void* notes, signalbox_text pointer, signalbox_text message) {
    Notes::add(notes, "problem " + str(pointer) + " " + str(message));
}

signalbox_request_writer request_writer(Notes& notes) {
    return {sizeof(signalbox_request_writer),
            0,
            &notes,
            &on_problem,
            [](void* to, signalbox_text method) { Notes::add(to, "method " + str(method)); },
            [](void* to, signalbox_text url) { Notes::add(to, "url " + str(url)); },
            [](void* to, signalbox_text name, signalbox_text value) {
                Notes::add(to, "header " + str(name) + "=" + str(value));
            },
            [](void* to, signalbox_text body) { Notes::add(to, "body " + str(body)); },
            [](void* to, std::int32_t safe) { Notes::add(to, "safe " + std::to_string(safe)); },
            [](void* to) { Notes::add(to, "done"); },
            [](void* to, signalbox_text name, signalbox_text value) {
                Notes::add(to, "secret header " + str(name) + "=" + str(value));
            }};
}

signalbox_verdict_writer verdict_writer(Notes& notes) {
    return {sizeof(signalbox_verdict_writer),
            0,
            &notes,
            &on_problem,
            [](void* to, signalbox_outcome o) { Notes::add(to, "outcome " + std::to_string(o)); },
            [](void* to, signalbox_text reason) { Notes::add(to, "reason " + str(reason)); },
            [](void* to, signalbox_text advice) { Notes::add(to, "advice " + str(advice)); },
            [](void* to, std::int64_t ms) { Notes::add(to, "retry " + std::to_string(ms)); },
            [](void* to, signalbox_text id, signalbox_text link) {
                Notes::add(to, "external " + str(id) + " " + str(link));
            },
            [](void* to, std::uint32_t version, signalbox_text data) {
                Notes::add(to, "state " + std::to_string(version) + " " + str(data));
            },
            [](void* to, std::int64_t ms) { Notes::add(to, "next " + std::to_string(ms)); },
            [](void* to, std::int32_t success) {
                Notes::add(to, "finished " + std::to_string(success));
            },
            [](void* to, signalbox_text said) { Notes::add(to, "response " + str(said)); }};
}

const signalbox_host no_services = {sizeof(signalbox_host), 0, nullptr, nullptr};

signalbox_plugin filled() {
    signalbox_plugin plugin = {};
    plugin.struct_size = sizeof plugin;
    REQUIRE(entry<Fake, words>(&no_services, &plugin) == SIGNALBOX_OK);
    return plugin;
}

}  // namespace

TEST_CASE("sdk: the entry fills what a host needs", "[sdk]") {
    const signalbox_plugin plugin = filled();
    CHECK(str(plugin.descriptor) == words);
    CHECK(plugin.abi_minor == SIGNALBOX_ABI_MINOR);
    CHECK(plugin.struct_size == sizeof plugin);
    CHECK(plugin.extension == nullptr);
}

TEST_CASE("sdk: the entry refuses a host whose struct is too small", "[sdk]") {
    signalbox_plugin plugin = {};
    plugin.struct_size = offsetof(signalbox_plugin, judge);
    CHECK(entry<Fake, words>(&no_services, &plugin) == SIGNALBOX_BROKEN);
    CHECK(plugin.connect == nullptr);
    plugin.struct_size = offsetof(signalbox_plugin, extension);
    CHECK(entry<Fake, words>(&no_services, &plugin) == SIGNALBOX_OK);
    CHECK(entry<Fake, words>(&no_services, nullptr) == SIGNALBOX_BROKEN);
}

TEST_CASE("sdk: connections are made and destroyed and what they throw is told", "[sdk]") {
    const signalbox_plugin plugin = filled();
    Notes notes;
    const signalbox_problem_writer writer = {sizeof writer, 0, &notes, &on_problem};
    signalbox_connection* connection = nullptr;
    CHECK(plugin.connect(&no_services, text("{}"), &connection, &writer) == SIGNALBOX_OK);
    REQUIRE(connection != nullptr);
    CHECK(Fake::alive == 1);
    plugin.disconnect(connection);
    CHECK(Fake::alive == 0);

    connection = nullptr;
    CHECK(plugin.connect(&no_services, text("refuse"), &connection, &writer) == SIGNALBOX_REFUSED);
    CHECK(plugin.connect(&no_services, text("throw"), &connection, &writer) == SIGNALBOX_BROKEN);
    CHECK(connection == nullptr);
    CHECK(notes.lines ==
          std::vector<std::string>{"problem /zone is unknown", "problem  no memory of that"});
}

TEST_CASE("sdk: a plan is written as the target built it", "[sdk]") {
    const signalbox_plugin plugin = filled();
    Fake fake("{}", Host());
    auto* connection = reinterpret_cast<signalbox_connection*>(static_cast<Target*>(&fake));
    const auto planned = [&](const char* method, signalbox_answer wanted) {
        Notes notes;
        const signalbox_request_writer writer = request_writer(notes);
        signalbox_run run = {};
        run.struct_size = sizeof run;
        run.method = text(method);
        const signalbox_state state = {sizeof state, 1, text("s")};
        CHECK(plugin.plan(connection, &run, &state, &writer) == wanted);
        return notes.lines;
    };
    using Lines = std::vector<std::string>;
    CHECK(planned("", SIGNALBOX_OK) == Lines{"method POST", "url https://t.example/s", "body x"});
    CHECK(planned("get", SIGNALBOX_OK) ==
          Lines{"method GET", "url https://t.example/", "header A=b", "body ", "safe 1"});
    CHECK(planned("done", SIGNALBOX_OK) == Lines{"done"});
    CHECK(planned("throw", SIGNALBOX_BROKEN) ==
          Lines{"problem  something that is not a std::exception was thrown"});
}

TEST_CASE("sdk: a verdict is written as the target judged", "[sdk]") {
    const signalbox_plugin plugin = filled();
    Fake fake("{}", Host());
    auto* connection = reinterpret_cast<signalbox_connection*>(static_cast<Target*>(&fake));
    Notes notes;
    const signalbox_verdict_writer writer = verdict_writer(notes);
    signalbox_run run = {};
    const signalbox_state state = {sizeof state, 0, {nullptr, 0}};
    const signalbox_field why = {text("WHY"), text("too fast")};
    const signalbox_response reply = {sizeof reply, 429, &why, 1, {nullptr, 0}, 0};
    CHECK(plugin.judge(connection, &run, &state, &reply, &writer) == SIGNALBOX_OK);
    CHECK(notes.lines == std::vector<std::string>{"outcome 3", "reason too fast", "advice wait",
                                                  "retry 7", "external 42 https://t.example/42",
                                                  "state 2 more", "next 9"});
}

TEST_CASE("sdk: a note is laid out without a gap for every length", "[sdk]") {
    static constexpr auto four = detail::make_note("abcd");
    static constexpr auto five = detail::make_note("abcde");
    CHECK(sizeof four == 12 + 12 + 4);
    CHECK(sizeof five == 12 + 12 + 8);
    CHECK(four.text_size == 4);
    CHECK(five.text_size == 5);
    CHECK(std::string(five.text, sizeof five.text) == std::string("abcde\0\0\0", 8));
    CHECK(std::string(four.owner) == "Signalbox");
    CHECK(four.owner_size == 10);
    CHECK(four.type == 1);
}
