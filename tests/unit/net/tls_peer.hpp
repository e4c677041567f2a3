#pragma once

#include <openssl/ssl.h>

#include <memory>
#include <string>
#include <string_view>

#include "certificates.hpp"
#include "support.hpp"

namespace signalbox::net::test {

/// A client by plain OpenSSL, blocking; trusts everybody and shows what it is told to.
class TlsPeer {
  public:
    struct Options {
        int version_max = TLS1_3_VERSION;
        const KeyAndCertificate* identity = nullptr;
        SSL_SESSION* session = nullptr;
    };
    TlsPeer(Peer peer, Options options);

    /// Was the handshake done? In TLS 1.3 the server's view of our certificate comes with the first
    /// read.
    bool shaken() const { return shaken_; }
    void send(std::string_view bytes);
    /// All that comes, until the server ends it.
    std::string read_to_end();
    /// A head and the body of its Content-Length.
    std::string read_message();
    /// The name of the alert that ended the handshake or a read; empty: none did.
    const std::string& alert() const { return *alert_; }
    std::string version() const { return SSL_get_version(tls_.get()); }
    bool resumed() const { return SSL_session_reused(tls_.get()) == 1; }
    std::shared_ptr<SSL_SESSION> session() const;
    /// The serial number of the server's certificate.
    long serial() const;
    Peer& plain() { return peer_; }

  private:
    bool read_some();

    std::shared_ptr<SSL_CTX> context_;
    Peer peer_;
    std::unique_ptr<SSL, decltype(&SSL_free)> tls_;
    bool shaken_ = false;
    std::string ahead_;
    std::shared_ptr<std::string> alert_ = std::make_shared<std::string>();  // stays where it is
};

long serial_of(const KeyAndCertificate& identity);

}  // namespace signalbox::net::test
