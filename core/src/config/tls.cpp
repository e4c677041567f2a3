#include "config/tls.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

#include "config/sections.hpp"
#include "document/reporter.hpp"

namespace signalbox::config {
namespace {

using document::Node;

using OwnedFile = std::unique_ptr<std::FILE, decltype(&std::fclose)>;
using OwnedCertificate = std::unique_ptr<X509, decltype(&X509_free)>;
using OwnedKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

NamedFile read_named_file(const Node& node, std::string_view key, Scope scope) {
    NamedFile named;
    named.position = node.position;
    if (const auto text = read_string(node, key, scope)) {
        named.file = resolve_path(scope.directory, *text).string();
    }
    return named;
}

/// A certificate and its key: both or neither.
void read_identity(const Fields& fields, NamedFile& certificate, NamedFile& key, Scope scope) {
    if (const Node* node = fields.find("certificate"))
        certificate = read_named_file(*node, "certificate", scope);
    if (const Node* node = fields.find("key")) key = read_named_file(*node, "key", scope);
    if (fields.has("certificate") == fields.has("key")) return;
    const bool lacks_key = fields.has("certificate");
    scope.reporter.error((lacks_key ? certificate : key).position,
                         lacks_key ? "`certificate` has no `key`; add the file of its private key"
                                   : "`key` has no `certificate`; add the file of its certificate");
}

/// A server, or a check, has nobody to ask for a key's passphrase.
int no_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return 0;
}

OwnedFile open(const NamedFile& named, document::Reporter& reporter) {
    OwnedFile file(nullptr, std::fclose);
    std::error_code ignored;
    if (std::filesystem::exists(named.file, ignored) &&
        !std::filesystem::is_regular_file(named.file, ignored)) {
        // Opening a pipe would wait for somebody to write into it.
        reporter.error(named.position, named.file + " is no regular file; name a PEM file");
        return file;
    }
    file.reset(std::fopen(named.file.c_str(), "rbe"));
    if (!file) {
        reporter.error(named.position, named.file + " cannot be read: " + std::strerror(errno));
    }
    return file;
}

OwnedCertificate read_certificate(const NamedFile& named, document::Reporter& reporter) {
    OwnedCertificate certificate(nullptr, X509_free);
    const OwnedFile file = open(named, reporter);
    if (!file) return certificate;
    certificate.reset(PEM_read_X509(file.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!certificate) {
        reporter.error(named.position, named.file + " holds no certificate in PEM form "
                                                    "(-----BEGIN CERTIFICATE-----)");
    } else if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
        reporter.warning(named.position, "the certificate in " + named.file + " has expired");
    }
    return certificate;
}

OwnedKey read_key(const NamedFile& named, document::Reporter& reporter) {
    OwnedKey key(nullptr, EVP_PKEY_free);
    const OwnedFile file = open(named, reporter);
    if (!file) return key;
    key.reset(PEM_read_PrivateKey(file.get(), nullptr, no_passphrase, nullptr));
    ERR_clear_error();
    if (!key) {
        reporter.error(named.position, named.file + " holds no private key in PEM form without a "
                                                    "passphrase (-----BEGIN PRIVATE KEY-----)");
    }
    return key;
}

void check_identity(const NamedFile& certificate_file, const NamedFile& key_file,
                    document::Reporter& reporter) {
    if (certificate_file.file.empty() || key_file.file.empty()) return;
    const OwnedCertificate certificate = read_certificate(certificate_file, reporter);
    const OwnedKey key = read_key(key_file, reporter);
    if (!certificate || !key) return;
    if (X509_check_private_key(certificate.get(), key.get()) != 1) {
        ERR_clear_error();
        reporter.error(key_file.position, "the key in " + key_file.file +
                                              " does not belong to the certificate in " +
                                              certificate_file.file);
    }
}

}  // namespace

ListenerTlsSettings read_listener_tls(const Node& node, Scope scope) {
    ListenerTlsSettings tls;
    tls.written = true;
    const Fields fields(node, "`tls`", {"certificate", "key", "client_ca", "client_certificates"},
                        scope);
    if (fields.is_mapping() && !fields.has("certificate") && !fields.has("key")) {
        scope.reporter.error(node.position,
                             "`tls` needs `certificate` and `key`, each the path of a PEM file");
    }
    read_identity(fields, tls.certificate, tls.key, scope);
    if (const Node* ca = fields.find("client_ca"))
        tls.client_ca = read_named_file(*ca, "client_ca", scope);
    const Node* wanted = fields.find("client_certificates");
    if (wanted == nullptr) return tls;
    const std::string word = wanted->kind == Node::Kind::string ? wanted->text : std::string();
    tls.client_certificate_required = word != "optional";
    if (word != "required" && word != "optional") {
        scope.reporter.error(wanted->position,
                             "`client_certificates` must be required or optional, found " +
                                 found(*wanted) + did_you_mean(word, {"required", "optional"}));
    } else if (!fields.has("client_ca")) {
        scope.reporter.error(wanted->position, "`client_certificates` has no use without `client_ca`, "
                                               "the file of the authorities they are checked against");
    }
    return tls;
}

ConnectionTlsSettings read_connection_tls(const Node& node, Scope scope) {
    ConnectionTlsSettings tls;
    const Fields fields(node, "`tls`", {"ca", "certificate", "key"}, scope);
    if (const Node* ca = fields.find("ca")) tls.ca = read_named_file(*ca, "ca", scope);
    read_identity(fields, tls.certificate, tls.key, scope);
    return tls;
}

void check_tls_files(const Config& config, document::Problems& problems) {
    document::Reporter reporter(config.file, problems);
    check_identity(config.tls.certificate, config.tls.key, reporter);
    if (!config.tls.client_ca.file.empty()) read_certificate(config.tls.client_ca, reporter);
    for (const ConnectionSettings& connection : config.connections) {
        check_identity(connection.tls.certificate, connection.tls.key, reporter);
        if (!connection.tls.ca.file.empty()) read_certificate(connection.tls.ca, reporter);
    }
    for (const SourceSettings& source : config.sources) {
        if (!source.report) continue;
        const ConnectionTlsSettings& tls = source.report->tls;
        check_identity(tls.certificate, tls.key, reporter);
        if (!tls.ca.file.empty()) read_certificate(tls.ca, reporter);
    }
}

}  // namespace signalbox::config
