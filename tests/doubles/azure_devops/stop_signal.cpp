#include "stop_signal.hpp"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <system_error>

namespace azure_standin {

StopSignal::StopSignal() : descriptor_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
    if (descriptor_ < 0) throw std::system_error(errno, std::generic_category(), "eventfd");
}

StopSignal::~StopSignal() {
    ::close(descriptor_);
}

void StopSignal::raise() {
    const std::uint64_t one = 1;
    // The write can only fail when the counter is full, and then the signal is raised already.
    if (::write(descriptor_, &one, sizeof one) != sizeof one) return;
}

bool StopSignal::wait_ms(int timeout_ms) const {
    pollfd waiting{descriptor_, POLLIN, 0};
    return ::poll(&waiting, 1, timeout_ms) > 0;
}

}  // namespace azure_standin
