// What the engine says of its attempts and lanes, in figures and in the log.
#include <algorithm>

#include "base/trace.hpp"
#include "dispatch/flight.hpp"

namespace signalbox::dispatch {

void Engine::note_connection(const Flight& flight, std::string_view event_name) const {
    const Outcome outcome = flight.ending.verdict.outcome;
    LogEvent event;
    event.level = event_name == "connection_resumed"    ? LogLevel::info
                  : outcome == Outcome::unauthenticated ? LogLevel::error
                                                        : LogLevel::warning;
    event.name = event_name;
    event.fields = {{"connection", flight.target->name},
                    {"outcome", outcome_name(outcome)},
                    {"reason", flight.ending.verdict.reason}};
    log_.write(event);
}

void Engine::measure(const Flight& flight) const {
    const journal::Attempt& ended = flight.ended;
    const std::string& connection = flight.target->name;
    metrics_.add(Counter::attempts, {connection, ended.outcome}, 1);
    metrics_.observe(
        Histogram::attempt_ms, {connection, ended.outcome},
        static_cast<double>(std::max<std::int64_t>(0, ended.ended_ms - ended.started_ms)));
    const auto phase = [&](Histogram histogram, double ms) {
        if (ms >= 0) metrics_.observe(histogram, {connection, {}}, ms);
    };
    phase(Histogram::attempt_dns_ms, ended.phases.dns);
    phase(Histogram::attempt_connect_ms, ended.phases.connect);
    phase(Histogram::attempt_tls_ms, ended.phases.tls);
    phase(Histogram::attempt_send_ms, ended.phases.send);
    phase(Histogram::attempt_wait_ms, ended.phases.wait);
    phase(Histogram::attempt_read_ms, ended.phases.read);
}

void Engine::measure(Lane& lane) {
    const MetricLabels labels{lane.target->name, {}};
    if (lane.shown.in_flight != lane.in_flight()) {
        lane.shown.in_flight = lane.in_flight();
        metrics_.set(Gauge::runs_in_flight, labels, lane.in_flight());
    }
    if (lane.shown.waiting != lane.waiting()) {
        lane.shown.waiting = lane.waiting();
        metrics_.set(Gauge::runs_waiting, labels, static_cast<double>(lane.waiting()));
    }
    if (lane.shown.first_due_ms != lane.first_due_ms()) {
        lane.shown.first_due_ms = lane.first_due_ms();
        // A moment rather than an age: an age would be wrong as soon as it was written.
        const std::int64_t from_now_ms = lane.first_due_ms() - clock_.steady_ms();
        metrics_.set(Gauge::oldest_due_unix_ms, labels,
                     lane.waiting() == 0 ? 0 : static_cast<double>(clock_.wall_ms() + from_now_ms));
    }
}

void Engine::note(const Flight& flight) const {
    const Outcome outcome = flight.ending.verdict.outcome;
    if (outcome == Outcome::accepted) return;
    LogEvent event;
    event.level = LogLevel::warning;
    event.name = "attempt_failed";
    event.fields = {{"run", flight.seed->id},
                    {"trace", trace_id(flight.seed->trace, flight.seed->id)},
                    {"action", flight.seed->action},
                    {"connection", flight.seed->connection},
                    {"attempt", std::to_string(flight.attempt.number)},
                    {"outcome", outcome_name(outcome)},
                    {"reason", flight.ending.verdict.reason}};
    log_.write(event);
}

}  // namespace signalbox::dispatch
