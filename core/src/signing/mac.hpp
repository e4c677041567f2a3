#pragma once

#include <openssl/types.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>

#include "signing/scheme.hpp"

/// The HMAC under every scheme.
namespace signalbox::signing {

struct MacFree {
    void operator()(EVP_MAC_CTX* context) const;
};
using Mac = std::unique_ptr<EVP_MAC_CTX, MacFree>;

/// A context with the scheme's digest and the key set; null for Scheme::none. Throws
/// std::runtime_error where OpenSSL lacks the algorithm.
Mac make_mac(Scheme scheme, std::string_view key_bytes);

/// The raw MAC over the pieces, one after the other. The context keeps its key and can be used
/// again.
std::string mac_of(EVP_MAC_CTX* context, std::initializer_list<std::string_view> pieces);

}  // namespace signalbox::signing
