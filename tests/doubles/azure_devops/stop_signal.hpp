#pragma once

namespace azure_standin {

/// Tells everything that waits (delays, hanging replies, running steps) that the program ends.
/// Raised once and for good. Safe from any thread.
class StopSignal {
  public:
    StopSignal();
    ~StopSignal();
    StopSignal(const StopSignal&) = delete;
    StopSignal& operator=(const StopSignal&) = delete;

    void raise();
    bool raised() const { return wait_ms(0); }

    /// Waits until raised or until the time is over; -1 waits for good. True when raised.
    bool wait_ms(int timeout_ms) const;

    /// Readable from the moment it is raised; for poll() together with other descriptors.
    int descriptor() const { return descriptor_; }

  private:
    int descriptor_;
};

}  // namespace azure_standin
