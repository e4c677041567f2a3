#include <cstring>
#include <string>
#include <string_view>

#include "base/constant_time.hpp"
#include "base/hash.hpp"
#include "plugins/services.hpp"
#include "signalbox/random.hpp"
#include "signing/mac.hpp"

namespace signalbox::plugins {
namespace {

std::string_view view(signalbox_text text) {
    return text.size == 0 ? std::string_view() : std::string_view(text.data, text.size);
}

/// Every function here must fill its digest: a caller has no way to see that it did not. What can
/// fail is OpenSSL without memory, and then a wrong digest would be worse than the end.
void digest(std::string_view bytes, unsigned char* into) noexcept {
    std::memcpy(into, bytes.data(), bytes.size());
}

void sha256_of(void*, signalbox_text bytes, unsigned char into[32]) noexcept {
    digest(signalbox::sha256(view(bytes)), into);
}

void hmac_sha256(void*, signalbox_text key, signalbox_text bytes, unsigned char into[32]) noexcept {
    const auto mac = signing::make_mac(signing::Scheme::hmac_sha256_prefixed, view(key));
    digest(signing::mac_of(mac.get(), {view(bytes)}), into);
}

void hmac_sha1(void*, signalbox_text key, signalbox_text bytes, unsigned char into[20]) noexcept {
    const auto mac = signing::make_mac(signing::Scheme::hmac_sha1_hex, view(key));
    digest(signing::mac_of(mac.get(), {view(bytes)}), into);
}

std::int32_t equal(void*, signalbox_text left, signalbox_text right) noexcept {
    return equal_in_constant_time(view(left), view(right)) ? 1 : 0;
}

void random_bytes(void*, unsigned char* bytes, std::size_t size) noexcept {
    system_random().fill(bytes, size);
}

}  // namespace

const signalbox_crypto_service& crypto_service() {
    static constexpr signalbox_crypto_service table = {sizeof(signalbox_crypto_service),
                                                       0,
                                                       nullptr,
                                                       &sha256_of,
                                                       &hmac_sha256,
                                                       &hmac_sha1,
                                                       &equal,
                                                       &random_bytes};
    return table;
}

}  // namespace signalbox::plugins
