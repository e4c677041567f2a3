#include <signal.h>
#include <sqlite3.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <iostream>
#include <thread>

#include "app/crash.hpp"
#include "app/process.hpp"
#include "app/program.hpp"
#include "signalbox/dispatcher.hpp"
#include "signalbox/plugin_call.hpp"
#include "signalbox/signing.hpp"

namespace {

using namespace signalbox;

class DispatcherService final : public app::Service {
  public:
    explicit DispatcherService(std::unique_ptr<Dispatcher> dispatcher)
        : dispatcher_(std::move(dispatcher)) {}
    Result<Done> start() override { return dispatcher_->start(); }
    std::string url() const override { return dispatcher_->url(); }
    Result<Done> reload() override { return dispatcher_->reload(); }
    void stop(std::int64_t drain_ms) override { dispatcher_->stop(drain_ms); }

  private:
    std::unique_ptr<Dispatcher> dispatcher_;
};

Result<std::unique_ptr<app::Service>> open_service(const std::filesystem::path& config,
                                                   LogSink& log) {
    Seams seams;
    seams.log = &log;
    auto dispatcher = Dispatcher::from_file(config, seams);
    if (!dispatcher) return dispatcher.error();
    return std::unique_ptr<app::Service>(
        std::make_unique<DispatcherService>(std::move(*dispatcher)));
}

app::Core core_functions() {
    app::Core core;
    core.open_service = open_service;
    core.check = check;
    core.preview = [](const auto& config, const auto& action, const auto& invocation) {
        return preview(config, action, invocation);
    };
    core.setup = setup;
    core.server_url = server_url;
    core.doctor = doctor;
    core.import_port = import_port;
    core.list_plugins = list_plugins;
    core.list_plugins_on_path = list_plugins_on_path;
    core.inspect_plugin = inspect_plugin;
    core.sign = sign;
    core.verify = verify;
    return core;
}

std::optional<std::string> environment(const std::string& name) {
    const char* value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>(value);
}

}  // namespace

int main(int argc, char** argv) {
    // A reader that goes away (`signalbox runs list | head`) is an error of that write, not our
    // end.
    signal(SIGPIPE, SIG_IGN);
    // SQLite counts what it allocates, under a lock of the whole process, and nobody here asks for the figure.
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    app::name_the_plugin_of_a_crash(
        STDERR_FILENO, isatty(STDERR_FILENO) == 1 ? app::LogForm::readable : app::LogForm::json,
        running_plugin_call);
    app::Context context{
        .in = std::cin,
        .out = std::cout,
        .err = std::cerr,
        .out_is_terminal = isatty(STDOUT_FILENO) == 1,
        .err_is_terminal = isatty(STDERR_FILENO) == 1,
        .log_descriptor = STDERR_FILENO,
        .environment = environment,
        .clock = system_clock(),
        .sleep =
            [](std::int64_t ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); },
    };
    const app::Core core = core_functions();
    app::ProcessStopSignals stop_signals;
    return app::run_program(std::vector<std::string>(argv + 1, argv + argc),
                            {context, core, stop_signals});
}
