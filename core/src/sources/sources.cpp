#include "sources/sources.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"

namespace signalbox::sources {

Sources::Sources(std::vector<Source> sources, const Clock& clock, LogSink& log)
    : clock_(clock),
      refusals_(clock, log, "source_refused", "source", limits::source_refusal_log_ms) {
    replace(std::move(sources));
}

void Sources::replace(std::vector<Source> sources) {
    known_.clear();
    for (Source& source : sources) {
        std::string name = source.name;
        const double allowance = std::max(1.0, source.per_second);
        signing::Verifier verifier = verifier_of(source);
        known_.emplace(std::move(name), Known{std::move(source), std::move(verifier), allowance,
                                              clock_.steady_ms()});
    }
}

Received Sources::receive(const std::string& name, const Delivery& delivery,
                          const std::string& peer) {
    Received received;
    const auto found = known_.find(name);
    if (found == known_.end()) {
        refusals_.note({}, "there is no source of that name", peer);
        return received;
    }
    Known& known = found->second;
    const Proven proven = prove(known.source, known.verifier, delivery, clock_.wall_ms() / 1'000);
    if (!proven.ok) {
        refusals_.note(name, proven.reason, peer);
        return received;
    }
    // After the proof: who cannot prove himself must not use up what the sender may send.
    if (!within_rate(known)) {
        received.kind = Received::Kind::limited;
        return received;
    }
    auto mapped = map(known.source, delivery);
    if (!mapped) {
        received.kind = Received::Kind::rejected;
        received.error = std::move(mapped).error();
        return received;
    }
    received.kind = mapped->fits ? Received::Kind::taken : Received::Kind::passed_by;
    received.replay =
        replay_key(known.source, proven, delivery, mapped->run_id, clock_.wall_ms());
    received.reports = known.source.reports && !mapped->run_id.empty();
    received.mapped = std::move(*mapped);
    return received;
}

bool Sources::within_rate(Known& known) const {
    const double rate = known.source.per_second;
    if (rate <= 0) return true;
    const std::int64_t now_ms = clock_.steady_ms();
    known.allowance +=
        rate * static_cast<double>(now_ms - known.allowance_at_ms) / 1'000;
    known.allowance = std::min(known.allowance, std::max(1.0, rate));
    known.allowance_at_ms = now_ms;
    if (known.allowance < 1) return false;
    known.allowance -= 1;
    return true;
}

}  // namespace signalbox::sources
