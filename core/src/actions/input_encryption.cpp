#include "actions/input_encryption.hpp"

#include "base/encoding.hpp"
#include "base/hash.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"

namespace signalbox::actions {
namespace {

using document::Node;
using Kind = document::Node::Kind;

constexpr std::size_t kIvBytes = 16;
constexpr std::size_t kClientSideIvBytes = 12;

const std::vector<std::string>& schemes() {
    static const std::vector<std::string> names = {"aes256-gcm", "client-side"};
    return names;
}

void refuse_scheme(const Node& scheme, Report& report) {
    if (scheme.text == "fernet") {
        report.unavailable(scheme.position,
                           "the encryption \"fernet\" is one that Port gave up; write aes256-gcm");
        return;
    }
    report.error(scheme.position, "the encryption " + in_quotes(scheme.text) + " is unknown" +
                                      did_you_mean(scheme.text, schemes()) +
                                      "; accepted are aes256-gcm, and {algorithm: client-side, "
                                      "key: a public key as PEM}");
}

/// None: reported.
std::optional<PublicKey> read_client_side(const Node& encryption, Report& report) {
    report.refuse_unknown(encryption, {"algorithm", "key"}, "`encryption`");
    const Node* algorithm = encryption.find("algorithm");
    const Node* key = encryption.find("key");
    if (algorithm == nullptr || key == nullptr) {
        report.error(encryption.position, "`encryption` needs an `algorithm` and a `key`");
        return std::nullopt;
    }
    if (!report.is(*algorithm, Kind::string, "`algorithm`") ||
        !report.is(*key, Kind::string, "`key`"))
        return std::nullopt;
    if (algorithm->text != "client-side") {
        refuse_scheme(*algorithm, report);
        return std::nullopt;
    }
    auto read = PublicKey::from_pem(key->text);
    if (read) return std::move(*read);
    // Guides print a key that is cut short: the document is right but for that.
    report.unavailable(key->position, "the `key` cannot be used: " + read.error().message);
    return std::nullopt;
}

std::string random_bytes(Random& random, std::size_t size) {
    std::string bytes(size, '\0');
    random.fill(reinterpret_cast<std::uint8_t*>(bytes.data()), size);
    return bytes;
}

std::string plaintext_of(const json::Value& value) {
    const json::String* text = value.if_string();
    return text == nullptr ? json::write(value) : std::string(text->data(), text->size());
}

}  // namespace

std::optional<EncryptedInput> read_encryption(const Node& encryption, const std::string& name,
                                              const std::string& type, Report& report) {
    EncryptedInput input;
    input.name = name;
    input.position = encryption.position;
    if (type != "string" && type != "object") {
        report.error(encryption.position,
                     "`encryption` goes with the types string and object, and " + in_quotes(name) +
                         " is " + in_quotes(type));
        return std::nullopt;
    }
    if (encryption.kind == Kind::mapping) {
        input.public_key = read_client_side(encryption, report);
        if (!input.public_key) return std::nullopt;
    } else if (!report.is(encryption, Kind::string, "`encryption`")) {
        return std::nullopt;
    } else if (encryption.text != "aes256-gcm") {
        refuse_scheme(encryption, report);
        return std::nullopt;
    }
    return input;
}

InputEncryption::InputEncryption(std::string_view secret, Random& random)
    : key_(is_long_enough(secret) ? secret.substr(0, aes256_key_bytes) : ""), random_(random) {}

void InputEncryption::encrypt(const std::vector<EncryptedInput>& inputs,
                              json::Value& properties) const {
    json::Object* members = properties.if_object();
    if (members == nullptr) return;
    for (const EncryptedInput& input : inputs) {
        json::Value* value = members->if_contains(input.name);
        if (value == nullptr) continue;
        const std::string plaintext = plaintext_of(*value);
        std::string sealed;
        if (input.public_key) {
            const std::string key = random_bytes(random_, aes256_key_bytes);
            sealed = random_bytes(random_, kClientSideIvBytes);
            const std::string iv = sealed;
            sealed += input.public_key->wrap(key) + encrypt_aes256_gcm(key, iv, plaintext);
        } else {
            sealed = random_bytes(random_, kIvBytes);
            sealed += encrypt_aes256_gcm(key_, sealed, plaintext);
        }
        *value = json::String(to_base64(sealed));
    }
}

std::string InputEncryption::digest(const std::vector<EncryptedInput>& inputs,
                                    std::string_view raw_body) const {
    // Not the same bytes as those that encrypt: one key, one use.
    if (has_key()) return hmac_sha256(hmac_sha256(key_, "signalbox idempotency"), raw_body);
    auto body = json::parse(raw_body);
    if (!body) return sha256("");  // no run will come of it
    if (json::Value* properties = json::at_pointer(*body, "/properties")) {
        json::Object* members = properties->if_object();
        for (const EncryptedInput& input : inputs)
            if (members != nullptr) members->erase(input.name);
    }
    return sha256(json::write(*body));
}

}  // namespace signalbox::actions
