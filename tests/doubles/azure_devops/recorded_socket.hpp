#pragma once

#include <Poco/Net/StreamSocket.h>
#include <Poco/Net/StreamSocketImpl.h>

#include <memory>
#include <string>

#include "stop_signal.hpp"

namespace azure_standin {

/// What a connection received, byte for byte. Poco decodes RFC 2047 words in header values and
/// ends a cut-off body like a whole one; only the bytes themselves tell.
struct Recording {
    std::string head;         ///< request line and headers, up to the blank line
    bool head_ended = false;  ///< the blank line has come
    bool cut_off = false;     ///< the peer closed, or went silent past the timeout
};

/// A second handle on `socket`'s connection that keeps a recording of what is read through it.
/// Reading ends early, as if the peer had closed, when `stop` is raised; `stop` must outlive the
/// handle.
Poco::Net::StreamSocket record(const Poco::Net::StreamSocket& socket,
                               std::shared_ptr<Recording> recording, const StopSignal& stop);

}  // namespace azure_standin
