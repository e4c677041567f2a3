#ifndef SIGNALBOX_PLUGIN_TYPES_HPP
#define SIGNALBOX_PLUGIN_TYPES_HPP

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "signalbox/plugin/v1.h"

/// What plan() and judge() take and give. Every string_view in an argument is borrowed: it points
/// at the host's memory and is valid during that one call only.
namespace signalbox::plugin {

/// The run whose next step is planned or judged.
struct Run {
    std::string_view id;           ///< "r_…"
    std::string_view action;       ///< the action's identifier
    std::string_view type;         ///< invocationMethod.type, as the descriptor spells it
    std::string_view method;       ///< JSON object: the invocation method's other members
    std::string_view payload;      ///< the body to send, final; compact JSON
    std::string_view delivery_id;  ///< the same for every attempt of one step
    std::string_view public_url;   ///< how a target reaches this Signalbox
    std::uint32_t attempt = 1;  ///< from 1; grows with every attempt of the run
    std::int64_t wall_ms = 0;  ///< Unix time of this attempt
    /// What the last connection step fetched; empty without one, and in previews. A secret.
    std::string_view credential = {};
};

/// The plugin's own memory of a run, as its last verdict wrote it. Empty before the first.
struct State {
    std::uint32_t version = 0;  ///< the plugin's own number for the layout of `data`
    std::string_view data;      ///< at most 16 KiB
};

/// Thrown by a target's constructor or by plan(): the settings or the invocation cannot be served.
/// `pointer` is a JSON pointer into the settings or into the invocation method's members, such as
/// "/webhook", and empty where none fits. The message says what was found, what is accepted and
/// what to do; it never quotes a secret. Any other exception counts as a defect in the plugin.
class Refusal : public std::runtime_error {
  public:
    /// See above.
    Refusal(std::string pointer, const std::string& message)
        : std::runtime_error(message), pointer_(std::move(pointer)) {}
    /// Where; empty: nowhere in particular.
    const std::string& pointer() const noexcept { return pointer_; }

  private:
    std::string pointer_;
};

/// The request to send. The host adds Host, Content-Length, Connection and the signature's headers;
/// a plugin that sets one of them is refused.
struct Request {
    std::string method = "POST";  ///< upper case
    std::string url;  ///< absolute http(s), percent-encoded
    std::vector<std::pair<std::string, std::string>> headers;  ///< in order; names may repeat
    std::optional<std::string> body;  ///< none: the run's payload
    bool safe = false;                ///< sending it twice does no harm: a GET, a poll
    /// Sent after `headers`; stored and shown as ***.
    std::vector<std::pair<std::string, std::string>> secret_headers = {};

    /// A POST of the run's payload.
    static Request post(std::string url) { return {"POST", std::move(url), {}, {}, false, {}}; }
    /// A safe request with an empty body.
    static Request get(std::string url) { return {"GET", std::move(url), {}, "", true, {}}; }

    /// Adds a header; chains.
    Request& with_header(std::string name, std::string value) & {
        headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    /// Adds a header; chains.
    Request&& with_header(std::string name, std::string value) && {
        return std::move(with_header(std::move(name), std::move(value)));
    }
    /// For a value that is a secret or was made from one.
    Request& with_secret_header(std::string name, std::string value) & {
        secret_headers.emplace_back(std::move(name), std::move(value));
        return *this;
    }
    /// For a value that is a secret or was made from one.
    Request&& with_secret_header(std::string name, std::string value) && {
        return std::move(with_secret_header(std::move(name), std::move(value)));
    }
    /// In the place of the run's payload.
    Request&& with_body(std::string text) && {
        body = std::move(text);
        return std::move(*this);
    }
};

/// What plan() answers: a request, or that the run has no further step.
class Plan {
  public:
    /// Send this.
    Plan(Request request) : request_(std::move(request)) {}
    /// Nothing is left to send.
    static Plan done() { return Plan(); }

    /// Null: done.
    const Request* request() const { return request_ ? &*request_ : nullptr; }

  private:
    Plan() = default;
    std::optional<Request> request_;
};

/// A whole reply, as it was received.
struct Response {
    /// A header.
    struct Field {
        std::string_view name;   ///< as received
        std::string_view value;  ///< as received, without the space around it
    };

    int status = 0;              ///< of the last reply: 1xx are skipped
    std::vector<Field> headers;  ///< as received, in order
    std::string_view body;       ///< without its transfer coding
    std::int64_t wall_ms = 0;  ///< Unix time when it was received

    /// The first header of that name, without regard to case.
    std::optional<std::string_view> header(std::string_view name) const {
        for (const Field& field : headers) {
            if (same_name(field.name, name)) return field.value;
        }
        return std::nullopt;
    }

  private:
    static char lower(char letter) {
        return letter >= 'A' && letter <= 'Z' ? static_cast<char>(letter - 'A' + 'a') : letter;
    }
    static bool same_name(std::string_view left, std::string_view right) {
        if (left.size() != right.size()) return false;
        for (std::size_t i = 0; i < left.size(); ++i) {
            if (lower(left[i]) != lower(right[i])) return false;
        }
        return true;
    }
};

/// The six words that a Verdict is made by.
enum class Outcome : std::int32_t {
    accepted = SIGNALBOX_OUTCOME_ACCEPTED,
    retryable = SIGNALBOX_OUTCOME_RETRYABLE,
    throttled = SIGNALBOX_OUTCOME_THROTTLED,
    unauthenticated = SIGNALBOX_OUTCOME_UNAUTHENTICATED,
    permanent = SIGNALBOX_OUTCOME_PERMANENT,
    effect_unknown = SIGNALBOX_OUTCOME_EFFECT_UNKNOWN,
};

/// What a reply means. Made by one of the six words; the rest is added to it:
///
///     return Verdict::permanent("there is no such webhook").with_advice("Create it under …");
///
/// `reason` is for people and is stored: never the reply as it came, which may hold secrets.
struct Verdict {
    Outcome outcome;                             ///< by which it was made
    std::string reason;                          ///< why, in a few words
    std::string advice;                          ///< what a person can do about it
    std::optional<std::int64_t> retry_after_ms;  ///< from now; with any outcome
    std::string external_id;                     ///< the target's own name for the run
    std::string external_link;                   ///< where a person can look at it
    std::optional<std::pair<std::uint32_t, std::string>> state;  ///< version, at most 16 KiB
    std::optional<std::int64_t> next_step_after_ms;  ///< call plan() again with the new state
    std::optional<bool> finished;  ///< with accepted: the run is over; true: it succeeded
    std::string response;          ///< what the target answered, for the run's log; no secrets

    /// The target took it.
    static Verdict accepted(std::string reason) { return make(Outcome::accepted, reason); }
    /// It had no effect and may be tried again.
    static Verdict retryable(std::string reason) { return make(Outcome::retryable, reason); }
    /// It had no effect and may be tried again, not before retry_after_ms.
    static Verdict throttled(std::string reason) { return make(Outcome::throttled, reason); }
    /// It had no effect: the connection's credentials are refused.
    static Verdict unauthenticated(std::string reason) {
        return make(Outcome::unauthenticated, reason);
    }
    /// It had no effect, and trying again cannot help.
    static Verdict permanent(std::string reason) { return make(Outcome::permanent, reason); }
    /// It may have happened. Say this whenever the reply does not prove that it did not.
    static Verdict effect_unknown(std::string reason) {
        return make(Outcome::effect_unknown, reason);
    }

    /// What a person can do about it.
    Verdict&& with_advice(std::string text) && {
        advice = std::move(text);
        return std::move(*this);
    }
    /// None leaves it unsaid, so the result of retry_after_ms(response) fits here.
    Verdict&& with_retry_after_ms(std::optional<std::int64_t> milliseconds) && {
        retry_after_ms = milliseconds;
        return std::move(*this);
    }
    /// The target's own name for the run, and where a person can look at it.
    Verdict&& with_external_run(std::string id, std::string link) && {
        external_id = std::move(id);
        external_link = std::move(link);
        return std::move(*this);
    }
    /// What the next plan() and judge() of the run are given.
    Verdict&& with_state(std::uint32_t version, std::string data) && {
        state.emplace(version, std::move(data));
        return std::move(*this);
    }
    /// Call plan() again, with the new state, not before this time has passed.
    Verdict&& with_next_step_after_ms(std::int64_t milliseconds) && {
        next_step_after_ms = milliseconds;
        return std::move(*this);
    }
    /// The run is over, and nobody will report on it. With accepted only.
    Verdict&& as_finished(bool success) && {
        finished = success;
        return std::move(*this);
    }
    /// Kept in the run's log, cut off at 64 KiB.
    Verdict&& with_response(std::string text) && {
        response = std::move(text);
        return std::move(*this);
    }

  private:
    static Verdict make(Outcome outcome, std::string& reason) {
        return {outcome, std::move(reason), {}, {}, {}, {}, {}, {}, {}, {}};
    }
};

}  // namespace signalbox::plugin

#endif
