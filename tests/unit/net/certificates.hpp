#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <string>

#include "support.hpp"

/// A certificate authority of the test's own, and a server that shows certificates made by it.
namespace signalbox::net::test {

struct KeyAndCertificate {
    std::shared_ptr<EVP_PKEY> key;
    std::shared_ptr<X509> certificate;
};

KeyAndCertificate make_authority();
/// `names` as OpenSSL writes subject alternative names: `DNS:localhost,IP:127.0.0.1`.
KeyAndCertificate make_certificate(const KeyAndCertificate& authority, const std::string& names,
                                   long valid_from_s = -3'600, long valid_to_s = 3'600);
/// A file with the authority's certificate, gone with the last copy.
std::shared_ptr<const std::string> certificate_file(const KeyAndCertificate& authority);

/// Answers each request on each of `connections` connections with `x`, over TLS.
class TlsServer {
  public:
    TlsServer(const KeyAndCertificate& identity, std::size_t connections,
              int version_max = TLS1_3_VERSION);

    std::string url(const std::string& host) const;
    void join() { server_->join(); }
    int resumed() const { return resumed_; }  ///< handshakes; after join()
    std::string server_name() const { return server_name_; }

  private:
    void serve(Peer peer);

    std::shared_ptr<SSL_CTX> context_;
    int resumed_ = 0;
    std::string server_name_;
    std::unique_ptr<ScriptedServer> server_;
};

}  // namespace signalbox::net::test
