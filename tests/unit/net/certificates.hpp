#pragma once

#include <openssl/ssl.h>

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

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
/// Vouched for by nobody but itself.
KeyAndCertificate make_self_signed(const std::string& names);
/// A file with the certificate, in PEM form, gone with the last copy.
std::shared_ptr<const std::string> certificate_file(const KeyAndCertificate& authority);
/// A file with the key, in PEM form, gone with the last copy.
std::shared_ptr<const std::string> key_file(const KeyAndCertificate& identity);
/// The certificate, and the key, as texts in PEM form.
std::string certificate_pem(const KeyAndCertificate& identity);
std::string key_pem(const KeyAndCertificate& identity);

/// Answers each request on each of `connections` connections with `x`, over TLS.
class TlsServer {
  public:
    /// `clients`: the authority that its clients' certificates, which it then requires, must be by.
    TlsServer(const KeyAndCertificate& identity, std::size_t connections,
              int version_max = TLS1_3_VERSION, const KeyAndCertificate* clients = nullptr);
    ~TlsServer();

    std::string url(const std::string& host) const;
    void join();  ///< returns when the client has ended every connection
    int resumed() const { return resumed_; }  ///< handshakes; after join()
    std::string server_name() const { return server_name_; }
    int requests() const { return requests_; }  ///< read whole; after join()

  private:
    void serve(Peer peer);

    std::shared_ptr<SSL_CTX> context_;
    std::mutex mutex_;  // guards what the threads of several connections count
    int resumed_ = 0;
    int requests_ = 0;
    std::string server_name_;
    std::vector<std::thread> serving_;  // one a connection
    std::unique_ptr<ScriptedServer> server_;
};

}  // namespace signalbox::net::test
