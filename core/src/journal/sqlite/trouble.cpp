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
    log_.write({LogLevel::error, names_.failing, error.message, {{"error", error.code}}});
}

void Trouble::clear() {
    {
        const std::lock_guard lock(mutex_);
        if (!std::exchange(error_, std::nullopt)) return;
    }
    log_.write({LogLevel::info, names_.works_again, "", {}});
}

}  // namespace signalbox::journal::sqlite
