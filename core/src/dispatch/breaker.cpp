#include "dispatch/breaker.hpp"

#include <algorithm>

namespace signalbox::dispatch {

void Breaker::adopt(Settings settings, std::int64_t now_ms) {
    settings_ = settings;
    pause_ms_ = 0;
    until_ms_ = std::min(until_ms_, now_ms);
}

bool Breaker::allows(std::int64_t now_ms) const {
    return state_ == State::closed || (state_ == State::open && now_ms >= until_ms_);
}

void Breaker::started(std::int64_t now_ms) {
    if (state_ == State::open && now_ms >= until_ms_) state_ = State::probing;
}

void Breaker::withdrawn() {
    // Its pause is over, so the next attempt is the probe.
    if (state_ == State::probing) state_ = State::open;
}

bool Breaker::succeeded() {
    in_a_row_ = 0;
    pause_ms_ = 0;
    const bool was_open = open();
    state_ = State::closed;
    return was_open;
}

bool Breaker::failed(std::int64_t now_ms, bool at_once) {
    switch (state_) {
        case State::closed:
            if (!at_once && (settings_.failures == 0 || ++in_a_row_ < settings_.failures))
                return false;
            pause(now_ms);
            return true;
        case State::probing:
            pause(now_ms);
            return false;
        case State::open:
            // It was under way when the breaker opened, and says nothing new.
            return false;
    }
    return false;
}

std::optional<std::int64_t> Breaker::next_ms() const {
    if (state_ != State::open) return std::nullopt;
    return until_ms_;
}

void Breaker::pause(std::int64_t now_ms) {
    pause_ms_ = pause_ms_ == 0 ? settings_.first_ms : std::min(settings_.cap_ms, pause_ms_ * 2);
    until_ms_ = now_ms + pause_ms_;
    state_ = State::open;
}

}  // namespace signalbox::dispatch
