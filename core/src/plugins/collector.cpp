#include "plugins/collector.hpp"

#include <utility>

#include "base/limits.hpp"
#include "plugins/http_text.hpp"

namespace signalbox::plugins {

std::optional<Error> Collector::conclude(signalbox_answer answer, const std::string& plugin,
                                         const char* call, const char* refused_code) const {
    switch (answer) {
        case SIGNALBOX_OK:
            if (breached_) return broken(plugin, call, breach_);
            if (!problems_.empty()) {
                return broken(plugin, call,
                              "it answered OK and reported a problem" + first_problem());
            }
            return std::nullopt;
        case SIGNALBOX_REFUSED:
            if (refused_code == nullptr) {
                return broken(plugin, call, "it refused, which this call cannot" + first_problem());
            }
            // Nothing is sent after a refusal, so a reason is all that is asked of it.
            if (problems_.empty()) return broken(plugin, call, "it refused without a reason");
            return Error{refused_code, "plugin '" + plugin + "' refuses this" + first_problem(),
                         problems_};
        case SIGNALBOX_BROKEN:
            if (breached_) return broken(plugin, call, breach_ + first_problem());
            return broken(plugin, call, "it reports a defect of its own" + first_problem());
        default:
            return broken(plugin, call,
                          "it answered " + std::to_string(answer) +
                              "; accepted are 0 (OK), 1 (REFUSED) and 2 (BROKEN)");
    }
}

void Collector::breach(std::string what) noexcept {
    if (breached_) return;
    breached_ = true;
    breach_ = std::move(what);
}

void Collector::on_problem(void* context, signalbox_text pointer, signalbox_text message) noexcept {
    auto& self = *static_cast<Collector*>(context);
    self.shielded([&] {
        constexpr std::size_t pointer_bytes_max = 512;
        const auto where = self.read(pointer, "a problem's pointer");
        const auto what = self.read(message, "a problem's message");
        if (!where || !what || self.problems_.size() == limits::plugin_problems_max) return;
        // Only a JSON pointer can be followed; whatever else was given would mislead.
        const bool is_pointer = where->starts_with('/') && where->size() <= pointer_bytes_max;
        self.problems_.push_back(
            {is_pointer ? clean_text(*where, pointer_bytes_max) : std::string(),
             clean_text(*what, limits::plugin_reason_bytes_max)});
    });
}

std::optional<std::string_view> Collector::read(signalbox_text text, const char* what) noexcept {
    if (text.size == 0) return std::string_view();
    if (text.data != nullptr) return std::string_view(text.data, text.size);
    shielded([&] { breach(std::string(what) + " has a size but no data"); });
    return std::nullopt;
}

bool Collector::once(bool& said, const char* what) noexcept {
    if (!std::exchange(said, true)) return true;
    shielded([&] { breach(std::string(what) + " was said twice"); });
    return false;
}

Error Collector::broken(const std::string& plugin, const char* call, const std::string& how) const {
    return {"plugin_broken",
            "plugin '" + plugin + "' broke its contract in " + call + "(): " + how +
                ". This is a defect in the plugin: report it to its author.",
            problems_};
}

std::string Collector::first_problem() const {
    if (problems_.empty()) return {};
    const Detail& first = problems_.front();
    return ": " + (first.pointer.empty() ? "" : first.pointer + " ") + first.message;
}

}  // namespace signalbox::plugins
