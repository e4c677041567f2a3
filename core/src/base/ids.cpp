#include "base/ids.hpp"

#include <algorithm>
#include <string_view>

namespace signalbox {
namespace {

constexpr std::string_view kDigits = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::size_t kTimeBytes = 6;
constexpr std::size_t kDigitCount = 26;

using Bytes = std::array<std::uint8_t, 16>;

Bytes with_time(std::int64_t unix_ms) {
    Bytes bytes{};
    auto rest = static_cast<std::uint64_t>(std::max<std::int64_t>(unix_ms, 0));
    for (std::size_t i = kTimeBytes; i-- > 0; rest >>= 8) {
        bytes[i] = static_cast<std::uint8_t>(rest & 0xff);
    }
    return bytes;
}

/// Adds one to the whole number. The carry may run into the time, which keeps the order.
void increment(Bytes& bytes) {
    for (std::size_t i = bytes.size(); i-- > 0;) {
        if (++bytes[i] != 0) return;
    }
}

/// 128 bits as 26 digits of five bits, the two missing ones being zeros in front.
std::string spell(const Bytes& bytes) {
    std::string id = "r_";
    id.reserve(2 + kDigitCount);
    std::uint32_t window = 0;
    int bits = 2;
    for (const std::uint8_t byte : bytes) {
        window = window << 8 | byte;
        bits += 8;
        while (bits >= 5) {
            bits -= 5;
            id += kDigits[window >> bits & 31];
        }
    }
    return id;
}

}  // namespace

std::string RunIds::next_run_id() {
    const std::lock_guard lock(mutex_);
    Bytes now = with_time(clock_.wall_ms());
    const bool later = std::lexicographical_compare(last_.begin(), last_.begin() + kTimeBytes,
                                                    now.begin(), now.begin() + kTimeBytes);
    if (later || !used_) {
        random_.fill(now.data() + kTimeBytes, now.size() - kTimeBytes);
        last_ = now;
        used_ = true;
    } else {
        increment(last_);
    }
    return spell(last_);
}

}  // namespace signalbox
