#include "config/address.hpp"
#include "signalbox/dispatcher.hpp"

#include <chrono>
#include <future>
#include <utility>

#include "base/thread.hpp"
#include "dispatcher_impl.hpp"
#include "journal/open.hpp"
#include "runs/observed_journal.hpp"
#include "runs/retention.hpp"
#include "settings_text.hpp"
#include "silent_log.hpp"
#include "wiring/explain.hpp"
#include "wiring/sources.hpp"
#include "wiring/targets.hpp"

namespace signalbox {
namespace {

/// How long the ends of cancelled attempts may take to reach the journal at a stop.
constexpr std::int64_t kSettleMsMax = 5'000;

/// What stands for a file's name where settings come from code.
constexpr const char* kSettingsName = "settings";

std::optional<net::ServerTls> tls_of(const config::ListenerTlsSettings& tls) {
    if (!tls.written) return std::nullopt;
    return net::ServerTls{tls.certificate.file, tls.key.file, tls.client_ca.file,
                          tls.client_certificate_required};
}

}  // namespace

Dispatcher::Impl::Impl(const Seams& seams)
    : clock_(seams.clock ? *seams.clock : system_clock()),
      random_(seams.random ? *seams.random : system_random()),
      log_(seams.log ? *seams.log : silent_log()),
      meter_(seams.metrics),
      own_ids_(clock_, random_),
      ids_(seams.ids ? *seams.ids : own_ids_),
      listens_(seams.listen) {}

runs::RetentionRules Dispatcher::Impl::rules_of(const config::RetentionSettings& settings) {
    const auto rule = [](const config::RetentionRule& read) {
        return runs::RetentionRule{read.keep_ms, read.runs};
    };
    runs::RetentionRules rules;
    rules.otherwise = rule(settings.otherwise);
    for (const auto& [action, read] : settings.actions)
        rules.actions.emplace(action, rule(read));
    return rules;
}

Result<std::vector<std::shared_ptr<plugins::Plugin>>> Dispatcher::Impl::adopt(const Seams& seams) {
    std::vector<std::shared_ptr<plugins::Plugin>> adopted;
    for (const signalbox_plugin_entry entry : seams.plugins) {
        auto plugin = plugins::adopt(entry, log_, clock_);
        if (!plugin) return std::move(plugin).error();
        adopted.push_back(std::move(*plugin));
    }
    return adopted;
}

void Dispatcher::Impl::connect(wiring::Assembly assembly) {
    assembly_ = std::move(assembly);
    log_.learn(assembly_);
    if (document::has_errors(assembly_.problems)) return;
    targets_ = wiring::connect(assembly_, log_, clock_, assembly_.config.public_url,
                               &plugin_events_);
}

Result<Done> Dispatcher::Impl::start() {
    if (started_) {
        return Error{"already_started",
                     "this dispatcher was started before; make a new one to start again"};
    }
    started_ = true;
    loop_ = std::make_unique<net::Loop>(clock_);
    loop_->on_fault([this](const std::string& what) { note_fault(what); });
    auto journal =
        journal::open_sqlite(assembly_.config.journal, *loop_, clock_, random_, log_, meter_,
                             assembly_.config.journal_log ? journal::CommitInto::log : journal::CommitInto::file);
    if (!journal) return abandon(std::move(journal).error());
    stored_ = std::move(*journal);
    feed_ = std::make_unique<runs::Feed>(clock_.wall_ms());
    auto observed = std::make_unique<runs::ObservedJournal>(*stored_, *feed_, meter_, clock_);
    observed->count_held();
    observed->also_tell(
        [this](journal::Sequence sequence, bool added) { reporter_->changed(sequence, added); });
    journal_ = std::move(observed);

    client_ = std::make_unique<net::Client>(*loop_, net::ClientOptions{{}, &log_});
    reporter_ = std::make_unique<sources::Reporter>(*loop_, clock_, random_, *journal_, *client_,
                                                    log_);
    reporter_->use(wiring::reports_of(assembly_));
    engine_ = std::make_unique<dispatch::Engine>(*loop_, clock_, random_, *journal_, *client_, log_,
                                                 meter_);
    blocking_ = std::make_unique<dispatch::BlockingPool>(*loop_, clock_, log_);
    engine_->attach(*blocking_);
    rejections_ = std::make_unique<runs::Rejections>(*journal_, meter_, clock_);
    workers_ = std::make_unique<jq::Workers>(*loop_, clock_, log_);
    runs_ = std::make_unique<runs::Runs>(assembly_.catalog, *engine_, *journal_, clock_, ids_,
                                         *rejections_, *workers_);
    runs_->permit(assembly_.permissions);
    origins_.public_url = assembly_.config.public_url;
    if (listens_) {
        if (auto listening = listen(); !listening) return abandon(std::move(listening).error());
    }
    for (dispatch::Target& target : targets_) {
        if (target.public_url.empty()) target.public_url = url_;
        engine_->add(std::move(target));
    }
    targets_.clear();
    approvals_ = std::make_unique<runs::Approvals>(*loop_, clock_, *journal_, meter_);
    runs_->attach(*approvals_, log_, origins_.public_url.empty() ? url_ : origins_.public_url);
    auto recovered = journal_->recover([this](const journal::LiveRun& run) {
        if (run.phase == journal::Phase::waiting_approval) return runs_->take_up(run);
        engine_->take_up(run);
    });
    if (!recovered) return abandon(std::move(recovered).error());
    retention_ = std::make_unique<runs::Retention>(*loop_, clock_, *journal_, log_,
                                                   rules_of(assembly_.config.retention));
    retention_->start();
    reporter_->start();

    thread_ = start_thread("signalbox-loop", [this] { loop_->run(); });
    gate_->open(*loop_, thread_.get_id());
    note("started", {{"url", url_}});
    return Done{};
}

Result<Done> Dispatcher::Impl::listen() {
    clients_ = std::make_unique<api::Clients>(assembly_.config.clients, journal_->token_key());
    events_ = std::make_unique<api::EventStreams>(*loop_, *feed_, *runs_, clock_);
    sources_ = std::make_unique<sources::Sources>(assembly_.sources, clock_, log_);
    api_ = std::make_unique<api::Api>(
        *runs_, *engine_, *journal_, *clients_, clock_, log_, origins_,
        api::Views{*events_, meter_, *sources_,
                   [this](auto done) { reload_for_the_api(std::move(done)); }});
    net::ServerOptions options;
    options.host = assembly_.config.listen.host;
    options.port = assembly_.config.listen.port;
    options.connections_max = assembly_.config.http.connections;
    options.per_address_max = assembly_.config.http.per_address;
    options.tls = tls_of(assembly_.config.tls);
    options.log = &log_;
    server_ = std::make_unique<net::Server>(*loop_, *api_, options);
    auto listening = server_->listen();
    if (!listening) return std::move(listening).error();
    origins_.port = server_->port();
    origins_.tls = assembly_.config.tls.written;
    url_ = config::url_of(origins_.tls, {options.host, server_->port()});
    return Done{};
}

void Dispatcher::Impl::stop(std::int64_t drain_ms) {
    if (!thread_.joinable()) return;
    // Shared: where the wait below gives up, the engine may still come to rest later.
    auto idle = std::make_shared<std::promise<void>>();
    auto settled = idle->get_future();
    loop_->post([this, idle] {
        if (server_) server_->stop_accepting();
        retention_->stop();
        reporter_->stop();
        engine_->drain([idle] { idle->set_value(); });
    });
    if (settled.wait_for(std::chrono::milliseconds(drain_ms)) != std::future_status::ready) {
        loop_->post([this] { engine_->cancel_all(); });
        settled.wait_for(std::chrono::milliseconds(kSettleMsMax));
    }
    journal_->close();
    gate_->shut();
    std::promise<void> last;
    loop_->post([this, &last] {
        if (server_) server_->abort();
        last.set_value();
    });
    last.get_future().wait();
    loop_->stop();
    thread_.join();
    release();
    // After the loop is gone, with which goes what a reload may still wait for.
    if (reloading_.joinable()) reloading_.join();
    note("stopped", {});
}

Error Dispatcher::Impl::abandon(Error error) {
    if (journal_) journal_->close();
    release();
    return error;
}

void Dispatcher::Impl::release() {
    for (const auto& reader : readers_) {
        if (const auto shared = reader.lock()) shared->end(false);
    }
    readers_.clear();
    retention_.reset();
    server_.reset();
    api_.reset();
    sources_.reset();
    events_.reset();
    clients_.reset();
    workers_.reset();  // with whoever waits for a template
    runs_.reset();
    rejections_.reset();
    approvals_.reset();
    client_.reset();  // ends its exchanges, and tells the engine
    blocking_.reset();
    engine_.reset();
    reporter_.reset();
    journal_.reset();
    stored_.reset();
    loop_.reset();  // with the tasks that nobody ran: whoever waits for their answer is told
    feed_.reset();
}

void Dispatcher::Impl::note_fault(const std::string& what) {
    LogEvent event;
    event.level = LogLevel::error;
    event.name = "fault";
    event.message = "a fault inside Signalbox ended what it was doing; the rest goes on";
    event.fields = {{"what", what}};
    log_.write(event);
}

void Dispatcher::Impl::note(std::string_view name,
                            std::vector<std::pair<std::string_view, std::string>> fields) {
    LogEvent event;
    event.name = name;
    event.fields = std::move(fields);
    log_.write(event);
}

Result<std::unique_ptr<Dispatcher>> Dispatcher::from_file(const std::filesystem::path& config,
                                                          Seams seams) {
    auto impl = std::make_unique<Impl>(seams);
    auto built_in = impl->adopt(seams);
    if (!built_in) return std::move(built_in).error();
    wiring::Source source;
    source.file = config;
    source.random = seams.random;
    source.built_in = std::move(*built_in);
    source.secrets = seams.secrets;
    impl->remember(source);
    impl->connect(wiring::assemble(source));
    if (document::has_errors(impl->assembly().problems)) {
        return Error{"config_invalid", wiring::to_text(impl->assembly().problems, impl->assembly().config)};
    }
    return std::unique_ptr<Dispatcher>(new Dispatcher(std::move(impl)));
}

Result<std::unique_ptr<Dispatcher>> Dispatcher::from_settings(const Settings& settings,
                                                              Seams seams) {
    auto text = config_text(settings);
    if (!text) return std::move(text).error();
    auto impl = std::make_unique<Impl>(seams);
    auto built_in = impl->adopt(seams);
    if (!built_in) return std::move(built_in).error();
    wiring::Source source;
    source.file = kSettingsName;
    source.text = *text;
    source.directory = settings.directory;
    source.random = seams.random;
    source.actions = settings.actions;
    source.built_in = std::move(*built_in);
    source.secrets = seams.secrets;
    impl->connect(wiring::assemble(source));
    if (document::has_errors(impl->assembly().problems)) {
        return located_in_settings(*text, kSettingsName, impl->assembly().problems);
    }
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
