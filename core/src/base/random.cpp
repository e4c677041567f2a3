#include "signalbox/random.hpp"

#include <sys/random.h>

#include <cerrno>
#include <system_error>

namespace signalbox {
namespace {

class SystemRandom final : public Random {
  public:
    void fill(std::uint8_t* bytes, std::size_t size) override {
        // Large requests may come back short, or be interrupted by a signal.
        while (size > 0) {
            const ssize_t got = ::getrandom(bytes, size, 0);
            if (got < 0) {
                if (errno == EINTR) continue;
                throw std::system_error(errno, std::generic_category(), "getrandom");
            }
            bytes += got;
            size -= static_cast<std::size_t>(got);
        }
    }
};

}  // namespace

Random& system_random() {
    static SystemRandom random;
    return random;
}

}  // namespace signalbox
