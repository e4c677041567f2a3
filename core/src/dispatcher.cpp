#include "signalbox/dispatcher.hpp"

#include <chrono>
#include <future>
#include <thread>
#include <utility>

#include "api/api.hpp"
#include "base/ids.hpp"
#include "base/meter.hpp"
#include "base/thread.hpp"
#include "dispatch/engine.hpp"
#include "journal/sqlite/open.hpp"
#include "net/client.hpp"
#include "net/loop.hpp"
#include "net/server.hpp"
#include "runs/feed.hpp"
#include "runs/observed_journal.hpp"
#include "runs/runs.hpp"
#include "silent_log.hpp"
#include "wiring/assembly.hpp"
#include "wiring/targets.hpp"

namespace signalbox {
namespace {

/// How long the ends of cancelled attempts may take to reach the journal at a stop.
constexpr std::int64_t kSettleMsMax = 5'000;

std::string url_of(const std::string& host, std::uint16_t port) {
    const bool v6 = host.find(':') != std::string::npos;
    return "http://" + (v6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

}  // namespace

/// The one place that wires. Members stand in the order in which they need each other, so that they
/// go in the reverse one.
class Dispatcher::Impl {
  public:
    Impl(Seams seams, wiring::Assembly assembly)
        : clock_(seams.clock ? *seams.clock : system_clock()),
          random_(seams.random ? *seams.random : system_random()),
          log_(seams.log ? *seams.log : silent_log()),
          meter_(seams.metrics),
          own_ids_(clock_, random_),
          ids_(seams.ids ? *seams.ids : own_ids_),
          assembly_(std::move(assembly)) {}

    ~Impl() { stop(0); }

    Result<Done> connect() {
        targets_ = wiring::connect(assembly_, log_, clock_, assembly_.config.public_url);
        if (!document::has_errors(assembly_.problems)) return Done{};
        return Error{"config_invalid", wiring::to_text(assembly_.problems)};
    }

    Result<Done> start() {
        loop_ = std::make_unique<net::Loop>(clock_);
        auto journal =
            journal::open_sqlite(assembly_.config.journal, *loop_, clock_, random_, log_, meter_);
        if (!journal) return abandon(std::move(journal).error());
        stored_ = std::move(*journal);
        feed_ = std::make_unique<runs::Feed>(clock_.wall_ms());
        auto observed =
            std::make_unique<runs::ObservedJournal>(*stored_, *feed_, meter_, clock_);
        observed->count_held();
        journal_ = std::move(observed);

        client_ = std::make_unique<net::Client>(*loop_, net::ClientOptions{});
        engine_ =
            std::make_unique<dispatch::Engine>(*loop_, clock_, random_, *journal_, *client_, log_, meter_);
        runs_ = std::make_unique<runs::Runs>(assembly_.catalog, *engine_, *journal_, clock_, ids_);
        clients_ = std::make_unique<api::Clients>(assembly_.config.clients, journal_->token_key());
        origins_.public_url = assembly_.config.public_url;
        api_ = std::make_unique<api::Api>(*runs_, *engine_, *journal_, *clients_, clock_, log_,
                                          origins_);

        net::ServerOptions options;
        options.host = assembly_.config.listen.host;
        options.port = assembly_.config.listen.port;
        options.connections_max = assembly_.config.http.connections;
        options.per_address_max = assembly_.config.http.per_address;
        server_ = std::make_unique<net::Server>(*loop_, *api_, options);
        if (auto listening = server_->listen(); !listening)
            return abandon(std::move(listening).error());
        origins_.port = server_->port();
        url_ = url_of(options.host, server_->port());

        for (dispatch::Target& target : targets_) {
            if (target.public_url.empty()) target.public_url = url_;
            engine_->add(std::move(target));
        }
        targets_.clear();
        auto recovered =
            journal_->recover([this](const journal::LiveRun& run) { engine_->take_up(run); });
        if (!recovered) return abandon(std::move(recovered).error());

        thread_ = std::thread([this] {
            enter_thread("signalbox-loop");
            loop_->run();
        });
        note("started", {{"url", url_}});
        return Done{};
    }

    void stop(std::int64_t drain_ms) {
        if (!thread_.joinable()) return;
        // Shared: where the wait below gives up, the engine may still come to rest later.
        auto idle = std::make_shared<std::promise<void>>();
        auto settled = idle->get_future();
        loop_->post([this, idle] {
            server_->stop_accepting();
            engine_->drain([idle] { idle->set_value(); });
        });
        if (settled.wait_for(std::chrono::milliseconds(drain_ms)) != std::future_status::ready) {
            loop_->post([this] { engine_->cancel_all(); });
            settled.wait_for(std::chrono::milliseconds(kSettleMsMax));
        }
        journal_->close();
        std::promise<void> last;
        loop_->post([this, &last] {
            server_->abort();
            last.set_value();
        });
        last.get_future().wait();
        loop_->stop();
        thread_.join();
        release();
        note("stopped", {});
    }

    const std::string& url() const { return url_; }

  private:
    Error abandon(Error error) {
        if (journal_) journal_->close();
        release();
        return error;
    }

    void release() {
        server_.reset();
        api_.reset();
        clients_.reset();
        runs_.reset();
        client_.reset();  // ends its exchanges, and tells the engine
        engine_.reset();
        journal_.reset();
        stored_.reset();
        loop_.reset();
        feed_.reset();
    }

    void note(std::string_view name, std::vector<std::pair<std::string_view, std::string>> fields) {
        LogEvent event;
        event.name = name;
        event.fields = std::move(fields);
        log_.write(event);
    }

    const Clock& clock_;
    Random& random_;
    LogSink& log_;
    Meter meter_;
    RunIds own_ids_;
    IdSource& ids_;
    wiring::Assembly assembly_;
    std::vector<dispatch::Target> targets_;
    std::unique_ptr<net::Loop> loop_;
    std::unique_ptr<journal::Journal> stored_;
    std::unique_ptr<runs::Feed> feed_;
    std::unique_ptr<journal::Journal> journal_;  // stored_, with the feed told of what it commits
    std::unique_ptr<net::Client> client_;
    std::unique_ptr<dispatch::Engine> engine_;
    std::unique_ptr<runs::Runs> runs_;
    std::unique_ptr<api::Clients> clients_;
    api::Origins origins_;
    std::unique_ptr<api::Api> api_;
    std::unique_ptr<net::Server> server_;
    std::thread thread_;
    std::string url_;
};

Result<std::unique_ptr<Dispatcher>> Dispatcher::from_file(const std::filesystem::path& config,
                                                          Seams seams) {
    wiring::Assembly assembly = wiring::assemble(config);
    if (document::has_errors(assembly.problems)) {
        return Error{"config_invalid", wiring::to_text(assembly.problems)};
    }
    auto impl = std::make_unique<Impl>(seams, std::move(assembly));
    if (auto connected = impl->connect(); !connected) return std::move(connected).error();
    return std::unique_ptr<Dispatcher>(new Dispatcher(std::move(impl)));
}

Dispatcher::Dispatcher(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Dispatcher::~Dispatcher() = default;

Result<Done> Dispatcher::start() {
    return impl_->start();
}
std::string Dispatcher::url() const {
    return impl_->url();
}
void Dispatcher::stop(std::int64_t drain_ms) {
    impl_->stop(drain_ms);
}

}  // namespace signalbox
