#include "net/tls_context.hpp"

#include <Poco/Exception.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <system_error>

#include "net/tls_trouble.hpp"

namespace signalbox::net {
namespace {

using Poco::Net::Context;

constexpr const char* kCiphers =
    "ECDHE+AESGCM:ECDHE+CHACHA20:HIGH:!aNULL:!eNULL:!MD5:!3DES:!PSK:!SRP";
constexpr unsigned char kSessionIdContext[] = "signalbox";

/// A server has nobody to ask for the passphrase of a key.
int no_passphrase(char* /*into*/, int /*size*/, int /*writing*/, void* /*data*/) {
    return 0;
}

std::string with_reason(const std::string& what) {
    // The first error is the cause; those after it only pass it on.
    const unsigned long error = ERR_peek_error();
    if (ERR_SYSTEM_ERROR(error)) {
        ERR_clear_error();
        return what + ": " + std::generic_category().message(ERR_GET_REASON(error));
    }
    const char* reason = error == 0 ? nullptr : ERR_reason_error_string(error);
    ERR_clear_error();
    return reason == nullptr ? what : what + ": " + reason;
}

/// Empty, or what is wrong.
std::string use_identity(SSL_CTX* context, const std::string& certificate, const std::string& key) {
    ERR_clear_error();
    SSL_CTX_set_default_passwd_cb(context, no_passphrase);
    if (SSL_CTX_use_certificate_chain_file(context, certificate.c_str()) != 1) {
        return with_reason("the certificate " + certificate + " cannot be used");
    }
    if (SSL_CTX_use_PrivateKey_file(context, key.c_str(), SSL_FILETYPE_PEM) != 1) {
        return with_reason("the key " + key + " cannot be used with the certificate " +
                           certificate +
                           " (it must be PEM, without a passphrase, and belong to it)");
    }
    return {};
}

void common_rules(Context& context) {
    context.requireMinimumProtocol(Context::PROTO_TLSV1_2);
    SSL_CTX* raw = context.sslContext();
    SSL_CTX_set_mode(raw, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                              SSL_MODE_RELEASE_BUFFERS);
}

FreshContext::Made failed(const std::string& why) {
    ERR_clear_error();
    return {nullptr, "TLS cannot be set up: " + why + "."};
}

}  // namespace

FreshContext::Made make_client_context(const dispatch::TlsSettings& settings,
                                       const std::string& more_authorities_file) {
    Context::Params rules;
    rules.verificationMode = Context::VERIFY_STRICT;
    rules.loadDefaultCAs = settings.ca_file.empty();
    rules.caLocation = settings.ca_file.empty() ? more_authorities_file : settings.ca_file;
    rules.cipherList = kCiphers;
    FreshContext::Made made;
    try {
        made.context = new Context(Context::TLS_CLIENT_USE, rules);
        common_rules(*made.context);
    } catch (const Poco::Exception& problem) {
        return failed(problem.displayText());
    }
    SSL_CTX* raw = made.context->sslContext();
    remember_trouble(raw, SSL_VERIFY_PEER);
    // The end of an HTTP message is in its framing, so close_notify says nothing; and writing one
    // to a peer that is gone would raise SIGPIPE in whichever thread destroys the client.
    SSL_CTX_set_quiet_shutdown(raw, 1);
    if (!settings.certificate_file.empty()) {
        const std::string fault = use_identity(raw, settings.certificate_file, settings.key_file);
        if (!fault.empty()) return failed(fault);
    }
    return made;
}

FreshContext::Made make_server_context(const ServerTls& files) {
    Context::Params rules;
    rules.verificationMode = Context::VERIFY_NONE;
    rules.cipherList = kCiphers;
    FreshContext::Made made;
    try {
        made.context = new Context(Context::TLS_SERVER_USE, rules);
        common_rules(*made.context);
    } catch (const Poco::Exception& problem) {
        return failed(problem.displayText());
    }
    SSL_CTX* raw = made.context->sslContext();
    // Without renegotiation a write never waits for a read, and nobody can make us do handshakes
    // over and over on one connection.
    SSL_CTX_set_options(raw, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                 SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set1_groups_list(raw, "X25519:P-256:P-384");
    SSL_CTX_set_session_id_context(raw, kSessionIdContext, sizeof kSessionIdContext - 1);
    if (const std::string fault = use_identity(raw, files.certificate_file, files.key_file);
        !fault.empty()) {
        return failed(fault);
    }
    int verify_mode = SSL_VERIFY_NONE;
    if (!files.client_ca_file.empty()) {
        verify_mode = SSL_VERIFY_PEER;
        if (files.client_certificate_required) verify_mode |= SSL_VERIFY_FAIL_IF_NO_PEER_CERT;
        STACK_OF(X509_NAME)* names = SSL_load_client_CA_file(files.client_ca_file.c_str());
        if (names == nullptr || SSL_CTX_load_verify_file(raw, files.client_ca_file.c_str()) != 1) {
            return failed(with_reason("the clients' authorities " + files.client_ca_file +
                                      " cannot be used"));
        }
        SSL_CTX_set_client_CA_list(raw, names);
    }
    remember_trouble(raw, verify_mode);
    return made;
}

}  // namespace signalbox::net
