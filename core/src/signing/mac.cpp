#include "signing/mac.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include <array>
#include <stdexcept>

namespace signalbox::signing {
namespace {

const char* digest_name(Scheme scheme) {
    const bool sha1 = scheme == Scheme::hmac_sha1_hex || scheme == Scheme::hmac_sha1_prefixed;
    return sha1 ? "SHA1" : "SHA256";
}

void require(bool worked) {
    if (!worked) throw std::runtime_error("OpenSSL could not compute an HMAC");
}

}  // namespace

void MacFree::operator()(EVP_MAC_CTX* context) const {
    EVP_MAC_CTX_free(context);
}

Mac make_mac(Scheme scheme, std::string_view key_bytes) {
    if (scheme == Scheme::none) return nullptr;
    // Fetching looks the algorithm up under a lock; once for the process is enough.
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, OSSL_MAC_NAME_HMAC, nullptr);
    require(algorithm != nullptr);
    Mac context(EVP_MAC_CTX_new(algorithm));
    require(context != nullptr);
    std::string digest = digest_name(scheme);
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    // A null key would mean "keep the one you have".
    const char* const key = key_bytes.empty() ? "" : key_bytes.data();
    require(EVP_MAC_init(context.get(), reinterpret_cast<const unsigned char*>(key),
                         key_bytes.size(), parameters.data()) == 1);
    return context;
}

std::string mac_of(EVP_MAC_CTX* context, std::initializer_list<std::string_view> pieces) {
    // A null key begins anew with the key that is set, which costs a third less than setting it
    // again.
    require(EVP_MAC_init(context, nullptr, 0, nullptr) == 1);
    for (const std::string_view piece : pieces) {
        require(EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(piece.data()),
                               piece.size()) == 1);
    }
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac;
    std::size_t size = 0;
    require(EVP_MAC_final(context, mac.data(), &size, mac.size()) == 1);
    return std::string(reinterpret_cast<const char*>(mac.data()), size);
}

}  // namespace signalbox::signing
