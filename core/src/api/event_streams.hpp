#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_set>

#include "base/executor.hpp"
#include "net/http.hpp"
#include "runs/feed.hpp"
#include "runs/runs.hpp"
#include "signalbox/clock.hpp"

namespace signalbox::api {

/// Runs' events as server-sent events: `GET /v1/actions/runs/{id}/events` and `GET /v1/events`.
///
/// A run's stream begins with `event: run`, the run as it stands, and goes on with what is committed from
/// there; it ends after the run's last event. Every event has an id; who comes back with it as
/// Last-Event-ID gets what followed, each once. Where that is not kept any more the stream begins with
/// `event: run` again (or `event: gap`, for all runs). Who comes back far behind gets a part and the stream's
/// end, and goes on by coming back again. Who may listen is asked again for as long as a stream is open: a
/// stream ends before the next event, at the latest at the next heartbeat, once its client has gone, lost its
/// right or its secret, or its token is over. [loop thread]
class EventStreams {
  public:
    /// Who listens, by what holds now; none: nobody that still may.
    using Listener = std::function<std::optional<runs::Principal>()>;

    /// All must outlive this; the loop's end ends the streams.
    EventStreams(Executor& loop, runs::Feed& feed, runs::Runs& runs, const Clock& clock)
        : loop_(loop), feed_(feed), runs_(runs), clock_(clock) {}

    /// An empty id: all runs, and of those only what `who` may see. Answers 404 for an unknown run, 204 where
    /// a finished run has nothing to add (a browser then stops asking), 503 over limits::event_streams_max
    /// or, of one client, limits::event_streams_per_client_max.
    /// `who` is asked for as long as the stream is open, and what it looks at must outlive that.
    void open(const std::string& run_id, std::optional<std::uint64_t> after, Listener who,
              net::Respond respond);

    /// Ends the streams of who may not listen any more; for after a reload.
    void look_again();

    std::size_t listeners() const { return open_->size(); }

  private:
    class Stream;

    Executor& loop_;
    runs::Feed& feed_;
    runs::Runs& runs_;
    const Clock& clock_;
    using Open = std::unordered_set<Stream*>;
    std::shared_ptr<Open> open_ = std::make_shared<Open>();
};

/// One event's data: a JSON object.
std::string event_json(const RunEvent& event);

}  // namespace signalbox::api
