#include "app/serve.hpp"

#include <ostream>

#include "app/files.hpp"
#include "app/log_sink.hpp"
#include "app/process.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

constexpr std::string_view kDrainDefault = "10s";

int wait_and_stop(Service& service, std::int64_t drain_ms, const Tools& tools, LogSink& log) {
    std::string signal = tools.stop_signals.wait();
    while (signal == "SIGHUP") {
        (void)service.reload();  // what came of it is in the log
        signal = tools.stop_signals.wait();
    }
    tools.stop_signals.let_the_next_one_end_the_process();
    log.write({LogLevel::info,
               "stopping",
               "attempts under way may end; one more signal stops at once",
               {{"signal", signal}, {"drain_ms_max", std::to_string(drain_ms)}}});
    service.stop(drain_ms);
    return exit_code::success;
}

}  // namespace

int run_serve(const Options& options, const Tools& tools) {
    std::ostream& err = tools.context.err;
    const auto drain_ms = parse_duration_ms(options.value_or("drain", kDrainDefault));
    const auto config = config_file(options);
    if (!drain_ms || !config) {
        print_error(err, drain_ms ? config.error()
                                  : Error{"usage", "--drain: " + drain_ms.error().message});
        return exit_code::usage;
    }
    tools.stop_signals.hold();
    raise_descriptor_limit();

    StreamLog log(tools.context.log_descriptor,
                  tools.context.err_is_terminal ? LogForm::readable : LogForm::json,
                  tools.context.clock);
    auto service = tools.core.open_service(*config, log);
    if (!service) {
        const bool config_is_wrong = service.error().code == "config_invalid";
        // The findings of a config are whole lines already, each with its place and `error:`.
        if (config_is_wrong) err << printable(service.error().message) << '\n';
        if (!config_is_wrong) print_error(err, service.error());
        return config_is_wrong ? exit_code::usage : exit_code::failure;
    }
    if (const auto started = (*service)->start(); !started) {
        print_error(err, started.error());
        return exit_code::failure;
    }
    tools.context.out << (*service)->url() << std::endl;
    return wait_and_stop(**service, *drain_ms, tools, log);
}

}  // namespace signalbox::app
