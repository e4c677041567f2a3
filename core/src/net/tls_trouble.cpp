#include "net/tls_trouble.hpp"

#include <arpa/inet.h>
#include <openssl/bio.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <memory>
#include <utility>

namespace signalbox::net {
namespace {

constexpr std::size_t kNamesShownMax = 8;
constexpr std::size_t kNameBytesShownMax = 100;
constexpr int kNoAlert = -1;

struct Trouble {
    std::string certificate;
    int alert_read = kNoAlert;
    int alert_written = kNoAlert;
};
thread_local Trouble trouble;

std::string text_of(BIO* out) {
    char* bytes = nullptr;
    const long size = BIO_get_mem_data(out, &bytes);
    return size > 0 ? std::string(bytes, static_cast<std::size_t>(size)) : std::string();
}

using OwnedBio = std::unique_ptr<BIO, decltype(&BIO_free)>;

std::string date_of(const ASN1_TIME* time) {
    const OwnedBio out(BIO_new(BIO_s_mem()), BIO_free);
    ASN1_TIME_print(out.get(), time);
    return text_of(out.get());
}

/// A name from a certificate, which a stranger wrote: one line, printable, of bounded length.
std::string shown(const X509_NAME* name) {
    const OwnedBio out(BIO_new(BIO_s_mem()), BIO_free);
    X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_UTF8_CONVERT);
    return text_of(out.get()).substr(0, kNameBytesShownMax);
}

std::string certificate_trouble(int code, X509* certificate) {
    const std::string issuer =
        certificate == nullptr ? "" : " (" + shown(X509_get_issuer_name(certificate)) + ")";
    switch (code) {
        case X509_V_ERR_CERT_HAS_EXPIRED:
            return "the certificate expired on " + date_of(X509_get0_notAfter(certificate));
        case X509_V_ERR_CERT_NOT_YET_VALID:
            return "the certificate is not valid before " +
                   date_of(X509_get0_notBefore(certificate)) + "; is a clock wrong?";
        case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
            return "the certificate is self-signed, so nobody vouches for it; if it is the right "
                   "one, name its file as `ca`";
        case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
        case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
        case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
            return "the certificate is by an authority that is not known here" + issuer +
                   "; if it is yours, name its certificate's file as `ca`";
        case X509_V_ERR_CERT_SIGNATURE_FAILURE:
            return "the certificate is not by the authority that is known here under this name" +
                   issuer +
                   "; has the authority a new key? Then name its new certificate's file as `ca`";
        default:
            return std::string("the certificate cannot be trusted: ") +
                   X509_verify_cert_error_string(code);
    }
}

int on_verify(int good, X509_STORE_CTX* store) {
    if (good == 0 && trouble.certificate.empty()) {
        trouble.certificate = certificate_trouble(X509_STORE_CTX_get_error(store),
                                                  X509_STORE_CTX_get_current_cert(store));
    }
    return good;
}

void on_info(const SSL* /*tls*/, int where, int value) {
    if ((where & SSL_CB_ALERT) == 0 || (value >> 8) != SSL3_AL_FATAL) return;
    ((where & SSL_CB_READ) != 0 ? trouble.alert_read : trouble.alert_written) = value & 0xff;
}

bool is_about_our_certificate(int alert) {
    switch (alert) {
        case SSL_AD_BAD_CERTIFICATE:
        case SSL_AD_UNSUPPORTED_CERTIFICATE:
        case SSL_AD_CERTIFICATE_REVOKED:
        case SSL_AD_CERTIFICATE_EXPIRED:
        case SSL_AD_CERTIFICATE_UNKNOWN:
        case SSL_AD_UNKNOWN_CA:
        case SSL_AD_CERTIFICATE_REQUIRED:
        case SSL_AD_DECRYPT_ERROR:  // ours is not by the authority of that name
            return true;
        default:
            return false;
    }
}

std::string alert_trouble(const Trouble& taken) {
    if (taken.alert_read == SSL_AD_PROTOCOL_VERSION ||
        taken.alert_written == SSL_AD_PROTOCOL_VERSION) {
        return "the peer speaks neither TLS 1.2 nor TLS 1.3, and anything older is refused";
    }
    if (taken.alert_read == kNoAlert) return {};
    if (taken.alert_read == SSL_AD_CERTIFICATE_REQUIRED) {
        return "the peer asks for a client certificate; give the connection tls: { certificate: "
               "FILE, key: FILE }";
    }
    const std::string alert =
        std::string(" (alert: ") + SSL_alert_desc_string_long(taken.alert_read) + ")";
    if (is_about_our_certificate(taken.alert_read)) {
        return "the peer refuses our client certificate" + alert;
    }
    return "the peer refused the handshake" + alert;
}

}  // namespace

void remember_trouble(SSL_CTX* context, int verify_mode) {
    SSL_CTX_set_verify(context, verify_mode, on_verify);
    SSL_CTX_set_info_callback(context, on_info);
}

void forget_trouble() {
    trouble = {};
}

bool peer_refused_us() {
    return is_about_our_certificate(trouble.alert_read);
}

std::string take_trouble(const std::string& otherwise) {
    const Trouble taken = std::exchange(trouble, {});
    if (!taken.certificate.empty()) return taken.certificate;
    const std::string alert = alert_trouble(taken);
    return alert.empty() ? otherwise : alert;
}

std::string names_of(const X509* certificate) {
    const std::unique_ptr<GENERAL_NAMES, decltype(&GENERAL_NAMES_free)> names(
        static_cast<GENERAL_NAMES*>(
            X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)),
        GENERAL_NAMES_free);
    std::string text;
    std::size_t count = 0;
    for (int i = 0; i < sk_GENERAL_NAME_num(names.get()); ++i) {
        const GENERAL_NAME* name = sk_GENERAL_NAME_value(names.get(), i);
        std::string one;
        if (name->type == GEN_DNS) {
            one.assign(reinterpret_cast<const char*>(ASN1_STRING_get0_data(name->d.dNSName)),
                       static_cast<std::size_t>(ASN1_STRING_length(name->d.dNSName)));
            for (char& c : one)
                if (c < 0x20 || c > 0x7e) c = '?';
            one.resize(std::min(one.size(), kNameBytesShownMax));
        } else if (name->type == GEN_IPADD) {
            const int size = ASN1_STRING_length(name->d.iPAddress);
            std::array<char, INET6_ADDRSTRLEN> address{};
            if (size != 4 && size != 16) continue;
            inet_ntop(size == 4 ? AF_INET : AF_INET6, ASN1_STRING_get0_data(name->d.iPAddress),
                      address.data(), address.size());
            one = address.data();
        } else {
            continue;
        }
        if (count++ == kNamesShownMax) return text + ", …";
        text += (text.empty() ? "" : ", ") + one;
    }
    return text;
}

}  // namespace signalbox::net
