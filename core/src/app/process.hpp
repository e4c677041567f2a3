#pragma once

#include "app/context.hpp"

namespace signalbox::app {

/// SIGTERM and SIGINT of this process.
class ProcessStopSignals final : public StopSignals {
  public:
    void hold() override;
    std::string wait() override;
    void let_the_next_one_end_the_process() override;
};

/// Raises the soft limit of open descriptors to the hard one, as each connection takes one. Where
/// that is not allowed the limit stays as it is.
void raise_descriptor_limit();

}  // namespace signalbox::app
