#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "dispatch/transport.hpp"
#include "journal/journal.hpp"
#include "plugins/plugin.hpp"

/// What dispatch asks of targets that block: the sibling of Transport. pool.hpp implements it with
/// threads; tests script it.
namespace signalbox::dispatch {

/// One delivery, with all that it reads: it outlives the call that starts it.
struct BlockingJob {
    std::shared_ptr<plugins::Connection> connection;
    std::string plugin_id;
    journal::RunSeed seed;
    std::uint32_t state_version = 0;
    std::string state;
    std::string public_url;
    std::int32_t attempt = 1;
    std::int64_t wall_ms = 0;
    std::int64_t timeout_ms = 30'000;  ///< from when it is started
};

/// What came of it: the plugin's verdict, or why there is none.
struct Delivered {
    std::optional<plugins::Verdict> verdict;
    Failure failure = Failure::none;  ///< timeout or cancelled where there is no verdict
    Effect effect = Effect::unknown;
    std::string message;
    double took_ms = -1;
};

using DeliveredDone = std::function<void(Delivered)>;

/// [loop thread] throughout; `done` runs on the same thread, exactly once for each deliver, never
/// inside it.
class Blocking {
  public:
    virtual ~Blocking() = default;
    virtual ExchangeId deliver(BlockingJob job, DeliveredDone done) = 0;
    /// Asks the plugin to stop; its done runs with what it says then, or with Failure::cancelled.
    virtual void cancel(ExchangeId exchange) = 0;
};

}  // namespace signalbox::dispatch
