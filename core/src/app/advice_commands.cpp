#include <ostream>

#include "app/files.hpp"
#include "app/local_commands.hpp"
#include "app/text.hpp"

namespace signalbox::app {

int run_setup(const Options& options, const Tools& tools) {
    const auto config = config_file(options);
    const auto guide = config ? tools.core.setup(*config, options.arguments()[0])
                              : Result<std::string>(config.error());
    if (!guide) {
        // The findings of a config are whole lines already, each with its place and `error:`.
        if (guide.error().code == "config_invalid") {
            tools.context.err << printable(guide.error().message) << '\n';
        } else {
            print_error(tools.context.err, guide.error());
        }
        return exit_code::usage;
    }
    if (options.has("json")) {
        tools.context.out << "{\"ok\":true,\"setup\":" << json_string(*guide) << "}\n";
    } else {
        tools.context.out << printable(*guide);
    }
    return exit_code::success;
}

int run_doctor(const Options& options, const Tools& tools) {
    const auto config = config_file(options);
    if (!config) {
        print_error(tools.context.err, config.error());
        return exit_code::usage;
    }
    const std::vector<Probe> probes = tools.core.doctor(*config);
    std::ostream& out = tools.context.out;
    bool good = true;
    std::string json;
    for (const Probe& probe : probes) {
        good = good && probe.good;
        if (options.has("json")) {
            json += std::string(json.empty() ? "" : ",") +
                    "{\"good\":" + (probe.good ? "true" : "false") +
                    ",\"name\":" + json_string(probe.name) +
                    ",\"found\":" + json_string(probe.found) +
                    ",\"advice\":" + json_string(probe.advice) + "}";
            continue;
        }
        out << (probe.good ? "good  " : "BAD   ") << one_line(probe.name) << ": "
            << printable(probe.found) << '\n';
        if (!probe.advice.empty()) out << "      " << printable(probe.advice) << '\n';
    }
    if (options.has("json"))
        out << "{\"ok\":" << (good ? "true" : "false") << ",\"probes\":[" << json << "]}\n";
    return good ? exit_code::success : exit_code::failure;
}

}  // namespace signalbox::app
