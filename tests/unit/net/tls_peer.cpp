#include "tls_peer.hpp"

#include <array>
#include <utility>

namespace signalbox::net::test {
namespace {

void note_alert(const SSL* tls, int where, int value) {
    if ((where & SSL_CB_READ_ALERT) != SSL_CB_READ_ALERT || (value >> 8) != SSL3_AL_FATAL) return;
    // OpenSSL 3.0 has no words for the newest.
    *static_cast<std::string*>(SSL_get_app_data(tls)) =
        (value & 0xff) == SSL_AD_CERTIFICATE_REQUIRED ? "certificate required"
                                                      : SSL_alert_desc_string_long(value);
}

long serial(const X509* certificate) {
    return certificate == nullptr ? -1 : ASN1_INTEGER_get(X509_get0_serialNumber(certificate));
}

}  // namespace

TlsPeer::TlsPeer(Peer peer, Options options)
    : context_(SSL_CTX_new(TLS_client_method()), SSL_CTX_free),
      peer_(std::move(peer)),
      tls_(nullptr, SSL_free) {
    SSL_CTX_set_security_level(context_.get(), 0);  // so that old versions can be asked for at all
    SSL_CTX_set_max_proto_version(context_.get(), options.version_max);
    SSL_CTX_set_min_proto_version(context_.get(), TLS1_VERSION);
    if (options.identity != nullptr) {
        SSL_CTX_use_certificate(context_.get(), options.identity->certificate.get());
        SSL_CTX_use_PrivateKey(context_.get(), options.identity->key.get());
    }
    tls_.reset(SSL_new(context_.get()));
    SSL_set_app_data(tls_.get(), alert_.get());
    SSL_set_info_callback(tls_.get(), note_alert);
    SSL_set_fd(tls_.get(), peer_.descriptor());
    if (options.session != nullptr) SSL_set_session(tls_.get(), options.session);
    shaken_ = SSL_connect(tls_.get()) == 1;
}

void TlsPeer::send(std::string_view bytes) {
    SSL_write(tls_.get(), bytes.data(), static_cast<int>(bytes.size()));
}

bool TlsPeer::read_some() {
    std::array<char, 16'384> buffer;
    const int got = SSL_read(tls_.get(), buffer.data(), static_cast<int>(buffer.size()));
    if (got > 0) ahead_.append(buffer.data(), static_cast<std::size_t>(got));
    return got > 0;
}

std::string TlsPeer::read_to_end() {
    while (read_some()) {
    }
    return std::exchange(ahead_, {});
}

std::string TlsPeer::read_message() {
    for (;;) {
        const std::size_t end = ahead_.find("\r\n\r\n");
        const std::size_t length = ahead_.find("Content-Length: ");
        if (end != std::string::npos && length < end) {
            const std::size_t bytes = end + 4 + std::stoul(ahead_.substr(length + 16));
            if (ahead_.size() >= bytes) {
                std::string message = ahead_.substr(0, bytes);
                ahead_.erase(0, bytes);
                return message;
            }
        }
        if (!read_some()) return std::exchange(ahead_, {});
    }
}

std::shared_ptr<SSL_SESSION> TlsPeer::session() const {
    return {SSL_get1_session(tls_.get()), SSL_SESSION_free};
}

long TlsPeer::serial() const {
    return test::serial_of({nullptr, {SSL_get1_peer_certificate(tls_.get()), X509_free}});
}

long serial_of(const KeyAndCertificate& identity) {
    return serial(identity.certificate.get());
}

}  // namespace signalbox::net::test
