#pragma once

#include <mutex>
#include <string_view>

namespace azure_standin {

/// What a person or a test reads on standard output. One write() a line, so that lines of several
/// threads never mix and none waits in a buffer. Safe from any thread; a closed reader is ignored.
class Console {
  public:
    void line(std::string_view text);

  private:
    std::mutex mutex_;
};

}  // namespace azure_standin
