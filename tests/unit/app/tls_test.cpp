#include <Poco/Net/Context.h>
#include <Poco/Net/SecureServerSocket.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <catch2/catch.hpp>
#include <memory>

#include "unit/app/server_double.hpp"
#include "unit/app/support.hpp"

using namespace signalbox;
using namespace signalbox::app;
using test::contains;
using test::Received;
using test::Scripted;
using test::ServerDouble;

namespace {

/// Writes a key and a certificate that signs itself, for one name, as key.pem and certificate.pem.
void make_certificate(const std::string& name) {
    const std::unique_ptr<EVP_PKEY, void (*)(EVP_PKEY*)> key(EVP_EC_gen("P-256"), EVP_PKEY_free);
    const std::unique_ptr<X509, void (*)(X509*)> certificate(X509_new(), X509_free);
    X509_set_version(certificate.get(), 2);
    ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), 1);
    X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
    X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
    X509_set_pubkey(certificate.get(), key.get());
    X509_NAME* subject = X509_get_subject_name(certificate.get());
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(certificate.get(), subject);
    X509V3_CTX extensions;
    X509V3_set_ctx(&extensions, certificate.get(), certificate.get(), nullptr, nullptr, 0);
    const std::string alternative = "DNS:" + name;
    X509_EXTENSION* extension =
        X509V3_EXT_conf_nid(nullptr, &extensions, NID_subject_alt_name, alternative.c_str());
    X509_add_ext(certificate.get(), extension, -1);
    X509_EXTENSION_free(extension);
    REQUIRE(X509_sign(certificate.get(), key.get(), EVP_sha256()) > 0);

    const std::unique_ptr<FILE, int (*)(FILE*)> key_file(fopen("key.pem", "w"), fclose);
    const std::unique_ptr<FILE, int (*)(FILE*)> certificate_file(fopen("certificate.pem", "w"),
                                                                 fclose);
    REQUIRE(PEM_write_PrivateKey(key_file.get(), key.get(), nullptr, nullptr, 0, nullptr,
                                 nullptr) == 1);
    REQUIRE(PEM_write_X509(certificate_file.get(), certificate.get()) == 1);
}

/// SSL_CERT_FILE is where OpenSSL looks for the authorities; as it was, when the test ends.
class Authorities {
  public:
    explicit Authorities(const std::string& file) { setenv("SSL_CERT_FILE", file.c_str(), 1); }
    ~Authorities() { unsetenv("SSL_CERT_FILE"); }
};

Poco::Net::SecureServerSocket tls_socket() {
    using Poco::Net::Context;
    const Context::Ptr context = new Context(Context::TLS_SERVER_USE, "key.pem", "certificate.pem",
                                             "", Context::VERIFY_NONE);
    return Poco::Net::SecureServerSocket(Poco::Net::SocketAddress("127.0.0.1", 0), 64, context);
}

struct Asked {
    test::Ended ended;
    std::vector<std::string> lines;
};

/// `runs list` of a server on localhost whose certificate is for `name`.
Asked ask(const std::string& name, bool trusted) {
    const test::Directory directory;
    make_certificate(name);
    ServerDouble server(
        [](const Received&) -> Scripted {
            return {200, "{\"ok\":true,\"runs\":[]}"};
        },
        tls_socket());
    const Authorities authorities(trusted ? "certificate.pem" : "/dev/null");
    test::Program program;
    program.environment["SIGNALBOX_TOKEN"] = "hunter2";
    std::string url = server.url("https");
    url.replace(url.find("127.0.0.1"), 9, "localhost");
    auto ended = program.run({"runs", "list", "--server", url});
    return {ended, server.lines()};
}

}  // namespace

TEST_CASE("app: HTTPS works with a certificate of an authority that is trusted", "[app]") {
    const auto asked = ask("localhost", true);
    CHECK(asked.ended.err == "");
    CHECK(asked.ended.code == exit_code::success);
    CHECK(asked.lines == std::vector<std::string>{"GET /v1/actions/runs"});
}

TEST_CASE("app: HTTPS refuses a certificate of nobody known before anything is sent", "[app]") {
    const auto asked = ask("localhost", false);
    CHECK(asked.ended.code == exit_code::failure);
    CHECK(contains(asked.ended.err, "cannot be reached"));
    CHECK(asked.lines.empty());
}

TEST_CASE("app: HTTPS refuses a certificate for another name even on loopback", "[app]") {
    const auto asked = ask("signalbox.example", true);
    CHECK(asked.ended.code == exit_code::failure);
    CHECK(contains(asked.ended.err, "cannot be reached"));
    CHECK(asked.lines.empty());
}
