#pragma once

#include <Poco/AutoPtr.h>
#include <Poco/Net/Context.h>
#include <Poco/Net/StreamSocket.h>

#include <cstddef>
#include <string>
#include <string_view>

#include "net/io.hpp"

namespace signalbox::net {

/// The bytes of one accepted connection, plain until secure() is called. Never blocks.
/// [loop thread]
class Stream {
  public:
    /// The socket is non-blocking.
    explicit Stream(Poco::Net::StreamSocket socket);
    ~Stream();
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    int descriptor() const { return descriptor_; }

    /// From here on it speaks TLS, as the server; handshake() is called until it is done.
    void secure(Poco::Net::Context::Ptr context);
    Io handshake();
    /// After handshake() gave `again`: it waits to write, not to read.
    bool handshake_wants_write() const { return handshake_wants_write_; }

    Io read(char* into, std::size_t bytes_max, std::size_t& got);
    /// `taken`: what the kernel has accepted. After `again`, the next call begins with the same bytes.
    Io write(std::string_view bytes, std::size_t& taken);

    /// Reads and drops what comes, as it comes from the wire. `got` as in read().
    Io drain(char* scratch, std::size_t bytes_max, std::size_t& got);
    /// Ends our side: the peer is told that nothing more comes.
    void end();
    void close();

  private:
    class Accepted;

    Poco::Net::StreamSocket socket_;
    const int descriptor_;
    Poco::AutoPtr<Accepted> secure_;
    bool handshake_wants_write_ = false;
};

}  // namespace signalbox::net
