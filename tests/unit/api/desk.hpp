#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "api/api.hpp"
#include "base/ids.hpp"
#include "runs/feed.hpp"
#include "support/manual_executor.hpp"
#include "support/memory_journal.hpp"
#include "support/scripted_target.hpp"

/// The API with all that stands behind it, under a clock that stands still, and without a socket.
namespace signalbox::api::test {

inline config::ClientSettings client(std::string id, std::string secret, int rights) {
    config::ClientSettings settings;
    settings.id = std::move(id);
    settings.secret.value = std::move(secret);
    settings.rights = static_cast<std::uint8_t>(rights);
    return settings;
}

class KeptLog final : public LogSink {
  public:
    std::vector<std::string> lines;
    void write(const LogEvent& event) override {
        std::string line(event.name);
        for (const auto& [name, value] : event.fields)
            line += " " + std::string(name) + "=" + value;
        lines.push_back(line);
    }
};

/// What a listener was sent.
class KeptStream final : public net::ReplyStream {
  public:
    std::string text;
    bool ended = false;
    bool write(std::string_view bytes) override {
        text += bytes;
        return true;
    }
    void end() override { ended = true; }
};

struct Desk {
    signalbox::test::ManualClock clock;
    signalbox::test::ManualExecutor executor{clock};
    signalbox::test::MemoryJournal journal{executor};
    signalbox::test::MiddleRandom random;
    signalbox::test::ScriptedTransport transport{executor};
    KeptLog log;
    Meter meter;
    dispatch::Engine engine{executor, clock, random, journal, transport, log};
    RunIds ids{clock, random};
    runs::Rejections rejections{journal, meter, clock};
    jq::Workers workers{executor, clock, log};
    runs::Catalog catalog;
    runs::Runs runs{catalog, engine, journal, clock, ids, rejections, workers};
    runs::Feed feed{clock.wall_ms()};
    Clients clients;
    EventStreams events{executor, feed, runs, clock};
    sources::Sources sources{{}, clock, log};
    Origins origins;
    Api api{runs, engine, journal, clients, clock, log, origins, Views{events, meter, sources, {}}};

    explicit Desk(const std::vector<config::ClientSettings>& settings) : clients(settings, "key") {}

    /// As a reload does.
    void reload(const std::vector<config::ClientSettings>& settings) {
        clients = Clients(settings, "key");
        events.look_again();
        executor.settle();
    }
    net::Response ask(net::Request request) {
        std::optional<net::Response> reply;
        api.handle(std::move(request), [&reply](net::Response given) { reply = std::move(given); });
        executor.settle();
        return reply.value_or(net::Response{0, {}, "no reply came"});
    }
    net::Response ask_token(const std::string& body) {
        net::Request request = post("/v1/auth/access_token");
        request.headers = {{"content-type", "application/json"}};
        request.body = body;
        return ask(std::move(request));
    }
    net::Request get(const std::string& path, const std::string& token = {}) const {
        net::Request request;
        request.method = "GET";
        request.path = request.target = path;
        request.peer = "203.0.113.7";
        if (!token.empty()) request.headers.emplace_back("authorization", "Bearer " + token);
        return request;
    }
    net::Request post(const std::string& path) const {
        net::Request request = get(path);
        request.method = "POST";
        return request;
    }
    std::string token(const std::string& id, const std::string& secret) const {
        return clients.token(id, secret, clock.wall_ms() / 1000).value();
    }
    /// Opens the stream of all runs; null: it was refused.
    std::shared_ptr<KeptStream> listen(const std::string& token) {
        const net::Response reply = ask(get("/v1/events", token));
        if (!reply.stream) return nullptr;
        auto kept = std::make_shared<KeptStream>();
        reply.stream(kept);
        return kept;
    }
    void publish(const std::string& run_id) {
        feed.publish(0, [&run_id] {
            RunEvent event;
            event.run_id = run_id;
            event.action = "deploy";
            event.phase = "queued";
            event.status = "IN_PROGRESS";
            return event;
        });
        executor.settle();
    }
    std::uint64_t refused() const {
        for (const Meter::Count& each : meter.snapshot().counters)
            if (each.name == Counter::clients_refused) return each.value;
        return 0;
    }
};

}  // namespace signalbox::api::test
