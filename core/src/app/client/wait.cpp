#include "app/client/wait.hpp"

#include <algorithm>
#include <ostream>

#include "app/client/json.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

constexpr std::int64_t kFirstPauseMs = 100;
constexpr std::int64_t kPauseMsMax = 1'000;
constexpr std::int64_t kSilenceMsMax =
    60'000;  // without --timeout: a server away for longer is given up

class Wait {
  public:
    Wait(Api& api, ApiReply known, std::optional<std::int64_t> timeout_ms, const Context& context)
        : api_(api),
          context_(context),
          last_(std::move(known)),
          id_(text_at(object_at(last_.json, "run"), "id")),
          timeout_ms_(timeout_ms),
          began_ms_(context.clock.steady_ms()),
          heard_ms_(began_ms_) {}

    Result<Waited> run() {
        for (;;) {
            const auto run = object_at(last_.json, "run");
            if (const auto code = code_of(run)) return Waited{last_, *code};
            show_progress(text_at(run, "phase"));
            auto next = ask_until_answered();
            if (!next) return next.error();
            if (!*next) return Waited{last_, exit_code::timeout};
            last_ = std::move(**next);
            heard_ms_ = context_.clock.steady_ms();
        }
    }

  private:
    /// The next state, or none when the time is over.
    Result<std::optional<ApiReply>> ask_until_answered() {
        while (!is_over()) {
            pause();
            auto reply = api_.call("GET", "/v1/actions/runs/" + percent_encode(id_));
            if (is_passing_trouble(reply)) {
                show_progress("no answer, asking again");
                continue;
            }
            if (!reply) return reply.error();
            if (reply->status / 100 != 2) return api_.error_of(*reply);
            return std::optional<ApiReply>(std::move(*reply));
        }
        return std::optional<ApiReply>();
    }

    bool is_over() const {
        const std::int64_t now_ms = context_.clock.steady_ms();
        return timeout_ms_ ? now_ms - began_ms_ >= *timeout_ms_
                           : now_ms - heard_ms_ >= kSilenceMsMax;
    }

    void pause() {
        std::int64_t duration_ms = pause_ms_;
        if (timeout_ms_) {
            const std::int64_t left_ms = began_ms_ + *timeout_ms_ - context_.clock.steady_ms();
            duration_ms = std::clamp<std::int64_t>(left_ms, 1, duration_ms);
        }
        context_.sleep(duration_ms);
        pause_ms_ = std::min(pause_ms_ * 3 / 2, kPauseMsMax);
    }

    static bool is_passing_trouble(const Result<ApiReply>& reply) {
        if (reply) return reply->status >= 500 || reply->status == 429;
        const std::string& code = reply.error().code;
        return code == "unreachable" || code == "reply_lost";
    }

    void show_progress(const std::string& what) {
        if (!context_.err_is_terminal || what == shown_) return;
        context_.err << one_line(id_) << ' ' << one_line(what) << std::endl;
        shown_ = what;
    }

    Api& api_;
    const Context& context_;
    ApiReply last_;
    const std::string id_;
    const std::optional<std::int64_t> timeout_ms_;
    const std::int64_t began_ms_;
    std::int64_t heard_ms_;
    std::int64_t pause_ms_ = kFirstPauseMs;
    std::string shown_;
};

}  // namespace

std::optional<int> code_of(const Poco::JSON::Object::Ptr& run) {
    const std::string phase = text_at(run, "phase");
    const std::string status = text_at(run, "status");
    if (phase == "held" || phase == "unconfirmed") return exit_code::undecided;
    if (status == "SUCCESS") return exit_code::success;
    if (status == "FAILURE" || status == "DECLINED" || status == "CANCELLED")
        return exit_code::failure;
    return std::nullopt;
}

Result<Waited> wait_for_end(Api& api, ApiReply known, std::optional<std::int64_t> timeout_ms,
                            const Context& context) {
    return Wait(api, std::move(known), timeout_ms, context).run();
}

}  // namespace signalbox::app
