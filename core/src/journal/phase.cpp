#include <array>
#include <cstddef>
#include <optional>
#include <string_view>

#include "journal/journal.hpp"

namespace signalbox::journal {
namespace {

constexpr std::array<const char*, 11> phase_names = {
    "waiting_approval", "queued", "sending",  "retrying", "accepted",  "confirmed",
    "unconfirmed",      "held",   "finished", "declined", "cancelled",
};
static_assert(phase_names.size() == static_cast<std::size_t>(Phase::cancelled) + 1);

}  // namespace

const char* phase_name(Phase phase) {
    const auto number = static_cast<std::size_t>(phase);
    return number < phase_names.size() ? phase_names[number] : "unknown";
}

std::optional<Phase> phase_from_name(std::string_view name) {
    for (std::size_t number = 0; number < phase_names.size(); ++number) {
        if (name == phase_names[number]) return static_cast<Phase>(number);
    }
    return std::nullopt;
}

bool is_final(Phase phase) {
    return phase == Phase::finished || phase == Phase::declined || phase == Phase::cancelled;
}

}  // namespace signalbox::journal
