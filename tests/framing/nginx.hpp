#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "support/child.hpp"
#include "support/world.hpp"

namespace signalbox::net::test {

/// An nginx that passes everything on to a server on 127.0.0.1, keeping its connections there
/// alive.
class Nginx {
  public:
    explicit Nginx(std::uint16_t upstream_port);
    /// Bodies are read whole before they are passed on, as nginx does by default.
    std::uint16_t buffering_port() const { return buffering_port_; }
    /// Bodies are passed on as they come, chunks as chunks.
    std::uint16_t streaming_port() const { return streaming_port_; }

  private:
    signalbox::test::Folder folder_;
    std::uint16_t buffering_port_;
    std::uint16_t streaming_port_;
    std::unique_ptr<signalbox::test::Child> nginx_;
};

}  // namespace signalbox::net::test
