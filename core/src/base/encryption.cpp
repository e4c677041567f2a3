#include "base/encryption.hpp"

#include <openssl/bio.h>
#include <openssl/decoder.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>

#include <stdexcept>

namespace signalbox {
namespace {

constexpr int kTagBytes = 16;
constexpr int kRsaBitsMin = 2'048;

struct Free {
    void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
    void operator()(EVP_PKEY_CTX* context) const { EVP_PKEY_CTX_free(context); }
    void operator()(OSSL_DECODER_CTX* context) const { OSSL_DECODER_CTX_free(context); }
};

void need(bool good, const char* what) {
    if (!good) throw std::runtime_error(std::string("OpenSSL: ") + what + " failed");
}

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

unsigned char* bytes_of(std::string& text) {
    return reinterpret_cast<unsigned char*>(text.data());
}

EVP_PKEY* key_of(const std::shared_ptr<void>& key) {
    return static_cast<EVP_PKEY*>(key.get());
}

Error no_key(const std::string& why) {
    return Error{"invalid_key", why +
                                    "; write an RSA public key of 2048 bits or more as PEM, "
                                    "-----BEGIN PUBLIC KEY----- and so on"};
}

}  // namespace

std::string encrypt_aes256_gcm(std::string_view key, std::string_view iv,
                               std::string_view plaintext) {
    need(key.size() == aes256_key_bytes, "a key of another length");
    const std::unique_ptr<EVP_CIPHER_CTX, Free> context(EVP_CIPHER_CTX_new());
    need(context != nullptr, "EVP_CIPHER_CTX_new");
    need(EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, nullptr, nullptr) == 1 &&
             EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_SET_IVLEN,
                                 static_cast<int>(iv.size()), nullptr) == 1 &&
             EVP_EncryptInit_ex(context.get(), nullptr, nullptr, bytes_of(key), bytes_of(iv)) == 1,
         "AES-256-GCM");
    std::string sealed(plaintext.size() + kTagBytes, '\0');
    int written = 0;
    int rest = 0;
    need(EVP_EncryptUpdate(context.get(), bytes_of(sealed), &written, bytes_of(plaintext),
                           static_cast<int>(plaintext.size())) == 1 &&
             EVP_EncryptFinal_ex(context.get(), bytes_of(sealed) + written, &rest) == 1 &&
             EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_AEAD_GET_TAG, kTagBytes,
                                 bytes_of(sealed) + plaintext.size()) == 1,
         "AES-256-GCM");
    return sealed;
}

Result<PublicKey> PublicKey::from_pem(std::string_view text) {
    if (text.find("PRIVATE KEY-----") != std::string_view::npos) {
        return no_key("it is a private key, which must stay with who decrypts");
    }
    EVP_PKEY* read = nullptr;
    const std::unique_ptr<OSSL_DECODER_CTX, Free> decoder(OSSL_DECODER_CTX_new_for_pkey(
        &read, "PEM", nullptr, "RSA", EVP_PKEY_PUBLIC_KEY, nullptr, nullptr));
    need(decoder != nullptr, "OSSL_DECODER_CTX_new_for_pkey");
    const unsigned char* from = bytes_of(text);
    std::size_t left = text.size();
    const bool good = OSSL_DECODER_from_data(decoder.get(), &from, &left) == 1 && read != nullptr;
    PublicKey key;
    key.key_ = std::shared_ptr<void>(
        read, [](void* owned) { EVP_PKEY_free(static_cast<EVP_PKEY*>(owned)); });
    if (!good) return no_key("it is no RSA public key that can be read");
    if (EVP_PKEY_get_bits(read) < kRsaBitsMin) {
        return no_key("it has only " + std::to_string(EVP_PKEY_get_bits(read)) + " bits");
    }
    return key;
}

std::string PublicKey::wrap(std::string_view bytes) const {
    const std::unique_ptr<EVP_PKEY_CTX, Free> context(EVP_PKEY_CTX_new(key_of(key_), nullptr));
    need(context != nullptr && EVP_PKEY_encrypt_init(context.get()) == 1 &&
             EVP_PKEY_CTX_set_rsa_padding(context.get(), RSA_PKCS1_OAEP_PADDING) == 1 &&
             EVP_PKEY_CTX_set_rsa_oaep_md(context.get(), EVP_sha256()) == 1,
         "RSA-OAEP");
    std::size_t size = 0;
    need(EVP_PKEY_encrypt(context.get(), nullptr, &size, bytes_of(bytes), bytes.size()) == 1,
         "RSA-OAEP");
    std::string wrapped(size, '\0');
    need(EVP_PKEY_encrypt(context.get(), bytes_of(wrapped), &size, bytes_of(bytes), bytes.size()) ==
             1,
         "RSA-OAEP");
    wrapped.resize(size);
    return wrapped;
}

}  // namespace signalbox
