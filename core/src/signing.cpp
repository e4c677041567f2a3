#include "signalbox/signing.hpp"

#include "base/encoding.hpp"
#include "signing/scheme.hpp"

namespace signalbox {
namespace {

struct Ready {
    signing::Scheme scheme;
    std::string key;
};

Error unknown_scheme(std::string_view name) {
    std::string accepted;
    for (const std::string& known : signing::scheme_names()) {
        accepted += (accepted.empty() ? "" : ", ") + known;
    }
    const std::string_view near = nearest(name, signing::scheme_names());
    const std::string hint = near.empty() ? "" : "; did you mean " + std::string(near) + "?";
    return Error{
        "unknown_scheme",
        "unknown signing scheme \"" + std::string(name) + "\"; accepted are " + accepted + hint,
        {}};
}

Result<Ready> make_ready(std::string_view scheme_name, std::string_view key) {
    const auto scheme = signing::scheme_from_name(scheme_name);
    if (!scheme) return unknown_scheme(scheme_name);
    if (*scheme == signing::Scheme::none) return Ready{*scheme, {}};
    auto bytes = signing::key_bytes(key);
    if (!bytes) return std::move(bytes).error();
    return Ready{*scheme, std::move(*bytes)};
}

}  // namespace

Result<std::string> sign(std::string_view scheme, std::string_view key, std::string_view body,
                         std::int64_t unix_seconds, std::string_view id) {
    const auto ready = make_ready(scheme, key);
    if (!ready) return ready.error();
    return signing::Key(ready->scheme, ready->key).sign(body, unix_seconds, id);
}

Result<Done> verify(std::string_view scheme, std::string_view key, std::string_view body,
                    std::string_view signature, std::string_view timestamp, std::string_view id,
                    std::int64_t now_s, std::int64_t tolerance_s) {
    const auto ready = make_ready(scheme, key);
    if (!ready) return ready.error();
    signing::Verification found = signing::verify(ready->scheme, {ready->key}, body, signature,
                                                  timestamp, id, now_s, tolerance_s);
    if (!found.ok) return Error{"signature_invalid", std::move(found.reason), {}};
    return Done{};
}

}  // namespace signalbox
