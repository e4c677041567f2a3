// A plugin that is whole, until SIGNALBOX_BREAK names one way to break it: so one file shows that
// each test of the conformance kit can fail.
#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>

#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/retry_after.hpp"
#include "signalbox/plugin/target.hpp"

using namespace signalbox::plugin;

namespace {

bool broken(const char* how) {
    const char* named = std::getenv("SIGNALBOX_BREAK");
    return named != nullptr && std::strcmp(named, how) == 0;
}

constexpr char descriptor[] = R"({
  "abi": {"major": 1, "minor": 0}, "id": "broken", "version": "1.0.0", "license": "Apache-2.0",
  "description": "For tests.", "setup": "Nothing.", "capabilities": [],
  "invocation_types": {"BROKEN": {"type": "object", "properties": {
    "name": {"type": "string", "description": "A name."}},
    "additionalProperties": false}},
  "settings": {"type": "object", "properties": {
    "zone": {"type": "string", "description": "A zone."},
    "token": {"type": "string", "description": "A secret.", "x-secret": true}},
    "required": ["token"], "additionalProperties": false}})";

/// What is quiet at load time, unless it is to be heard.
const struct Loaded {
    Loaded() {
        if (broken("load-slowly")) std::this_thread::sleep_for(std::chrono::milliseconds(150));
        if (broken("load-throws")) throw std::runtime_error("a static constructor threw");
    }
} loaded;

int calls = 0;
std::string shared_zone;

class Broken final : public Target, public ConnectionStep {
  public:
    Broken(std::string_view settings, Host host) : host_(host) {
        if (broken("connect-refuses")) throw Refusal("", "no");
        if (broken("connect-aborts")) std::abort();
        if (broken("connect-aborts-on-999") && ::fcntl(999, F_GETFD) >= 0) std::abort();
        const json::Value read = broken("connect-crashes") && settings.front() != '{'
                                     ? (std::abort(), json::Value())
                                     : json::parse(settings);
        if (broken("connect-needs-services") && !host.wall_ms()) std::abort();
        if (broken("connect-leaks")) {
            // Stored where the optimiser cannot see that nobody reads it: else it never allocates.
            static char* volatile lost = nullptr;
            lost = new char[4096];
        }
        if (broken("connect-opens")) static_cast<void>(::open("/dev/null", O_RDONLY));
        if (broken("connect-throws-on-zone") && !read["zone"].is_null())
            throw std::runtime_error("a zone");
        if (broken("connect-threads")) {
            std::thread([] { std::this_thread::sleep_for(std::chrono::seconds(20)); }).detach();
        }
        if (broken("calls-from-thread"))
            std::thread([host] { host.log(LogLevel::info, "from a thread of mine"); }).join();
        secret_ = read["token"].text_or("");
        shared_zone += "x";
        settings_ = settings;
    }
    ~Broken() override {
        if (broken("connections-know")) shared_zone += "y";
    }

    Plan plan(const Run& run, const State& state) override {
        ++calls;
        if (broken("plan-nothing")) return Plan::done();
        if (broken("plan-aborts-large") && run.payload.size() > 1'000'000) std::abort();
        if (broken("plan-aborts-state") && state.version > 1) std::abort();
        if (broken("plan-slowly")) std::this_thread::sleep_for(std::chrono::milliseconds(7));
        std::string url = "https://target.example/runs?x=1";
        if (broken("plan-counts")) url += std::to_string(calls);
        if (broken("connections-know")) url += shared_zone;
        if (broken("plan-numbers")) url += std::to_string(run.attempt);
        if (broken("secret-in-url")) url += host_.secret(secret_).value_or("");
        Request request = Request::post(url);
        if (broken("keeps-pointer")) {
            if (!kept_.empty()) request.with_header("X-Run", std::string(kept_));
            kept_ = run.id;
        }
        if (broken("reads-beyond")) request.with_header("X-Odd", std::string(beyond_));
        if (broken("injects")) {
            request.with_header("X-Name", json::parse(run.method)["name"].text_or(""));
        }
        request.with_secret_header("Authorization", host_.secret(secret_).value_or(""));
        return request;
    }

    Verdict judge(const Run& run, const State& state, const Response& response) override {
        ++calls;
        static_cast<void>(run);
        if (broken("state-lost") && state.version == 1 && state.data != "kept")
            throw std::runtime_error("which state is this?");
        const bool html = response.header("Content-Type").value_or("").substr(0, 9) == "text/html";
        if (broken("aborts-large") && response.body.size() > 9'000'000) std::abort();
        if (broken("aborts-599") && response.status == 599) std::abort();
        if (broken("aborts-headers") && response.headers.size() > 200) std::abort();
        if (broken("throws-on-garbage")) json::parse(response.body.empty() ? "{}" : response.body);
        if (broken("throws-truncated") && response.body == "{\"id\":")
            throw std::runtime_error("cut off");
        if (broken("throws-on-message") &&
            json::try_parse(response.body).value_or(json::Value())["message"].is_string())
            throw std::runtime_error("a message");
        if (response.status == 429) {
            const auto wait = response.header("Retry-After").value_or("");
            if (broken("ignores-seconds") && wait == "7") return Verdict::throttled("later");
            if (broken("ignores-date") && wait.size() > 20) return Verdict::throttled("later");
            if (broken("aborts-on-soon") && wait == "soon") std::abort();
            return Verdict::throttled("later").with_retry_after_ms(retry_after_ms(response));
        }
        if (response.status == 401 && broken("takes-401")) return Verdict::accepted("fine");
        if (response.status == 203 && html && !broken("takes-203"))
            return Verdict::unauthenticated("a sign-in page");
        if (response.status == 401) return Verdict::unauthenticated("who are you");
        if (response.status / 100 == 3 && !broken("takes-redirects"))
            return Verdict::permanent("elsewhere");
        if (response.status / 100 == 4 && !broken("takes-errors"))
            return Verdict::permanent(broken("quotes") ? std::string(response.body) : "refused");
        if (response.status / 100 == 5)
            return broken("retries-doubt") ? Verdict::retryable("again")
                                           : Verdict::effect_unknown("who knows");
        auto verdict = Verdict::accepted(broken("judge-counts") ? std::to_string(calls) : "taken")
                           .with_state(1, broken("state-lost") ? "lost" : "kept");
        if (broken("undeclared")) verdict.external_id = "7";
        return verdict;
    }

    Request plan_credential(std::int64_t) override {
        return Request::post(broken("step-plans-nowhere") ? "nowhere" : "https://target.example/t");
    }
    Credential judge_credential(const Response& response) override {
        if (broken("step-throws") && response.status == 200)
            return Credential(json::parse(response.body)["access_token"].text_or(""), 1000);
        const auto body = json::try_parse(response.body).value_or(json::Value());
        const auto token = body["access_token"].text_or("");
        if (token.empty()) return Verdict::permanent("no token");
        return {token, 60'000};
    }

    std::string_view beyond_;

  private:
    Host host_;
    std::string secret_;
    std::string_view settings_;
    std::string_view kept_;
};

using Table = detail::Thunks<Broken>;

signalbox_answer plan(signalbox_connection* connection, const signalbox_run* run,
                      const signalbox_state* state, const signalbox_request_writer* writer) {
    if (broken("reads-beyond")) {
        static char copied[8];
        std::memcpy(copied, &run->credential, sizeof copied);
        Table::target(connection).beyond_ = std::string_view(copied, copied[0] == 0 ? 0 : 8);
    }
    return Table::plan(connection, run, state, writer);
}

const void* any_extension(signalbox_text id) {
    static const signalbox_blocking blocking = {sizeof blocking, 0, nullptr, nullptr};
    if (broken("extends-anything")) return &blocking;
    if (broken("blocks-undeclared") && id.size == std::strlen(SIGNALBOX_BLOCKING_EXTENSION))
        return &blocking;
    return Table::extension(id);
}

__attribute__((section(SIGNALBOX_NOTE_SECTION), used, aligned(4))) constexpr auto note =
    detail::make_note(descriptor);

}  // namespace

extern "C" __attribute__((visibility("default"))) signalbox_answer signalbox_plugin_v1(
    const signalbox_host* host, signalbox_plugin* plugin) {
    if (broken("entry-refuses")) return SIGNALBOX_BROKEN;
    if (broken("entry-needs-services") && !Host(host).service(SIGNALBOX_LOG_SERVICE)) std::abort();
    if (broken("refuses-newer") && host->abi_minor > SIGNALBOX_ABI_MINOR) return SIGNALBOX_REFUSED;
    const auto size = plugin->struct_size;
    if (broken("writes-beyond")) plugin->struct_size = sizeof *plugin;
    const auto answer = detail::fill<Broken>(plugin, {note.text, note.text_size});
    if (broken("writes-beyond")) plugin->struct_size = size;
    if (broken("writes-newer")) std::memset(plugin + 1, 1, size > sizeof *plugin ? 8 : 0);
    static std::atomic<int> entered{0};
    if (broken("entry-changes") && ++entered > 1) plugin->plan = nullptr;
    if (answer == SIGNALBOX_OK && plugin->plan != nullptr) plugin->plan = &plan;
    if (answer == SIGNALBOX_OK && plugin->extension != nullptr) plugin->extension = &any_extension;
    return answer;
}
