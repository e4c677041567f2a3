#pragma once

#include <Poco/Exception.h>
#include <Poco/Net/NetException.h>
#include <Poco/Net/SSLException.h>
#include <Poco/Net/SecureStreamSocket.h>
#include <openssl/err.h>

#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>

#include "net/io.hpp"

namespace signalbox::net {

/// How one call into Poco's TLS went.
struct TlsStep {
    Io io = Io::failed;
    std::size_t count = 0;     ///< bytes, where the call moves any
    bool wants_write = false;  ///< after Io::again: it waits to write, not to read
    std::string problem;       ///< after Io::failed: OpenSSL's words
};

/// Runs `call`, which gives a count or Poco's way of saying "not now".
template <class Call>
TlsStep tls_step(Call call) {
    // OpenSSL reads the outcome of a call from a queue of the thread, which must be empty before
    // it.
    ERR_clear_error();
    TlsStep step;
    try {
        const int result = call();
        if (result > 0) {
            step.io = Io::done;
            step.count = static_cast<std::size_t>(result);
        } else if (result == 0) {
            step.io = Io::ended;
        } else {
            step.io = Io::again;
            step.wants_write = result == Poco::Net::SecureStreamSocket::ERR_SSL_WANT_WRITE;
        }
    } catch (const Poco::Net::SSLConnectionUnexpectedlyClosedException&) {
        step.io = Io::ended;
    } catch (const Poco::Net::ConnectionResetException&) {
        step.problem = std::generic_category().message(ECONNRESET);
    } catch (const Poco::Exception& problem) {
        step.problem = problem.displayText();
    }
    return step;
}

}  // namespace signalbox::net
