#pragma once

#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "request.hpp"

namespace azure_standin {

/// Every delivery that was verified and taken, one line of JSON each:
/// `{"id":…,"delivery":…,"body_base64":…,"headers":{…}}`. `id` is the run id the body tells,
/// `delivery` the sender's delivery id; either may be null. Thread-safe.
class Ledger {
  public:
    /// Appends to `file` when one is named. Throws std::runtime_error when it cannot be opened.
    explicit Ledger(const std::optional<std::string>& file);
    ~Ledger();
    Ledger(const Ledger&) = delete;
    Ledger& operator=(const Ledger&) = delete;

    void add(const Request& request);

    /// A JSON array of what was received, oldest first. Memory keeps the newest 64 MiB; the file
    /// keeps all.
    std::string as_json() const;

  private:
    mutable std::mutex mutex_;
    int descriptor_ = -1;
    std::deque<std::string> lines_;
    std::size_t bytes_ = 0;
};

}  // namespace azure_standin
