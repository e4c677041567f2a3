#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.hpp"

namespace signalbox::net {

/// What one loop's connections share, so that an idle connection holds no buffer at all. One
/// thread.
class Buffers {
  public:
    static constexpr std::size_t scratch_bytes = 64 * limits::kib;

    /// Where a read lands; its content is valid until the next read of whichever connection.
    char* scratch() { return scratch_.get(); }

    /// An empty string, its capacity left over from another use where there is one.
    std::string take() {
        if (spare_.empty()) return {};
        std::string buffer = std::move(spare_.back());
        spare_.pop_back();
        return buffer;
    }
    void give(std::string&& buffer) {
        if (spare_.size() >= kSpareMax || buffer.capacity() > kSpareBytesMax) {
            std::string().swap(buffer);
            return;
        }
        buffer.clear();
        spare_.push_back(std::move(buffer));
        buffer.clear();
    }

  private:
    static constexpr std::size_t kSpareMax = 64;
    static constexpr std::size_t kSpareBytesMax = 64 * limits::kib;

    std::unique_ptr<char[]> scratch_ = std::make_unique<char[]>(scratch_bytes);
    std::vector<std::string> spare_;
};

}  // namespace signalbox::net
