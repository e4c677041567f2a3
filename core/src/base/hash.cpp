#include "base/hash.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace signalbox {

std::string sha256(std::string_view bytes) {
    // Fetching looks the algorithm up under a lock; once for the process is enough.
    static EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    std::string digest(32, '\0');
    unsigned int size = 0;
    if (algorithm == nullptr ||
        EVP_Digest(bytes.data(), bytes.size(), reinterpret_cast<unsigned char*>(digest.data()),
                   &size, algorithm, nullptr) != 1 ||
        size != digest.size()) {
        throw std::runtime_error("OpenSSL offers no SHA-256");
    }
    return digest;
}

std::string hmac_sha256(std::string_view key, std::string_view bytes) {
    std::string mac(32, '\0');
    unsigned int size = 0;
    if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
             reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
             reinterpret_cast<unsigned char*>(mac.data()), &size) == nullptr ||
        size != mac.size()) {
        throw std::runtime_error("OpenSSL offers no HMAC-SHA256");
    }
    return mac;
}

}  // namespace signalbox
