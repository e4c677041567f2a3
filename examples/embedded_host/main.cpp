// A release tool: dispatches the deployment of a service, shows what happens, and waits for its end.
//
//     DEPLOY_KEY=… release_tool URL FOLDER SERVICE VERSION
//
// URL is the deploy service's, FOLDER keeps the journal: when this program is killed in the middle, the next
// one with the same folder takes up what was under way.
#include <cstdlib>
#include <iostream>
#include <signalbox/dispatcher.hpp>
#include <string>

#include "deploy_service.hpp"

namespace {

using signalbox::plugin::json::quote;

constexpr const char* kAction = R"(
identifier: deploy
title: Deploy a service
trigger:
  type: self-service
  operation: DAY-2
  userInputs:
    properties:
      service: { type: string, minLength: 1 }
      version: { type: string, pattern: "^[0-9]+\\.[0-9]+\\.[0-9]+$" }
    required: [ service, version ]
invocationMethod:
  type: DEPLOY
  payload:
    run: "{{ .run.id }}"
    service: "{{ .inputs.service }}"
    version: "{{ .inputs.version }}"
)";

/// Lines for people; a real host would hand them to its own logger.
class Log final : public signalbox::LogSink {
    void write(const signalbox::LogEvent& event) override {
        if (event.level < signalbox::LogLevel::warning) return;
        std::string line = "release_tool: " + std::string(event.name);
        for (const auto& [name, value] : event.fields)
            line += " " + std::string(name) + "=" + value;
        std::cerr << line + "\n";
    }
};

int failed(const signalbox::Error& error) {
    std::cerr << error.code << ": " << error.message << '\n';
    for (const signalbox::Detail& detail : error.details)
        std::cerr << "  " << detail.pointer << ": " << detail.message << '\n';
    return 2;
}

/// The events of a run until it is settled or the target has taken it.
void show(signalbox::RunEvents& events, const std::string& run_id) {
    while (!events.over()) {
        const auto event = events.next(30'000);
        if (!event) return;
        if (event->run_id != run_id) continue;
        std::cout << run_event_name(event->kind) << " (" << event->phase << ") " << event->reason
                  << std::endl;
        if (event->phase != "queued" && event->phase != "sending" && event->phase != "retrying") return;
    }
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 5) {
        std::cerr << "usage: DEPLOY_KEY=… release_tool URL FOLDER SERVICE VERSION\n";
        return 2;
    }
    signalbox::Settings settings;
    settings.journal = argv[2];
    signalbox::ConnectionSettings deploy;
    deploy.name = "deploy";
    deploy.plugin = "deploy-service";
    deploy.settings = "{\"url\": " + quote(argv[1]) + "}";
    deploy.signing.emplace();
    deploy.signing->key = signalbox::SecretName{"DEPLOY_KEY", ""};
    deploy.egress_allow = {"127.0.0.0/8"};
    settings.connections = {deploy};
    settings.actions = {{"deploy.yaml", kAction}};

    Log log;
    signalbox::Seams seams;
    seams.log = &log;
    seams.listen = false;
    seams.add_plugin(&signalbox::plugin::entry<DeployService, DeployService::descriptor>);

    auto made = signalbox::Dispatcher::from_settings(settings, seams);
    if (!made) return failed(made.error());
    signalbox::Dispatcher& dispatcher = **made;
    if (auto started = dispatcher.start(); !started) return failed(started.error());

    auto events = dispatcher.subscribe({});
    if (!events) return failed(events.error());
    signalbox::Invocation invocation;
    invocation.action = "deploy";
    invocation.properties =
        "{\"service\": " + quote(argv[3]) + ", \"version\": " + quote(argv[4]) + "}";
    invocation.by = "release_tool";
    auto run = dispatcher.invoke(invocation);
    if (!run) return failed(run.error());
    show(**events, run->id);

    // The service took it; this tool looks whether the new version answers (left out here), and says so.
    run = dispatcher.find(run->id);
    if (run && run->phase == "accepted") {
        run = dispatcher.report(run->id, {"SUCCESS", "deployed", "", "", ""});
    }
    if (run) run = dispatcher.wait(run->id, 60'000);
    if (!run) return failed(run.error());
    std::cout << run->id << ' ' << run->status << ' ' << run->phase << std::endl;
    dispatcher.stop(5'000);
    return run->status == "SUCCESS" ? 0 : 1;
}
