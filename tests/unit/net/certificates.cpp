#include "certificates.hpp"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <stdexcept>

namespace signalbox::net::test {
namespace {

void add_extension(X509* certificate, X509* issuer, int kind, const std::string& value) {
    X509V3_CTX context;
    X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
    X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
    if (extension == nullptr) throw std::runtime_error("bad extension: " + value);
    X509_add_ext(certificate, extension, -1);
    X509_EXTENSION_free(extension);
}

KeyAndCertificate make(const char* name, long from_s, long to_s) {
    KeyAndCertificate made;
    made.key.reset(EVP_EC_gen("P-256"), EVP_PKEY_free);
    made.certificate.reset(X509_new(), X509_free);
    X509* certificate = made.certificate.get();
    static long serial = 0;
    X509_set_version(certificate, 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate), ++serial);
    X509_gmtime_adj(X509_getm_notBefore(certificate), from_s);
    X509_gmtime_adj(X509_getm_notAfter(certificate), to_s);
    X509_set_pubkey(certificate, made.key.get());
    X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name), -1, -1, 0);
    return made;
}

}  // namespace

KeyAndCertificate make_authority() {
    KeyAndCertificate made = make("Test Authority", -3'600, 3'600);
    X509* certificate = made.certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, certificate, NID_basic_constraints, "critical,CA:TRUE");
    X509_sign(certificate, made.key.get(), EVP_sha256());
    return made;
}

KeyAndCertificate make_certificate(const KeyAndCertificate& authority, const std::string& names,
                                   long valid_from_s, long valid_to_s) {
    KeyAndCertificate made = make("Test Server", valid_from_s, valid_to_s);
    X509* certificate = made.certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(authority.certificate.get()));
    add_extension(certificate, authority.certificate.get(), NID_subject_alt_name, names);
    X509_sign(certificate, authority.key.get(), EVP_sha256());
    return made;
}

std::shared_ptr<const std::string> certificate_file(const KeyAndCertificate& authority) {
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/signalbox_ca_XXXXXX";
    const int descriptor = mkstemp(path.data());
    if (descriptor < 0) throw std::runtime_error("no temporary file");
    std::FILE* file = fdopen(descriptor, "w");
    PEM_write_X509(file, authority.certificate.get());
    std::fclose(file);
    return {new std::string(path), [](const std::string* name) {
                unlink(name->c_str());
                delete name;
            }};
}

TlsServer::TlsServer(const KeyAndCertificate& identity, std::size_t connections, int version_max)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    SSL_CTX_set_security_level(context_.get(), 0);  // so that old versions can be offered at all
    SSL_CTX_set_quiet_shutdown(context_.get(), 1);
    server_ = std::make_unique<ScriptedServer>(
        connections, [this](Peer peer, std::size_t) { serve(std::move(peer)); });
}

void TlsServer::serve(Peer peer) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(tls.get(), peer.descriptor());
    if (SSL_accept(tls.get()) != 1) return;
    resumed_ += SSL_session_reused(tls.get());
    const char* name = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
    server_name_ = name == nullptr ? "" : name;
    std::string received;
    std::array<char, 16'384> buffer;
    for (;;) {
        const int got = SSL_read(tls.get(), buffer.data(), static_cast<int>(buffer.size()));
        if (got <= 0) return;
        received.append(buffer.data(), static_cast<std::size_t>(got));
        const std::size_t end = received.find("\r\n\r\n");
        if (end == std::string::npos) continue;
        const std::size_t length = received.find("Content-Length: ");
        const std::size_t body =
            length == std::string::npos ? 0 : std::stoul(received.substr(length + 16));
        if (received.size() < end + 4 + body) continue;
        received.clear();
        const std::string reply =
            "HTTP/1.1 200 OK\r\nContent-Length: " + std::to_string(std::to_string(body).size()) +
            "\r\n\r\n" + std::to_string(body);
        SSL_write(tls.get(), reply.data(), static_cast<int>(reply.size()));
    }
}

std::string TlsServer::url(const std::string& host) const {
    return "https://" + host + ":" + std::to_string(server_->port()) + "/";
}

}  // namespace signalbox::net::test
