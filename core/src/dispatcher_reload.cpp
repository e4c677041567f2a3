#include <tuple>
#include <utility>

#include "base/thread.hpp"
#include "dispatcher_impl.hpp"
#include "wiring/explain.hpp"
#include "wiring/sources.hpp"
#include "wiring/targets.hpp"

namespace signalbox {
namespace {

void refuse_change(wiring::Assembly& assembly, document::Position position, const char* key) {
    assembly.refuse(position, std::string(key) +
                                  " cannot be changed by a reload: restart Signalbox, or put the "
                                  "old value back");
}

auto listener_files(const config::ListenerTlsSettings& tls) {
    return std::tuple(tls.written, tls.certificate.file, tls.key.file, tls.client_ca.file,
                      tls.client_certificate_required);
}

/// What is bound to the process rather than to the config stays as it was.
void refuse_what_needs_a_start(wiring::Assembly& fresh, const config::Config& old) {
    const config::Config& now = fresh.config;
    if (now.listen.host != old.listen.host || now.listen.port != old.listen.port)
        refuse_change(fresh, now.listen_position, "listen");
    if (now.clients.empty() != old.clients.empty())
        refuse_change(fresh, {}, "whether there are clients");
    if (now.journal != old.journal || now.journal_log != old.journal_log) refuse_change(fresh, {}, "journal");
    if (now.public_url != old.public_url) refuse_change(fresh, {}, "public_url");
    if (now.http.connections != old.http.connections ||
        now.http.per_address != old.http.per_address)
        refuse_change(fresh, {}, "http");
    if (listener_files(now.tls) != listener_files(old.tls)) refuse_change(fresh, now.tls.certificate.position, "tls");
}

}  // namespace

Result<Done> Dispatcher::Impl::reload() {
    if (!source_) {
        return Error{"no_config_file",
                     "these settings came from code and not from a file; there is nothing to read "
                     "again"};
    }
    const std::lock_guard one_at_a_time(reload_mutex_);
    auto fresh = std::make_shared<wiring::Assembly>(wiring::assemble(*source_));
    log_.learn(*fresh);
    auto targets = std::make_shared<std::vector<dispatch::Target>>();
    if (!document::has_errors(fresh->problems)) refuse_what_needs_a_start(*fresh, assembly_.config);
    if (!document::has_errors(fresh->problems)) {
        *targets = wiring::connect(*fresh, log_, clock_, fresh->config.public_url, &plugin_events_,
                                   &assembly_);
    }
    if (document::has_errors(fresh->problems)) {
        LogEvent event;
        event.level = LogLevel::error;
        event.name = "reload_refused";
        event.message = "the config has errors; the old one goes on serving";
        std::string text = wiring::to_text(fresh->problems, fresh->config);
        event.fields = {{"findings", text}};
        log_.write(event);
        return Error{"config_invalid",
                     "the config has errors; the old one goes on serving\n" + std::move(text)};
    }
    auto swapped = gate_->ask<Done>([this, fresh, targets](auto give) {
        for (dispatch::Target& target : *targets) {
            if (target.public_url.empty()) target.public_url = url_;
            engine_->replace(std::move(target));
        }
        retention_->replace(rules_of(fresh->config.retention));
        if (clients_) *clients_ = api::Clients(fresh->config.clients, journal_->token_key());
        if (sources_) sources_->replace(fresh->sources);
        reporter_->use(wiring::reports_of(*fresh));
        assembly_ = std::move(*fresh);
        runs_->permit(assembly_.permissions);
        if (events_) events_->look_again();
        give(Done{});
    });
    if (swapped) note("reloaded", {{"actions", std::to_string(assembly_.catalog.size())}});
    return swapped;
}

void Dispatcher::Impl::reload_for_the_api(std::function<void(Result<Done>)> done) {
    // On a thread of its own: files are read and plugins opened, which the loop never waits for.
    if (reload_asked_) {
        return done(Error{"reload_busy", "a reload is under way; ask again when it is done"});
    }
    if (reloading_.joinable()) reloading_.join();
    reload_asked_ = true;
    reloading_ = start_thread("signalbox-load", [this, done = std::move(done)] {
        auto result = std::make_shared<Result<Done>>(reload());
        // Where the loop has ended meanwhile, so has the connection that asked.
        (void)gate_->post([this, done, result] {
            reload_asked_ = false;
            done(std::move(*result));
        });
    });
}

Result<Done> Dispatcher::reload() {
    return impl_->reload();
}

}  // namespace signalbox
