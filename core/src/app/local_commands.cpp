#include "app/local_commands.hpp"

#include <ostream>

#include "app/files.hpp"
#include "app/text.hpp"

namespace signalbox::app {
namespace {

int fail_usage(const Tools& tools, const Error& error) {
    print_error(tools.context.err, error);
    return exit_code::usage;
}

std::string counted(std::size_t count, const std::string& one) {
    return std::to_string(count) + " " + one + (count == 1 ? "" : "s");
}

/// {"ok", "plugins": [{"plugin", "version", "file", "problem", "descriptor"}]}; the descriptor as it stands
/// in the file, where it is asked for.
int print_plugins_json(const std::vector<PluginInfo>& plugins, bool descriptors,
                       const Tools& tools) {
    const auto text_or_null = [](const std::string& text) {
        return text.empty() ? std::string("null") : json_string(text);
    };
    bool good = true;
    std::string list;
    for (const PluginInfo& plugin : plugins) {
        good = good && plugin.problem.empty();
        list += (list.empty() ? "{\"plugin\":" : ",{\"plugin\":") + text_or_null(plugin.id) +
                ",\"version\":" + text_or_null(plugin.version) +
                ",\"file\":" + json_string(plugin.file) +
                ",\"problem\":" + text_or_null(plugin.problem);
        if (descriptors)
            list += ",\"descriptor\":" + (plugin.descriptor.empty() ? "null" : plugin.descriptor);
        list += "}";
    }
    tools.context.out << "{\"ok\":" << (good ? "true" : "false") << ",\"plugins\":[" << list
                      << "]}\n";
    return good ? exit_code::success : exit_code::failure;
}

int print_plugins(const std::vector<PluginInfo>& plugins, const Options& options,
                  const Tools& tools) {
    if (options.has("json")) return print_plugins_json(plugins, false, tools);
    if (plugins.empty()) tools.context.err << "no plugins found\n";
    std::vector<std::vector<std::string>> rows = {{"PLUGIN", "VERSION", "FILE"}};
    int code = exit_code::success;
    for (const PluginInfo& plugin : plugins) {
        rows.push_back({one_line(plugin.id.empty() ? "?" : plugin.id),
                        one_line(plugin.version.empty() ? "?" : plugin.version),
                        one_line(plugin.file)});
        if (plugin.problem.empty()) continue;
        print_error(
            tools.context.err,
            Error{"plugin", (plugin.id.empty() ? plugin.file : plugin.id) + ": " + plugin.problem});
        code = exit_code::failure;
    }
    if (rows.size() > 1) print_table(tools.context.out, rows);
    return code;
}

std::string check_json(const CheckReport& report, bool good) {
    std::string json = std::string("{\"ok\":") + (good ? "true" : "false") + ",\"findings\":[";
    for (const Finding& finding : report.findings) {
        if (json.back() == '}') json += ',';
        json += std::string("{\"severity\":") + (finding.error ? "\"error\"" : "\"warning\"") +
                ",\"file\":" + json_string(finding.file) +
                ",\"line\":" + std::to_string(finding.line) +
                ",\"column\":" + std::to_string(finding.column) +
                ",\"message\":" + json_string(finding.message) + "}";
    }
    return json + "],\"errors\":" + std::to_string(report.errors) +
           ",\"warnings\":" + std::to_string(report.warnings) +
           ",\"actions\":" + std::to_string(report.actions) +
           ",\"unavailable\":" + std::to_string(report.unavailable) + "}";
}

}  // namespace

int run_check(const Options& options, const Tools& tools) {
    const auto config = config_file(options);
    if (!config) return fail_usage(tools, config.error());
    const CheckReport report = tools.core.check(*config, {options.has("without-secrets")});
    const bool refused = report.errors > 0 || (options.has("strict") && report.warnings > 0);
    if (options.has("json")) {
        tools.context.out << check_json(report, !refused) << '\n';
    } else {
        for (const Finding& finding : report.findings) {
            tools.context.err << printable(finding.text) << '\n';
        }
        tools.context.out << config->string() << ": " << counted(report.errors, "error") << ", "
                          << counted(report.warnings, "warning") << "; "
                          << counted(report.actions, "action") << " can be invoked, "
                          << report.unavailable << " cannot\n";
    }
    return refused ? exit_code::usage : exit_code::success;
}

int run_plugins_list(const Options& options, const Tools& tools) {
    const auto config = config_file(options);
    if (!config) return print_plugins(tools.core.list_plugins_on_path(), options, tools);
    const auto plugins = tools.core.list_plugins(*config);
    return plugins ? print_plugins(*plugins, options, tools) : fail_usage(tools, plugins.error());
}

int run_plugins_inspect(const Options& options, const Tools& tools) {
    const auto plugin = tools.core.inspect_plugin(options.arguments()[0]);
    if (!plugin) return fail_usage(tools, plugin.error());
    if (options.has("json")) return print_plugins_json({*plugin}, true, tools);
    const int code = print_plugins({*plugin}, options, tools);
    if (!plugin->descriptor.empty()) {
        tools.context.out << '\n' << printable(indent_json(plugin->descriptor)) << '\n';
    }
    return code;
}

}  // namespace signalbox::app
