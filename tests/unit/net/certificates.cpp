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

std::string pem(const std::function<void(BIO*)>& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    write(out.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::shared_ptr<const std::string> file_with(const std::string& text) {
    const char* folder = std::getenv("TMPDIR");
    std::string path = std::string(folder == nullptr ? "/tmp" : folder) + "/signalbox_pem_XXXXXX";
    const int descriptor = mkstemp(path.data());
    if (descriptor < 0) throw std::runtime_error("no temporary file");
    std::FILE* file = fdopen(descriptor, "w");
    std::fwrite(text.data(), 1, text.size(), file);
    std::fclose(file);
    return {new std::string(path), [](const std::string* name) {
                unlink(name->c_str());
                delete name;
            }};
}

}  // namespace

KeyAndCertificate make_authority() {
    // Each has a name of its own, so that one is a stranger to the other and not a rotated key of
    // it.
    static int number = 0;
    const std::string name = "Test Authority " + std::to_string(++number);
    KeyAndCertificate made = make(name.c_str(), -3'600, 3'600);
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

KeyAndCertificate make_self_signed(const std::string& names) {
    KeyAndCertificate made = make("Test Server", -3'600, 3'600);
    X509* certificate = made.certificate.get();
    X509_set_issuer_name(certificate, X509_get_subject_name(certificate));
    add_extension(certificate, certificate, NID_subject_alt_name, names);
    X509_sign(certificate, made.key.get(), EVP_sha256());
    return made;
}

std::string certificate_pem(const KeyAndCertificate& identity) {
    return pem([&](BIO* out) { PEM_write_bio_X509(out, identity.certificate.get()); });
}

std::string key_pem(const KeyAndCertificate& identity) {
    return pem([&](BIO* out) {
        PEM_write_bio_PrivateKey(out, identity.key.get(), nullptr, nullptr, 0, nullptr, nullptr);
    });
}

std::shared_ptr<const std::string> certificate_file(const KeyAndCertificate& authority) {
    return file_with(certificate_pem(authority));
}

std::shared_ptr<const std::string> key_file(const KeyAndCertificate& identity) {
    return file_with(key_pem(identity));
}

TlsServer::TlsServer(const KeyAndCertificate& identity, std::size_t connections, int version_max,
                     const KeyAndCertificate* clients)
    : context_(SSL_CTX_new(TLS_server_method()), SSL_CTX_free) {
    SSL_CTX_use_certificate(context_.get(), identity.certificate.get());
    SSL_CTX_use_PrivateKey(context_.get(), identity.key.get());
    SSL_CTX_set_max_proto_version(context_.get(), version_max);
    SSL_CTX_set_security_level(context_.get(), 0);  // so that old versions can be offered at all
    SSL_CTX_set_quiet_shutdown(context_.get(), 1);
    if (clients != nullptr) {
        SSL_CTX_set_verify(context_.get(), SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT,
                           nullptr);
        X509_STORE_add_cert(SSL_CTX_get_cert_store(context_.get()), clients->certificate.get());
        const unsigned char id[] = "test";
        SSL_CTX_set_session_id_context(context_.get(), id, sizeof id);
    }
    server_ = std::make_unique<ScriptedServer>(connections, [this](Peer peer, std::size_t) {
        serving_.emplace_back([this, held = std::move(peer)]() mutable { serve(std::move(held)); });
    });
}

TlsServer::~TlsServer() {
    join();
}

void TlsServer::join() {
    server_->join();
    for (std::thread& one : serving_)
        one.join();
    serving_.clear();
}

void TlsServer::serve(Peer peer) {
    const std::unique_ptr<SSL, decltype(&SSL_free)> tls(SSL_new(context_.get()), SSL_free);
    SSL_set_fd(tls.get(), peer.descriptor());
    if (SSL_accept(tls.get()) != 1) return;
    {
        const std::lock_guard lock(mutex_);
        resumed_ += SSL_session_reused(tls.get());
        const char* name = SSL_get_servername(tls.get(), TLSEXT_NAMETYPE_host_name);
        server_name_ = name == nullptr ? "" : name;
    }
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
        {
            const std::lock_guard lock(mutex_);
            ++requests_;
        }
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
