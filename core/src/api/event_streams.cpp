#include "api/event_streams.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "api/reply.hpp"
#include "base/encoding.hpp"
#include "base/limits.hpp"
#include "json/writer.hpp"
#include "runs/view.hpp"

namespace signalbox::api {
namespace {

void add(std::string& json, std::string_view name, std::string_view text) {
    json.append(",\"").append(name).append("\":");
    if (text.empty()) return void(json.append("null"));
    json::append_string(json, text);
}

bool is_end(std::string_view status) {
    return status != "IN_PROGRESS" && status != "WAITING_FOR_APPROVAL";
}

/// How long a run that has ended may owe its last event.
constexpr std::int64_t kLastEventMsMax = 1'000;

/// Who comes back far behind gets about so much, then the stream's end, and comes back for more: all of it at
/// once would be more than may wait for a peer, and it would be dropped again with nothing gained.
constexpr std::size_t kPortionBytes = limits::http_stream_bytes_max / 2;

std::string frame(std::uint64_t id, std::string_view name, std::string_view data) {
    return "id: " + std::to_string(id) + "\nevent: " + std::string(name) +
           "\ndata: " + std::string(data) + "\n\n";
}

}  // namespace

std::string event_json(const RunEvent& event) {
    std::string json = "{\"number\":" + std::to_string(event.number);
    add(json, "at", to_iso8601(event.at_ms));
    add(json, "kind", run_event_name(event.kind));
    add(json, "run", event.run_id);
    add(json, "action", event.action);
    add(json, "phase", event.phase);
    add(json, "status", event.status);
    json += ",\"attempt\":" + std::to_string(event.attempt);
    add(json, "outcome", event.outcome);
    add(json, "reason", event.reason);
    add(json, "statusLabel", event.status_label);
    add(json, "nextAt", event.next_ms == 0 ? std::string() : to_iso8601(event.next_ms));
    if (event.log_message.empty()) {
        json += ",\"log\":null}";
    } else {
        json += ",\"log\":{\"number\":" + std::to_string(event.log_number) + ",\"message\":";
        json::append_string(json, event.log_message);
        json += "}}";
    }
    return json;
}

/// One listener. Its heartbeat's timer keeps it alive, and the first write that fails lets go of
/// it.
class EventStreams::Stream : public std::enable_shared_from_this<Stream> {
  public:
    Stream(EventStreams& all, std::string run_id, Listener listener, runs::Principal who)
        : loop_(all.loop_),
          clock_(all.clock_),
          open_(all.open_),
          run_id_(std::move(run_id)),
          runs_(all.runs_),
          listener_(std::move(listener)),
          who_(std::move(who)) {
        open_->insert(this);
    }
    ~Stream() { open_->erase(this); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void subscribe(runs::Feed& feed, std::optional<std::uint64_t> after) {
        // What is subscribed to before the run is looked up cannot be missed in between.
        begins_after_ = feed.last_number();
        subscription_ = feed.subscribe(run_id_, after, [weak = weak_from_this()] {
            if (const auto self = weak.lock()) self->send();
        });
        resumed_ = after && subscription_->complete();
        if (resumed_ && *after > 0) {
            const auto probe = feed.subscribe(run_id_, *after - 1, nullptr);
            const auto last_seen = probe->next();
            saw_the_end_ = !run_id_.empty() && last_seen && last_seen->number == *after &&
                           is_end(last_seen->status);
        }
        lost_ = after && !subscription_->complete();
    }

    /// `run` is the run's JSON, or empty for all runs.
    void begin(const std::string& run, bool run_has_ended, const net::Respond& respond) {
        std::string first;
        if (!resumed_ && !run.empty()) first = frame(begins_after_, "run", run);
        if (lost_ && run.empty()) first = frame(begins_after_, "gap", "{}");
        ended_ = run_has_ended && !first.empty();
        while (first.size() < kPortionBytes) {
            const auto event = subscription_->next();
            if (!event) break;
            if (!sees(*event)) continue;
            first += frame(event->number, run_event_name(event->kind), event_json(*event));
            ended_ = !run_id_.empty() && is_end(event->status);
        }
        const bool portion = first.size() >= kPortionBytes;
        net::Response response;
        if (first.empty() && run_has_ended && saw_the_end_) {
            response.status = 204;
            return respond(std::move(response));
        }
        response.headers = {{"Content-Type", "text/event-stream"},
                            {"Cache-Control", "no-store"},
                            {"X-Accel-Buffering", "no"}};
        // The run's end may be on disk a moment before it is told here.
        const std::int64_t pause_ms =
            run_has_ended && !ended_ ? kLastEventMsMax : limits::event_heartbeat_ms;
        response.stream = [self = shared_from_this(), first = std::move(first), portion, pause_ms,
                           over = run_has_ended && !ended_](std::shared_ptr<net::ReplyStream> out) {
            self->out_ = std::move(out);
            if (!self->may_listen()) return self->end();
            self->arm(pause_ms, over);
            self->write(first.empty() ? ": listening\n\n" : first);
            if (portion) return self->end();
            self->send();
        };
        respond(std::move(response));
    }

    const std::string& client() const { return who_.client; }

    /// Ends where they may not any more.
    void look_again() {
        if (out_ && !may_listen()) end();
    }

  private:
    bool may_listen() {
        auto who = listener_();
        if (who) who_ = std::move(*who);
        return who.has_value();
    }
    /// By the permissions as they stand now: a reload may have changed them.
    bool sees(const RunEvent& event) const {
        return runs_.permissions()->allow(runs::Verb::view, event.action, who_);
    }
    void send() {
        look_again();
        if (!out_) return;
        std::string text;
        while (const auto event = subscription_->next()) {
            if (!sees(*event)) continue;
            text += frame(event->number, run_event_name(event->kind), event_json(*event));
            ended_ = !run_id_.empty() && is_end(event->status);
        }
        if (!text.empty()) write(text);
        // Who was too slow comes back by itself, with the last id that it has.
        if (out_ && (ended_ || subscription_->lagged())) end();
    }
    void end() {
        if (out_) std::exchange(out_, nullptr)->end();
        stop();
    }
    void write(const std::string& text) {
        if (out_ && !out_->write(text)) {
            out_.reset();
            stop();
        }
    }
    void arm(std::int64_t pause_ms, bool over) {
        timer_ = loop_.at(clock_.steady_ms() + pause_ms, [self = shared_from_this(), over] {
            self->timer_ = 0;
            self->ended_ = self->ended_ || over;
            if (over) return self->send();
            self->look_again();
            self->write(": still here\n\n");
            if (self->out_) self->arm(limits::event_heartbeat_ms, false);
        });
    }
    void stop() {
        const auto self = shared_from_this();
        if (timer_ != 0) loop_.cancel(std::exchange(timer_, 0));
    }

    Executor& loop_;
    const Clock& clock_;
    const std::shared_ptr<Open> open_;
    const std::string run_id_;
    const runs::Runs& runs_;
    const Listener listener_;
    runs::Principal who_;  // as of the last look
    std::shared_ptr<runs::Subscription> subscription_;
    std::shared_ptr<net::ReplyStream> out_;
    std::uint64_t begins_after_ = 0;
    TimerId timer_ = 0;
    bool resumed_ = false;  // nothing is missing behind the id that was brought
    bool lost_ = false;     // something is
    bool saw_the_end_ = false;
    bool ended_ = false;
};

void EventStreams::look_again() {
    std::vector<std::weak_ptr<Stream>> all;
    for (Stream* stream : *open_)
        all.push_back(stream->weak_from_this());
    for (const auto& each : all) {
        if (const auto stream = each.lock()) stream->look_again();
    }
}

void EventStreams::open(const std::string& run_id, std::optional<std::uint64_t> after,
                        Listener listener, net::Respond respond) {
    auto who = listener();
    if (!who) return respond(failed(Error{"unauthorized", "whoever asked may not listen any more"}));
    // Without clients there is nobody to tell from anybody.
    const auto of_the_same = std::count_if(open_->begin(), open_->end(), [&who](const Stream* each) {
        return !who->client.empty() && each->client() == who->client;
    });
    if (static_cast<std::size_t>(of_the_same) >= limits::event_streams_per_client_max) {
        return respond(failed(503, "too_many_listeners",
                              "this client has as many event streams open as one may have; close "
                              "one, or ask again later"));
    }
    if (open_->size() >= limits::event_streams_max) {
        return respond(failed(503, "too_many_listeners",
                              "as many event streams are open as may be; close one, or ask again "
                              "later"));
    }
    auto stream = std::make_shared<Stream>(*this, run_id, std::move(listener), *who);
    stream->subscribe(feed_, after);
    if (run_id.empty()) return stream->begin({}, false, respond);
    runs_.find(
        run_id,
        [stream, respond, &catalog = runs_.catalog()](Result<journal::RunWithAttempts> found) {
            if (!found) return respond(failed(found.error()));
            stream->begin(runs::run_json(catalog, found->run, found->attempts, false),
                          journal::is_final(found->run.state.phase), respond);
        },
        runs::guard(runs_.permissions(), runs::Verb::view, std::move(*who)));
}

}  // namespace signalbox::api
