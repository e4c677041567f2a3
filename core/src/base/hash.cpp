#include "base/hash.hpp"

#include <openssl/evp.h>

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

}  // namespace signalbox
