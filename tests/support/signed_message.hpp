#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <map>
#include <string>

/// Signatures as senders make them, by OpenSSL alone: none of the core's code has a part in them.
namespace signalbox::test {

inline std::string hmac(const EVP_MD* digest, const std::string& key, const std::string& bytes) {
    unsigned char mac[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    ::HMAC(digest, key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), mac, &size);
    return std::string(reinterpret_cast<const char*>(mac), size);
}

inline std::string base64(const std::string& bytes) {
    std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
    const int size = ::EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                                       reinterpret_cast<const unsigned char*>(bytes.data()),
                                       static_cast<int>(bytes.size()));
    text.resize(static_cast<std::size_t>(size));
    return text;
}

inline std::string hex(const std::string& bytes) {
    constexpr char kDigits[] = "0123456789abcdef";
    std::string text;
    for (const unsigned char byte : bytes) {
        text += kDigits[byte >> 4U];
        text += kDigits[byte & 15U];
    }
    return text;
}

using Headers = std::map<std::string, std::string>;

inline Headers port_headers(const std::string& key, const std::string& timestamp,
                            const std::string& body) {
    return {{"x-port-timestamp", timestamp},
            {"x-port-signature", "v1," + base64(hmac(EVP_sha256(), key, timestamp + "." + body))}};
}

/// `key` is what `whsec_` stands before, decoded.
inline Headers standard_webhooks_headers(const std::string& key, const std::string& id,
                                         const std::string& timestamp, const std::string& body) {
    return {{"webhook-id", id},
            {"webhook-timestamp", timestamp},
            {"webhook-signature",
             "v1," + base64(hmac(EVP_sha256(), key, id + "." + timestamp + "." + body))}};
}

}  // namespace signalbox::test
