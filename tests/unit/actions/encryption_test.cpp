#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include "actions/input_encryption.hpp"
#include "base/encoding.hpp"
#include "support.hpp"

using namespace actions_test;
using actions::InputEncryption;
using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

namespace {

/// 00, 01, 02 …
class Counting final : public Random {
  public:
    void fill(std::uint8_t* bytes, std::size_t size) override {
        for (std::size_t i = 0; i < size; ++i)
            bytes[i] = next_++;
    }

  private:
    std::uint8_t next_ = 0;
};

/// A key of our own, made for this test.
struct KeyPair {
    EVP_PKEY* key = EVP_RSA_gen(2048);
    ~KeyPair() { EVP_PKEY_free(key); }

    std::string pem() const {
        BIO* memory = BIO_new(BIO_s_mem());
        PEM_write_bio_PUBKEY(memory, key);
        char* text = nullptr;
        const long size = BIO_get_mem_data(memory, &text);
        std::string pem(text, static_cast<std::size_t>(size));
        BIO_free(memory);
        return pem;
    }
    std::string unwrap(std::string_view wrapped) const {
        EVP_PKEY_CTX* context = EVP_PKEY_CTX_new(key, nullptr);
        EVP_PKEY_decrypt_init(context);
        EVP_PKEY_CTX_set_rsa_padding(context, RSA_PKCS1_OAEP_PADDING);
        EVP_PKEY_CTX_set_rsa_oaep_md(context, EVP_sha256());
        EVP_PKEY_CTX_set_rsa_mgf1_md(context, EVP_sha256());
        std::string out(wrapped.size(), '\0');
        std::size_t size = out.size();
        REQUIRE(EVP_PKEY_decrypt(context, reinterpret_cast<unsigned char*>(out.data()), &size,
                                 reinterpret_cast<const unsigned char*>(wrapped.data()),
                                 wrapped.size()) == 1);
        EVP_PKEY_CTX_free(context);
        out.resize(size);
        return out;
    }
};

std::string decrypted(std::string_view key, std::string_view iv, std::string_view sealed) {
    EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<const unsigned char*>(text.data());
    };
    const std::string_view text = sealed.substr(0, sealed.size() - 16);
    std::string tag(sealed.substr(text.size()));
    EVP_DecryptInit_ex(context, EVP_aes_256_gcm(), nullptr, nullptr, nullptr);
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_IVLEN, static_cast<int>(iv.size()), nullptr);
    EVP_DecryptInit_ex(context, nullptr, nullptr, bytes(key), bytes(iv));
    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, 16, tag.data());
    std::string plain(text.size() + 1, '\0');
    int size = 0;
    EVP_DecryptUpdate(context, reinterpret_cast<unsigned char*>(plain.data()), &size, bytes(text),
                      static_cast<int>(text.size()));
    int rest = 0;
    const int good =
        EVP_DecryptFinal_ex(context, reinterpret_cast<unsigned char*>(plain.data()) + size, &rest);
    EVP_CIPHER_CTX_free(context);
    plain.resize(static_cast<std::size_t>(size));
    return good == 1 ? plain : "the tag is wrong";
}

std::string quoted_lines(const std::string& pem) {
    std::string text = "\"";
    for (const char c : pem)
        text += c == '\n' ? std::string("\\n") : std::string(1, c);
    return text + "\"";
}

Action client_side(const KeyPair& pair) {
    return good(with_input("{ type: object, encryption: { algorithm: client-side, key: " +
                           quoted_lines(pair.pem()) + " } }"));
}

std::string problem_of(const std::string& text) {
    const Read result = read(text);
    INFO(result.text());
    REQUIRE(result.problems.size() == 1);
    return result.text();
}

const char* const kSecret = "0123456789abcdef0123456789abcdefEXTRA";

}  // namespace

TEST_CASE("actions: a secret input becomes the bytes that Port would send", "[actions]") {
    const Action action = good(with_input("{ type: string, encryption: aes256-gcm }"));
    Counting random;
    const InputEncryption encryption(kSecret, random);
    json::Value properties = json::Object{{"x", "s3crét"}};
    encryption.encrypt(action.encrypted, properties);
    // Vector V9: IV 00..0f, the key is the secret's first 32 bytes.
    CHECK(json::write(properties) ==
          R"({"x":"AAECAwQFBgcICQoLDA0OD5X18dIL1KpC/F/VE0Y3Uidx5a4ZjSXs"})");
}

TEST_CASE("actions: an object is encrypted as its JSON, and what is absent stays so", "[actions]") {
    const Action action = good(with_inputs(
        "    properties: { x: { type: object, encryption: aes256-gcm }, y: { type: string, "
        "encryption: aes256-gcm }, z: { type: string } }\n"));
    Counting random;
    const InputEncryption encryption(kSecret, random);
    json::Value properties = json::parse(R"({"x":{"a":[1,"b"]},"z":"open"})").value();
    encryption.encrypt(action.encrypted, properties);
    CHECK(properties.at("z") == "open");
    CHECK_FALSE(properties.as_object().contains("y"));
    const std::string sealed =
        from_base64(std::string_view(properties.at("x").as_string())).value();
    CHECK(decrypted(std::string_view(kSecret).substr(0, 32), sealed.substr(0, 16),
                    sealed.substr(16)) == R"({"a":[1,"b"]})");
}

TEST_CASE("actions: a client-side input can be read by the private key's owner only", "[actions]") {
    const KeyPair pair;
    const Action action = client_side(pair);
    Counting random;
    const InputEncryption encryption("", random);
    CHECK_FALSE(encryption.has_key());
    json::Value properties = json::parse(R"({"x":{"user":"jo"}})").value();
    encryption.encrypt(action.encrypted, properties);
    const std::string sealed =
        from_base64(std::string_view(properties.at("x").as_string())).value();
    const std::string key = pair.unwrap(sealed.substr(12, 256));
    REQUIRE(key.size() == 32);
    CHECK(decrypted(key, sealed.substr(0, 12), sealed.substr(268)) == R"({"user":"jo"})");
}

TEST_CASE("actions: two encryptions of one value differ", "[actions]") {
    const Action action = good(with_input("{ type: string, encryption: aes256-gcm }"));
    Counting random;
    const InputEncryption encryption(kSecret, random);
    json::Value first = json::Object{{"x", "v"}};
    json::Value second = first;
    encryption.encrypt(action.encrypted, first);
    encryption.encrypt(action.encrypted, second);
    CHECK(first != second);
}

TEST_CASE("actions: the encrypted inputs are named to templates and in the full message",
          "[actions]") {
    const Action action = good(
        "identifier: a\n"
        "trigger: { type: self-service, operation: CREATE, userInputs: { properties: { x: { type: "
        "string, encryption: aes256-gcm }, y: { type: string } } } }\n"
        "invocationMethod: { type: WEBHOOK, url: u, headers: { h: \"{{ "
        ".action.encryptedProperties }}\" } }\n");
    const auto rendered = actions::render(action, {}).value();
    CHECK_THAT(rendered.payload, Contains(R"("censoredProperties":["x"])"));
    CHECK(rendered.method->at("headers").at("h") == json::Value(json::Array{"x"}));
}

TEST_CASE("actions: a secret input is checked before it is encrypted, and never quoted",
          "[actions]") {
    const Action action = good(with_inputs(
        "    properties: { x: { type: string, encryption: aes256-gcm, maxLength: 4, pattern: "
        "\"^[a-z]*$\", enum: [abcd, efgh] }, o: { type: object, encryption: aes256-gcm, "
        "properties: "
        "{ a: { type: number } }, additionalProperties: false } }\n"));
    const std::string found =
        checked(action, R"({"x":"HUNTER2","o":{"hunter2key":"HUNTER2","a":"HUNTER2"}})");
    CHECK_THAT(found,
               Contains("/properties/x: ") && Contains("/properties/o") && Contains("at most 4"));
    CHECK_THAT(found, !Contains("HUNTER2") && !Contains("hunter2key") && !Contains("abcd"));
}

TEST_CASE("actions: an encryption that cannot be meant is refused at its place", "[actions]") {
    CHECK_THAT(problem_of(with_input("{ type: string, encryption: aes128-gcm }")),
               StartsWith("a.yaml:7:38: error: the encryption \"aes128-gcm\" is unknown") &&
                   Contains("did you mean \"aes256-gcm\"?"));
    CHECK_THAT(problem_of(with_input("{ type: number, encryption: aes256-gcm }")),
               Contains("goes with the types string and object"));
    CHECK_THAT(problem_of(with_input("{ type: string, encryption: [] }")),
               Contains("`encryption` must be a string"));
    CHECK_THAT(problem_of(with_input("{ type: string, encryption: { algorithm: client-side } }")),
               Contains("needs an `algorithm` and a `key`"));
    CHECK_THAT(
        problem_of(with_input("{ type: string, encryption: { algorithm: client-sid, key: k } }")),
        Contains("did you mean \"client-side\"?"));
    CHECK_THAT(
        read(with_input("{ type: string, encryption: { algorithm: client-side, key: k, kye: l } }"))
            .text(),
        StartsWith("a.yaml:7:72: error: unknown key \"kye\""));
    CHECK_THAT(
        problem_of(with_input("{ type: array, items: { type: string, encryption: aes256-gcm } }")),
        Contains("not with a part of one"));
}

TEST_CASE("actions: a key that cannot be used makes an action unavailable", "[actions]") {
    const auto reason = [](const std::string& key) {
        const Read result = read(with_input(
            "{ type: string, encryption: { algorithm: client-side, key: " + key + " } }"));
        INFO(result.text());
        REQUIRE(result.action.has_value());
        CHECK_FALSE(document::has_errors(result.problems));
        return result.action->unavailable;
    };
    CHECK_THAT(reason("PEM"), Contains("no RSA public key"));
    CHECK_THAT(reason(R"("-----BEGIN PRIVATE KEY-----")"), Contains("private key"));
    EVP_PKEY* small = EVP_RSA_gen(1024);
    KeyPair pair;
    std::swap(pair.key, small);
    CHECK_THAT(reason(quoted_lines(pair.pem())), Contains("only 1024 bits"));
    std::swap(pair.key, small);
    EVP_PKEY_free(small);
    CHECK_THAT(read(with_input("{ type: string, encryption: fernet }")).action->unavailable,
               Contains("gave up"));
}

TEST_CASE("actions: a key of the config needs 32 bytes", "[actions]") {
    Counting random;
    CHECK(InputEncryption(std::string(32, 'k'), random).has_key());
    CHECK_FALSE(InputEncryption(std::string(31, 'k'), random).has_key());
}

TEST_CASE("actions: what is remembered of an invocation with secrets cannot be tried out",
          "[actions]") {
    const Action action = good(with_inputs(
        "    properties: { x: { type: string, encryption: aes256-gcm }, y: { type: string } }\n"));
    Counting random;
    const InputEncryption keyed(kSecret, random);
    const InputEncryption other("another secret of at least 32 bytes", random);
    const std::string body = R"({"properties":{"x":"1234","y":"a"}})";
    CHECK(keyed.digest(action.encrypted, body) == keyed.digest(action.encrypted, body));
    CHECK(keyed.digest(action.encrypted, body) != other.digest(action.encrypted, body));
    CHECK(keyed.digest(action.encrypted, body) !=
          keyed.digest(action.encrypted, R"({"properties":{"x":"1235","y":"a"}})"));
    // Without a key the secret is not in it, and the rest is.
    const InputEncryption keyless("", random);
    CHECK(keyless.digest(action.encrypted, body) ==
          keyless.digest(action.encrypted, R"({"properties":{"x":"1235","y":"a"}})"));
    CHECK(keyless.digest(action.encrypted, body) !=
          keyless.digest(action.encrypted, R"({"properties":{"x":"1234","y":"b"}})"));
}
