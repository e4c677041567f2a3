#include "settings.hpp"

#include "signalbox/plugin/json.hpp"
#include "signalbox/plugin/types.hpp"
#include "url.hpp"

namespace webhook {

namespace plugin = signalbox::plugin;

Settings read_settings(std::string_view text) {
    const auto json = plugin::json::parse(text);
    Settings settings;
    settings.base_url = json["base_url"].text_or("");
    settings.delivery_id_header = json["delivery_id_header"].text_or("X-Signalbox-Delivery");
    settings.authorization = json["authorization"].text_or("");
    if (settings.base_url.empty()) return settings;
    if (const auto fault = url_fault(settings.base_url); !fault.empty())
        throw plugin::Refusal("/base_url", fault);
    if (settings.base_url.find('?') != std::string::npos)
        throw plugin::Refusal("/base_url", "has a query; write queryParams in the action");
    const auto last = settings.base_url.find_last_not_of('/');
    settings.base_url.resize(last + 1);
    return settings;
}

}  // namespace webhook
