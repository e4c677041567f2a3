#include "settings.hpp"

#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/uri.hpp"

namespace azure_pipelines {

namespace plugin = signalbox::plugin;

Settings read_settings(std::string_view text) {
    const auto json = plugin::json::parse(text);
    Settings settings;
    settings.organization = json["organization"].text_or("");
    settings.base_url = json["base_url"].text_or("https://dev.azure.com/" +
                                                 plugin::percent_encode(settings.organization));
    settings.api_version = json["api_version"].text_or("6.0-preview");
    const auto last = settings.base_url.find_last_not_of('/');
    settings.base_url.resize(last == std::string::npos ? 0 : last + 1);
    return settings;
}

}  // namespace azure_pipelines
