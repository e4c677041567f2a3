#include "config/tls.hpp"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <sys/stat.h>

#include <functional>
#include <memory>

#include "unit/config/support.hpp"

using config_test::Folder;
using namespace signalbox::config;
using Catch::Matchers::Contains;
namespace document = signalbox::document;

namespace {

struct Identity {
    std::shared_ptr<EVP_PKEY> key{EVP_EC_gen("P-256"), EVP_PKEY_free};
    std::shared_ptr<X509> certificate{X509_new(), X509_free};

    explicit Identity(long valid_to_s = 3'600) {
        X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -7'200);
        X509_gmtime_adj(X509_getm_notAfter(certificate.get()), valid_to_s);
        X509_set_pubkey(certificate.get(), key.get());
        X509_sign(certificate.get(), key.get(), EVP_sha256());
    }
};

std::string pem(const std::function<void(BIO*)>& write) {
    const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
    write(out.get());
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out.get(), &bytes);
    return {bytes, static_cast<std::size_t>(size)};
}

std::string certificate_of(const Identity& identity) {
    return pem([&](BIO* out) { PEM_write_bio_X509(out, identity.certificate.get()); });
}

std::string key_of(const Identity& identity, const char* passphrase = nullptr) {
    return pem([&](BIO* out) {
        PEM_write_bio_PKCS8PrivateKey(out, identity.key.get(),
                                      passphrase == nullptr ? nullptr : EVP_aes_128_cbc(),
                                      passphrase, passphrase == nullptr ? 0 : 4, nullptr, nullptr);
    });
}

/// A folder with good.pem, good.key, other.key, locked.key, old.pem, old.key and empty.pem.
struct Files {
    Files() {
        const Identity good;
        const Identity old(-3'600);
        folder.write("good.pem", certificate_of(good));
        folder.write("good.key", key_of(good));
        folder.write("other.key", key_of(Identity()));
        folder.write("locked.key", key_of(good, "pass"));
        folder.write("old.pem", certificate_of(old));
        folder.write("old.key", key_of(old));
        folder.write("empty.pem", "");
    }
    /// What is found in a config, by reading it and then its files.
    std::string findings(const std::string& text) const {
        auto result = config_test::read("actions: []\n" + text, folder.path());
        config = result.config;
        check_tls_files(result.config, result.problems);
        CHECK_THAT(result.findings(), !Contains("PRIVATE KEY-----\n"));
        std::string about_tls;
        for (const auto& problem : result.problems) {
            if (problem.position.line != 1) about_tls += to_string(problem) + "\n";
        }
        return about_tls;
    }
    Folder folder{"config_tls"};
    mutable Config config;
};

std::string connection(const std::string& tls) {
    return "plugins: [p]\nconnections:\n  c: {plugin: p, tls: {" + tls + "}}\n";
}

}  // namespace

TEST_CASE("config: a certificate and its key are accepted for the listener and for a target",
          "[config]") {
    const Files files;
    CHECK(files.findings("tls: {certificate: good.pem, key: good.key}") == "");
    CHECK(files.config.tls.written);
    CHECK(files.config.tls.certificate.file == (files.folder.path() / "good.pem").string());
    CHECK(files.config.tls.client_certificate_required);
    CHECK(files.findings("tls: {certificate: good.pem, key: good.key, client_ca: good.pem, "
                         "client_certificates: optional}") == "");
    CHECK_FALSE(files.config.tls.client_certificate_required);
    CHECK(files.findings(connection("ca: good.pem")) == "");
    CHECK(files.config.connections.at(0).tls.ca.file ==
          (files.folder.path() / "good.pem").string());
    CHECK(files.findings(connection("certificate: good.pem, key: good.key")) == "");
}

TEST_CASE("config: a TLS file that cannot be used is told at its place and never shown",
          "[config]") {
    const Files files;
    const std::pair<const char*, const char*> rows[] = {
        {"tls: {certificate: none.pem, key: good.key}", "f:2:20: error: "},
        {"tls: {certificate: none.pem, key: good.key}", "none.pem cannot be read: No such file"},
        {"tls: {certificate: good.key, key: good.key}", "holds no certificate in PEM form"},
        {"tls: {certificate: good.pem, key: good.pem}", "f:2:35: error: "},
        {"tls: {certificate: good.pem, key: good.pem}", "holds no private key in PEM form"},
        {"tls: {certificate: good.pem, key: locked.key}", "without a passphrase"},
        {"tls: {certificate: good.pem, key: other.key}", "does not belong to the certificate in"},
        {"tls: {certificate: old.pem, key: old.key}", "f:2:20: warning: the certificate in"},
        {"tls: {certificate: good.pem, key: good.key, client_ca: empty.pem}", "f:2:56: error: "},
    };
    for (const auto& [text, expected] : rows)
        CHECK_THAT(files.findings(text), Contains(expected));
    CHECK_THAT(files.findings(connection("ca: empty.pem")),
               Contains("empty.pem holds no certificate in PEM form"));
    CHECK_THAT(files.findings(connection("certificate: good.pem, key: other.key")),
               Contains("does not belong to the certificate in"));
}

TEST_CASE("config: a TLS file that is a pipe is refused and not waited for", "[config]") {
    const Files files;
    REQUIRE(::mkfifo((files.folder.path() / "pipe").c_str(), 0600) == 0);
    CHECK_THAT(files.findings("tls: {certificate: pipe, key: pipe}"),
               Contains("f:2:20: error: ") && Contains("is no regular file"));
}
