#ifndef SIGNALBOX_PLUGIN_CONNECTION_STEP_HPP
#define SIGNALBOX_PLUGIN_CONNECTION_STEP_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "signalbox/plugin/types.hpp"

namespace signalbox::plugin {

/// What a connection step came to: a credential, or a Verdict that says why there is none.
class Credential {
  public:
    /// Good for `valid_ms` from now; not positive: for one attempt.
    Credential(std::string bytes, std::int64_t valid_ms)
        : bytes_(std::move(bytes)), valid_ms_(valid_ms) {}
    /// One of retryable, throttled, unauthenticated and permanent.
    Credential(Verdict why_not) : why_not_(std::move(why_not)) {}

    const std::string& bytes() const { return bytes_; }  ///< empty where there is none
    std::int64_t valid_ms() const { return valid_ms_; }  ///< as it was made
    const Verdict* why_not() const { return why_not_ ? &*why_not_ : nullptr; }  ///< null: there is one

  private:
    std::string bytes_;
    std::int64_t valid_ms_ = 0;
    std::optional<Verdict> why_not_;
};

/// A second base for a Target whose requests need a token: one exchange a connection fetches it, the
/// host keeps it until it expires and gives it to plan() as run.credential. It is dropped when
/// judge() says unauthenticated.
class ConnectionStep {
  public:
    ConnectionStep() = default;
    ConnectionStep(const ConnectionStep&) = delete;
    ConnectionStep& operator=(const ConnectionStep&) = delete;

    /// The exchange's request; it is not signed and not stored.
    virtual Request plan_credential(std::int64_t wall_ms) = 0;
    /// What a whole reply to it means.
    virtual Credential judge_credential(const Response& response) = 0;

  protected:
    ~ConnectionStep() = default;
};

}  // namespace signalbox::plugin

#endif
