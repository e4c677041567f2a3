#pragma once

#include "dispatch/engine.hpp"

namespace signalbox::dispatch {

/// One attempt, from its slot to its committed close.
struct Engine::Flight {
    Lane* lane = nullptr;
    std::shared_ptr<const Target> target;  // the lane's when this began: a reload does not change it
    const Policy* policy = nullptr;        // the target's for the run's action
    journal::Sequence sequence = 0;
    // Until the close is on its way: at a slow disk many wait for its commit, and these are the large ones.
    journal::SharedSeed seed;
    journal::RunState state;
    Composed composed;
    journal::OpenAttempt attempt;
    bool hold_unknown = true;
    bool was_opened = false;  // set by the deciding function, read after the commit
    ExchangeId exchange = 0;
    bool kept_credential = false;  // it was sent with one that was fetched earlier
    std::int64_t deadline_ms = 0;  // the run's, on the steady clock; 0: none
    journal::Attempt ended;
    Ending ending;
    Next next;  // set by the deciding function, read after the commit
};

}  // namespace signalbox::dispatch
