#include "plugins/services.hpp"

#include <algorithm>
#include <utility>

#include "base/limits.hpp"
#include "base/trace.hpp"
#include "plugins/breadcrumb.hpp"
#include "plugins/http_text.hpp"

namespace signalbox::plugins {
namespace {

std::string_view view(signalbox_text text) {
    if (text.size == 0 || text.data == nullptr) return {};
    return {text.data, text.size};
}

LogLevel level_of(std::int32_t level) {
    switch (level) {
        case SIGNALBOX_LOG_DEBUG:
            return LogLevel::debug;
        case SIGNALBOX_LOG_WARNING:
            return LogLevel::warning;
        case SIGNALBOX_LOG_ERROR:
            return LogLevel::error;
        default:
            return LogLevel::info;
    }
}

bool is_event_name(std::string_view name) {
    return !name.empty() && name.size() <= limits::plugin_event_bytes_max &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_';
           });
}

/// A field that we add ourselves: a log line's object has each key once.
bool is_ours(std::string_view name) {
    return name == "plugin" || name == "connection" || name == "run" || name == "trace";
}

/// A service is called by code that knows nothing of C++: what is thrown here (only memory can run
/// out) must not reach it, and a log line or a count that is lost does no harm.
template <class Body>
void shielded(Body&& body) noexcept {
    try {
        body();
    } catch (...) {
    }
}

}  // namespace

Services::Services(std::string plugin, ConnectionInfo info, LogSink& log, const Clock& clock)
    : plugin_(std::move(plugin)),
      info_(std::move(info)),
      log_(log),
      clock_(clock),
      log_table_{sizeof log_table_, 0, this, &write_log},
      clock_table_{sizeof clock_table_, 0, this,
                   [](void* self) { return of(self).clock_.wall_ms(); },
                   [](void* self) { return of(self).clock_.steady_ms(); }},
      secret_table_{sizeof secret_table_, 0, this, &read_secret},
      metric_table_{sizeof metric_table_, 0, this, &count},
      host_{sizeof host_, SIGNALBOX_ABI_MINOR, this, &service} {}

const void* Services::service(void* context, signalbox_text id) noexcept {
    const Services& self = of(context);
    const std::string_view name = view(id);
    if (name == SIGNALBOX_LOG_SERVICE) return &self.log_table_;
    if (name == SIGNALBOX_CLOCK_SERVICE) return &self.clock_table_;
    if (name == SIGNALBOX_SECRET_SERVICE) return &self.secret_table_;
    if (name == SIGNALBOX_CRYPTO_SERVICE) return &crypto_service();
    if (name == SIGNALBOX_METRIC_SERVICE && self.info_.events != nullptr)
        return &self.metric_table_;
    return nullptr;
}

void Services::write_log(void* context, std::int32_t level, signalbox_text message,
                         const signalbox_field* fields, std::size_t count) noexcept {
    shielded([&] {
        const Services& self = of(context);
        constexpr std::size_t bytes_max = limits::plugin_log_message_bytes_max;
        const std::string words = clean_text(view(message), bytes_max);
        // The names outlive the event that points at them.
        std::vector<std::string> names;
        LogEvent event{level_of(level), "plugin_log", words, {{"plugin", self.plugin_}}};
        if (!self.info_.name.empty()) event.fields.emplace_back("connection", self.info_.name);
        // A plugin logs inside a call of ours, which says of which run it is.
        const PluginCall running = running_plugin_call();
        if (!running.run.empty()) {
            event.fields.emplace_back("run", std::string(running.run));
            event.fields.emplace_back("trace", trace_id(running_trace(), running.run));
        }
        count = fields == nullptr ? 0 : std::min(count, limits::plugin_log_fields_max);
        names.reserve(count);
        for (std::size_t i = 0; i < count; ++i) {
            names.push_back(clean_text(view(fields[i].name), limits::plugin_event_bytes_max));
            if (is_ours(names.back())) names.back().insert(0, "field_");
            event.fields.emplace_back(names.back(), clean_text(view(fields[i].value), bytes_max));
        }
        self.log_.write(event);
    });
}

signalbox_answer Services::read_secret(void* context, signalbox_text name,
                                       void (*take)(void*, signalbox_text), void* taker) noexcept {
    const auto& secrets = of(context).info_.secrets;
    const auto found = secrets.find(view(name));
    if (found == secrets.end() || take == nullptr) return SIGNALBOX_REFUSED;
    take(taker, {found->second.data(), found->second.size()});
    return SIGNALBOX_OK;
}

void Services::count(void* context, signalbox_text event, std::uint64_t amount) noexcept {
    shielded([&] {
        auto& self = *static_cast<Services*>(context);
        const std::string_view name = view(event);
        if (!is_event_name(name)) return;
        {
            // Every event becomes a series of its own, and a name made from a reply would make any
            // number of them.
            const std::lock_guard lock(self.mutex_);
            if (self.events_.find(name) == self.events_.end()) {
                if (self.events_.size() == limits::plugin_events_max) return;
                self.events_.emplace(name);
            }
        }
        self.info_.events->count(self.plugin_, self.info_.name, name, amount);
    });
}

}  // namespace signalbox::plugins
