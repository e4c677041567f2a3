#include <Poco/Exception.h>
#include <signal.h>

#include <iostream>

#include "options.hpp"

namespace azure_standin {
namespace {

std::vector<Pipeline> load_pipelines(const Options& options) {
    std::vector<Pipeline> pipelines;
    for (const std::string& file : options.pipeline_files) {
        pipelines.push_back(load_pipeline(file));
        for (const Trigger& trigger : pipelines.back().triggers) {
            bool known = false;
            for (const auto& webhook : options.webhooks)
                known |= webhook.name == trigger.webhook;
            if (known) continue;
            throw UsageError(file + " waits for webhook '" + trigger.webhook +
                             "', which no --webhook names");
        }
    }
    return pipelines;
}

void serve(const Options& options, const sigset_t& ending) {
    Console console;
    StopSignal stop;
    Ledger ledger(options.received_file);
    std::set<std::string> secrets;
    for (const WebhookConnection& webhook : options.webhooks)
        secrets.insert(webhook.secret);
    WebhookReceiver receiver(options.webhooks, load_pipelines(options), options.variables,
                             options.faults, ledger, console);
    Runs runs(console, stop, std::move(secrets));
    Server server(options.server, receiver, ledger, runs, console, stop);
    runs.set_collection_url(server.url() + "/");
    console.line(server.url());
    server.start();
    int signal = 0;
    ::sigwait(&ending, &signal);
    stop.raise();
    server.stop();
}

int run(const std::vector<std::string>& arguments) {
    // Blocked before the first thread starts, so that every thread inherits it and sigwait gets
    // them.
    sigset_t ending;
    ::sigemptyset(&ending);
    ::sigaddset(&ending, SIGTERM);
    ::sigaddset(&ending, SIGINT);
    ::pthread_sigmask(SIG_BLOCK, &ending, nullptr);
    try {
        const Options options = parse_options(arguments);
        if (options.help) {
            std::cout << kUsage;
            return 0;
        }
        serve(options, ending);
        return 0;
    } catch (const UsageError& error) {
        std::cerr << "azure-standin: " << error.what() << '\n';
        return 2;
    } catch (const Poco::Exception& error) {
        std::cerr << "azure-standin: " << error.displayText() << '\n';
    } catch (const std::exception& error) {
        std::cerr << "azure-standin: " << error.what() << '\n';
    }
    return 1;
}

}  // namespace
}  // namespace azure_standin

int main(int argc, char** argv) {
    return azure_standin::run(std::vector<std::string>(argv + 1, argv + argc));
}
