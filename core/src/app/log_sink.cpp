#include "app/log_sink.hpp"

#include <unistd.h>

#include <cerrno>

#include "app/text.hpp"

namespace signalbox::app {
namespace {

std::string_view level_name(LogLevel level) {
    switch (level) {
        case LogLevel::debug:
            return "debug";
        case LogLevel::info:
            return "info";
        case LogLevel::warning:
            return "warning";
        case LogLevel::error:
            return "error";
    }
    return "error";
}

bool is_member_of_every_line(std::string_view name) {
    return name == "time" || name == "level" || name == "event" || name == "message";
}

void add_member(std::string& line, std::string_view name, std::string_view value) {
    line += (line.size() > 1 ? "," : "") + json_string(name) + ":" + json_string(value);
}

std::string json_line(const LogEvent& event, std::int64_t wall_ms) {
    std::string line = "{";
    add_member(line, "time", iso_time(wall_ms));
    add_member(line, "level", level_name(event.level));
    add_member(line, "event", event.name);
    if (!event.message.empty()) add_member(line, "message", event.message);
    for (const auto& [name, value] : event.fields) {
        add_member(line, is_member_of_every_line(name) ? "field_" + std::string(name) : name,
                   value);
    }
    return line + "}\n";
}

std::string readable_line(const LogEvent& event, std::int64_t wall_ms) {
    std::string line =
        iso_time(wall_ms) + " " + std::string(level_name(event.level)) + " " + one_line(event.name);
    if (!event.message.empty()) line += "  " + one_line(event.message);
    for (const auto& [name, value] : event.fields) {
        line += "  " + one_line(name) + "=" + one_line(value);
    }
    return line + "\n";
}

}  // namespace

std::string log_line(const LogEvent& event, LogForm form, std::int64_t wall_ms) {
    return form == LogForm::json ? json_line(event, wall_ms) : readable_line(event, wall_ms);
}

void StreamLog::write(const LogEvent& event) {
    const std::string line = log_line(event, form_, clock_.wall_ms());
    const std::lock_guard lock(mutex_);
    std::size_t written = 0;
    while (written < line.size()) {
        const ssize_t count = ::write(descriptor_, line.data() + written, line.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        written += static_cast<std::size_t>(count);
    }
}

}  // namespace signalbox::app
