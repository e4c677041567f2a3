#include "sources/proof.hpp"

#include <algorithm>
#include <charconv>
#include <optional>

#include "base/constant_time.hpp"
#include "base/encoding.hpp"
#include "base/hash.hpp"

namespace signalbox::sources {
namespace {

using signing::Scheme;

Proven refused(std::string reason) {
    Proven proven;
    proven.reason = std::move(reason);
    return proven;
}

/// The credentials of `Authorization: <scheme> …`; none: another scheme, or none at all.
std::optional<std::string> credentials(const Delivery& delivery, std::string_view scheme) {
    const std::string* header = delivery.only("authorization");
    if (header == nullptr || header->size() <= scheme.size() || (*header)[scheme.size()] != ' ')
        return std::nullopt;
    const bool same = std::equal(scheme.begin(), scheme.end(), header->begin(), [](char want, char got) {
        return want == (got >= 'A' && got <= 'Z' ? got - 'A' + 'a' : got);
    });
    if (!same) return std::nullopt;
    return header->substr(scheme.size() + 1);
}

/// Digests are compared, so that not even the length of what is right shows in the time.
bool is_one_of(const std::string& sent, const std::vector<std::string>& expected) {
    const std::string digest = sha256(sent);
    bool found = false;
    for (const std::string& each : expected) {
        const bool same = equal_in_constant_time(digest, sha256(each));
        found = found || same;
    }
    return found;
}

Proven prove_basic(const Source& source, const Delivery& delivery) {
    const auto sent = credentials(delivery, "basic");
    const auto decoded = sent ? from_base64(*sent) : std::nullopt;
    if (!decoded) return refused("there are no HTTP Basic credentials");
    std::vector<std::string> expected;
    for (const std::string& key : source.keys)
        expected.push_back(source.user + ":" + key);
    if (!is_one_of(*decoded, expected)) return refused("the user or the password is wrong");
    Proven proven;
    proven.ok = true;
    return proven;
}

Proven prove_bearer(const Source& source, const Delivery& delivery) {
    const auto sent = credentials(delivery, "bearer");
    if (!sent) return refused("there is no bearer token");
    if (!is_one_of(*sent, source.keys)) return refused("the bearer token is wrong");
    Proven proven;
    proven.ok = true;
    return proven;
}

bool is_id(std::string_view text) {
    return !text.empty() && text.size() <= limits::source_id_bytes_max &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c <= '~'; });
}

Proven prove_signature(const Source& source, const signing::Verifier& verifier,
                       const Delivery& delivery, std::int64_t now_s) {
    const std::string* signature = delivery.only(source.header);
    if (signature == nullptr) return refused("there is no header " + source.header + ", or two");
    const std::string* timestamp = nullptr;
    const std::string* id = nullptr;
    if (source.scheme == Scheme::port_v1) {
        timestamp = delivery.only("x-port-timestamp");
    } else if (source.scheme == Scheme::standard_webhooks) {
        timestamp = delivery.only("webhook-timestamp");
        id = delivery.only("webhook-id");
        if (id == nullptr || !is_id(*id)) {
            return refused("the header webhook-id is missing, or is not 1 to " +
                           std::to_string(limits::source_id_bytes_max) +
                           " printable characters without spaces");
        }
    }
    auto verified = verifier.verify(
        delivery.body, *signature,
        timestamp ? std::optional<std::string_view>(*timestamp) : std::nullopt,
        id ? std::string_view(*id) : std::string_view(), now_s, source.tolerance_s);
    if (!verified.ok) return refused(std::move(verified.reason));
    Proven proven;
    proven.ok = true;
    if (id != nullptr) proven.id = *id;
    if (timestamp != nullptr) {
        proven.timestamp = *timestamp;
        std::from_chars(timestamp->data(), timestamp->data() + timestamp->size(),
                        proven.timestamp_s);
    }
    return proven;
}

}  // namespace

const std::string* Delivery::only(std::string_view name) const {
    const std::string* found = nullptr;
    for (const auto& [header, value] : headers) {
        if (header != name) continue;
        if (found != nullptr) return nullptr;
        found = &value;
    }
    return found;
}

Proven prove(const Source& source, const signing::Verifier& verifier, const Delivery& delivery,
             std::int64_t now_s) {
    switch (source.proof) {
        case config::Proof::basic:
            return prove_basic(source, delivery);
        case config::Proof::bearer:
            return prove_bearer(source, delivery);
        case config::Proof::signature:
            break;
    }
    return prove_signature(source, verifier, delivery, now_s);
}

}  // namespace signalbox::sources
