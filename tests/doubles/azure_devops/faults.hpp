#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace azure_standin {

/// What goes wrong with a delivery on purpose.
struct Fault {
    enum class Kind {
        status,            ///< answered with this status, nothing else done with it
        hang_after_body,   ///< taken as usual, never answered
        reset_after_body,  ///< taken as usual, connection reset instead of an answer
    };

    Kind kind = Kind::status;
    int status = 0;
    std::string retry_after;        ///< value of Retry-After; empty for none
    std::optional<unsigned> times;  ///< deliveries it applies to; absent for all
};

/// Reads `status=503,retry-after=2,times=3`, `hang-after-body` or `reset-after-body,times=1`.
/// Throws std::invalid_argument with a text for the person who wrote it.
Fault parse_fault(const std::string& text);

/// Hands out faults in the order given, each for as many deliveries as it asks for. Thread-safe.
class Faults {
  public:
    explicit Faults(std::vector<Fault> faults) : faults_(std::move(faults)) {}

    std::optional<Fault> next();

  private:
    std::mutex mutex_;
    std::vector<Fault> faults_;
};

}  // namespace azure_standin
