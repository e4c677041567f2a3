#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/executor.hpp"
#include "base/limits.hpp"
#include "base/meter.hpp"
#include "dispatch/blocking.hpp"
#include "dispatch/credentials.hpp"
#include "dispatch/fresh_runs.hpp"
#include "dispatch/lane.hpp"
#include "dispatch/outcome.hpp"
#include "dispatch/transport.hpp"
#include "journal/journal.hpp"
#include "signalbox/clock.hpp"
#include "signalbox/log.hpp"
#include "signalbox/metrics.hpp"
#include "signalbox/random.hpp"

/// Delivery: which run goes out when, and what becomes of it. Everything here is derived from the
/// journal and can be rebuilt from it.
namespace signalbox::dispatch {

/// What all connections together may come to.
struct Bounds {
    std::size_t under_way_max = limits::attempts_under_way_max;
    std::size_t waiting_max = limits::waiting_runs_max;
};

/// What accept() came to, after the commit.
struct Accepted {
    journal::Phase phase = journal::Phase::queued;  ///< as recorded
    /// The idempotency key was known with the same body: that run; nothing was recorded.
    std::optional<journal::Run> existing;
};
using AcceptDone = std::function<void(Result<Accepted>)>;

/// [loop thread] throughout, but for take_up(), which is called before the loop runs. An attempt's
/// road: slot → plan and sign → open on disk → send → judge → close on disk → slot free.
class Engine {
  public:
    /// All must outlive the engine.
    Engine(Executor& executor, const Clock& clock, Random& random, journal::Journal& journal,
           Transport& transport, LogSink& log, MetricsSink& metrics = silent_metrics(),
           Bounds bounds = {});
    ~Engine();

    /// Where blocking targets are delivered; before the first of them is added, and it must outlive the
    /// engine's last call.
    void attach(Blocking& blocking) { blocking_ = &blocking; }

    /// Adds a connection. Names are distinct.
    void add(Target target);
    /// Puts a connection's new settings in the place of the old ones, or adds it. Attempts under way end
    /// by what they began with; waiting runs go out by the new ones. A connection that is never replaced
    /// goes on as it is: who no longer offers it lets its runs come to their end. A target without a plugin's
    /// connection keeps that of the one it replaces, which must be there.
    void replace(Target target);

    /// Records a new run, with its first attempt already open if a slot is free, and starts it
    /// after the commit. The seed's connection must exist. `done` as of Journal::insert, and also:
    /// errors of compose() (nothing was recorded), `shutting_down`, `backlog_full`.
    void accept(journal::SharedSeed seed, AcceptDone done);

    /// What accept() would refuse of a run that is recorded by another room and goes out later; else its
    /// action's deadline in milliseconds, 0: none.
    Result<std::int64_t> admit(const journal::RunSeed& seed) const;
    /// The names of the connections that runs can go out by.
    std::vector<std::string> connections() const;

    /// Is it a header that proves a request of this connection to its target? False: there is none such.
    bool signs(const std::string& connection, std::string_view header) const;

    /// A run that another room made due (a redelivery), after that was committed.
    void due(const journal::Run& run);

    /// To be told of each change of a run that was committed by another room: those that stand behind
    /// it may be able to go.
    void moved(const journal::Run& run);

    /// A run that was alive when the journal was opened.
    void take_up(const journal::LiveRun& run);

    /// Starts nothing more; `idle` runs once nothing is under way (maybe at once).
    void drain(std::function<void()> idle);
    /// Ends what is under way; each ends as its effect says.
    void cancel_all();

    std::size_t in_flight() const { return flights_; }
    /// Runs that wait for their time, a place, or one before them.
    std::size_t waiting() const;

    /// For how long the run that is overdue most has been due without being attempted; 0: none is.
    std::int64_t overdue_ms() const;

    /// The request that a first attempt of this run would send, without recording or sending
    /// anything.
    Result<Composed> preview(const journal::RunSeed& seed) const;

  private:
    struct Flight;
    using FlightPtr = std::shared_ptr<Flight>;

    Lane* lane_of(const std::string& connection);
    void fly(const FlightPtr& flight);
    void fly_with(const FlightPtr& flight, const plugins::Credential& credential, bool fresh);
    void send(const FlightPtr& flight);
    void deliver(const FlightPtr& flight);
    void landed(const FlightPtr& flight, WireReply reply);
    void landed_with(const FlightPtr& flight, plugins::Verdict verdict, const WireReply& reply);
    plugins::Verdict judge(Flight& flight, const WireReply& reply);
    void close(const FlightPtr& flight);
    void closed(const FlightPtr& flight, const Result<journal::Run>& result);
    std::int64_t timeout_ms(const Flight& flight) const;
    void learn(const Flight& flight);
    /// Lets the lane take part in the round, and goes on with the round.
    void pump(Lane& lane);
    void turn();
    std::size_t visit(Lane& lane);
    void load(Lane& lane, const std::vector<Lane::Taken>& ready);
    void not_loaded(Lane& lane, const std::vector<Lane::Taken>& ready, const Error& error);
    void hold_damaged(Lane& lane, const Lane::Taken& taken, const Error& error);
    void set_timer(Lane& lane);
    std::size_t room_for(const Lane& lane) const;
    void make_room();
    void expire_due(Lane& lane);
    void expire(journal::Sequence sequence);
    void landed_or_dropped(std::size_t count);
    void start(Lane& lane, const Lane::Taken& taken, FreshRuns::Fresh run);
    void open(const FlightPtr& flight);
    void begin(const FlightPtr& flight);
    void end(const FlightPtr& flight);
    /// To its line, if it has an order key, and from the head of it to queue().
    void enlist(Lane& lane, const journal::LiveRun& run);
    void queue(Lane& lane, const journal::LiveRun& run);
    std::int64_t deadline_of(const journal::LiveRun& run) const;
    void wait_for_journal(Lane& lane, const journal::LiveRun& run, std::int64_t deadline_ms);
    void settle_interrupted(Lane* lane, const journal::LiveRun& run);
    void note(const Flight& flight) const;
    void note_connection(const Flight& flight, std::string_view event_name) const;
    void measure(const Flight& flight) const;
    void measure(Lane& lane);

    Executor& executor_;
    const Clock& clock_;
    Random& random_;
    journal::Journal& journal_;
    Transport& transport_;
    Blocking* blocking_ = nullptr;
    LogSink& log_;
    MetricsSink& metrics_;
    Credentials credentials_;
    std::map<std::string, std::unique_ptr<Lane>> lanes_;
    FreshRuns fresh_;
    std::unordered_map<ExchangeId, FlightPtr> exchanges_;
    std::unordered_map<ExchangeId, FlightPtr> deliveries_;  // of blocking targets
    const Bounds bounds_;
    std::deque<Lane*> turns_;   // the round: lanes that may have something to start
    std::deque<Lane*> crowded_;  // out of the round until there is room for them
    bool turning_ = false;      // turn() is on the stack
    bool turn_posted_ = false;
    std::size_t flights_ = 0;  // attempts from the slot taken to the close committed
    bool draining_ = false;
    std::function<void()> idle_;
};

}  // namespace signalbox::dispatch
