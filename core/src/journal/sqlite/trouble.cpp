#include "journal/sqlite/trouble.hpp"

#include <utility>

namespace signalbox::journal::sqlite {

std::optional<Error> Trouble::get() const {
    const std::lock_guard lock(mutex_);
    return error_;
}

void Trouble::set(const Error& error) {
    {
        const std::lock_guard lock(mutex_);
        if (std::exchange(error_, error)) return;
    }
    tell({LogLevel::error, names_.failing, error.message, {{"error", error.code}}});
}

void Trouble::clear() {
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(error_, std::nullopt)) return;
    }
    tell({LogLevel::info, names_.works_again, "", {}});
}

// Who commits has a promise to keep, whatever a host's log does.
void Trouble::tell(const LogEvent& event) noexcept {
    try {
        log_.write(event);
    } catch (...) {
        // The line is lost; get() says the same.
    }
}

}  // namespace signalbox::journal::sqlite
