#pragma once

#include <cstdint>
#include <optional>

namespace signalbox::dispatch {

/// Stops a connection whose target keeps failing, and lets one attempt through now and then to see
/// whether it is back. Times are Clock::steady_ms(). [loop thread]
class Breaker {
  public:
    struct Settings {
        std::int32_t failures = 10;      ///< in a row, until it opens; 0: only refused credentials do
        std::int64_t first_ms = 5'000;   ///< the first pause; each failed probe doubles it
        std::int64_t cap_ms = 300'000;
    };

    explicit Breaker(Settings settings) : settings_(settings) {}

    /// New settings, because of which the target may be well again: an open one lets a probe through now.
    void adopt(Settings settings, std::int64_t now_ms);

    /// May an attempt start now?
    bool allows(std::int64_t now_ms) const;
    /// An attempt takes its place; after a pause it is the probe.
    void started(std::int64_t now_ms);
    /// The place was given back without an attempt: a probe is still to be made.
    void withdrawn();

    /// The target answered as a healthy one does. True: this closed the breaker.
    bool succeeded();
    /// The target failed, or refused our credentials (`at_once`: no use in counting). True: this opened
    /// the breaker; a probe that fails keeps it open, which is not said again.
    bool failed(std::int64_t now_ms, bool at_once);

    bool open() const { return state_ != State::closed; }
    /// When it lets the next probe through; none: closed, or a probe is under way.
    std::optional<std::int64_t> next_ms() const;

  private:
    enum class State : std::uint8_t { closed, open, probing };

    void pause(std::int64_t now_ms);

    Settings settings_;
    State state_ = State::closed;
    std::int32_t in_a_row_ = 0;
    std::int64_t pause_ms_ = 0;
    std::int64_t until_ms_ = 0;
};

}  // namespace signalbox::dispatch
