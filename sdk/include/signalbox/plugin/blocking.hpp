#ifndef SIGNALBOX_PLUGIN_BLOCKING_HPP
#define SIGNALBOX_PLUGIN_BLOCKING_HPP

#include <cstdint>

#include "signalbox/plugin/host.hpp"
#include "signalbox/plugin/types.hpp"

namespace signalbox::plugin {

/// One call of deliver(): how long it may take, and whether it should end now. [worker]
class Call {
  public:
    /// Made by the host's call; valid during it.
    explicit Call(const signalbox_call& call) : call_(call) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;

    /// Until the deadline, in milliseconds; 0 once it has passed.
    std::int64_t remaining_ms() const { return call_.remaining_ms(call_.context); }
    /// Stop as soon as you can and say what is known.
    bool cancelled() const { return call_.cancelled(call_.context) != 0; }

  private:
    const signalbox_call& call_;
};

/// A target for work that is not HTTP. Its descriptor says "delivery": "blocking". Made as Target
/// is, exported with SIGNALBOX_PLUGIN as Target is.
///
/// deliver() runs on a thread of the host's pool, for several runs at once: what it shares, it
/// locks. It watches its Call: one that outlives its deadline is given up, and its run is held,
/// because whether it had its effect is then unknown.
class BlockingTarget {
  public:
    BlockingTarget() = default;
    BlockingTarget(const BlockingTarget&) = delete;
    BlockingTarget& operator=(const BlockingTarget&) = delete;
    virtual ~BlockingTarget() = default;

    /// Throws Refusal where the run cannot be delivered, before it is accepted. On the delivery
    /// loop: quick, and without I/O.
    virtual void check(const Run& run) { static_cast<void>(run); }

    /// Does the work. What it throws counts as a defect, and the run's effect as unknown.
    virtual Verdict deliver(const Run& run, const State& state, const Call& call) = 0;
};

}  // namespace signalbox::plugin

#endif
