#include "signature.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <Poco/String.h>

#include <array>
#include <optional>

namespace azure_standin {
namespace {

constexpr std::size_t kSha1Bytes = 20;
using Digest = std::array<unsigned char, kSha1Bytes>;

int nibble(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

std::optional<Digest> digest_of_hex(std::string_view hex) {
    if (hex.size() != 2 * kSha1Bytes) return std::nullopt;
    Digest digest{};
    for (std::size_t i = 0; i < kSha1Bytes; ++i) {
        const int high = nibble(hex[2 * i]);
        const int low = nibble(hex[2 * i + 1]);
        if (high < 0 || low < 0) return std::nullopt;
        digest[i] = static_cast<unsigned char>(high * 16 + low);
    }
    return digest;
}

}  // namespace

bool signature_matches(std::string_view secret, std::string_view body,
                       std::string_view header_value) {
    constexpr std::string_view prefix = "sha1=";
    if (Poco::icompare(std::string(header_value.substr(0, prefix.size())), std::string(prefix)) ==
        0) {
        header_value.remove_prefix(prefix.size());
    }
    const std::optional<Digest> claimed = digest_of_hex(header_value);
    Digest computed{};
    unsigned int computed_bytes = 0;
    const unsigned char* result =
        ::HMAC(::EVP_sha1(), secret.data(), static_cast<int>(secret.size()),
               reinterpret_cast<const unsigned char*>(body.data()), body.size(), computed.data(),
               &computed_bytes);
    if (!claimed || result == nullptr || computed_bytes != kSha1Bytes) return false;
    return ::CRYPTO_memcmp(claimed->data(), computed.data(), kSha1Bytes) == 0;
}

}  // namespace azure_standin
