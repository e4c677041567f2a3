#include "console.hpp"

#include <unistd.h>

#include <cerrno>
#include <string>

namespace azure_standin {

void Console::line(std::string_view text) {
    std::string bytes(text);
    bytes += '\n';
    const std::lock_guard lock(mutex_);
    std::size_t written = 0;
    while (written < bytes.size()) {
        const ssize_t count =
            ::write(STDOUT_FILENO, bytes.data() + written, bytes.size() - written);
        if (count < 0 && errno == EINTR) continue;
        if (count <= 0) return;
        written += static_cast<std::size_t>(count);
    }
}

}  // namespace azure_standin
