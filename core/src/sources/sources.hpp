#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/refusal_log.hpp"
#include "journal/journal.hpp"
#include "json/value.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/result.hpp"
#include "signing/verifier.hpp"
#include "sources/mapping.hpp"
#include "sources/replay.hpp"
#include "sources/source.hpp"

namespace signalbox::sources {

/// What a message came to, before anybody has looked whether it can be invoked.
struct Received {
    enum class Kind : std::uint8_t {
        taken,      ///< `mapped` may be invoked
        refused,    ///< nobody known sent it
        limited,    ///< the source sends more than it may
        passed_by,  ///< it does not fit `when`: nothing is to be done
        rejected,   ///< it is from the source and cannot be an invocation: `error`
    };
    Kind kind = Kind::refused;
    Mapped mapped;
    journal::ReplayKey replay;
    bool reports = false;
    Error error;
};

/// The configured sources. Who fails the proof is told nothing but that; why is in the log, at most once per
/// limits::source_refusal_log_ms and source, so that nobody can fill it. [loop thread]
class Sources {
  public:
    /// Both must outlive this.
    Sources(std::vector<Source> sources, const Clock& clock, LogSink& log);

    /// Puts others in their place; what was taken before is remembered by the journal.
    void replace(std::vector<Source> sources);

    /// An unknown source answers as a failed proof does, so that nobody can try names.
    Received receive(const std::string& name, const Delivery& delivery, const std::string& peer);

  private:
    struct Known {
        Source source;
        signing::Verifier verifier;
        double allowance = 0;  // messages that may come at once
        std::int64_t allowance_at_ms = 0;  // steady
    };
    bool within_rate(Known& known) const;

    const Clock& clock_;
    RefusalLog refusals_;
    std::map<std::string, Known, std::less<>> known_;
};

}  // namespace signalbox::sources
