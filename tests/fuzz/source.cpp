#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "document/reader.hpp"
#include "json/door.hpp"
#include "json/writer.hpp"
#include "promise.hpp"
#include "sources/mapping.hpp"
#include "sources/proof.hpp"
#include "sources/replay.hpp"

using namespace signalbox;
using sources::Delivery;
using sources::Source;

namespace {

constexpr std::int64_t kNow_s = 1'700'000'000;

actions::Template compiled(std::string_view yaml) {
    document::Problems problems;
    auto node = document::read(yaml, "fuzz", problems);
    PROMISE(node && problems.empty());
    auto made = actions::Template::compile_paths(*node, "fuzz", problems, sources::message_roots());
    PROMISE(problems.empty());
    return made;
}

Source source_of(signing::Scheme scheme, config::Proof proof = config::Proof::signature) {
    Source source;
    source.name = "fuzz";
    source.proof = proof;
    source.scheme = scheme;
    source.header = signing::default_header(scheme);
    for (char& c : source.header)
        c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    source.user = "hook";
    source.keys = {"a key that no input can know", "an older one"};
    source.keep_ms = 60'000;
    return source;
}

Source mapped_source() {
    Source source = source_of(signing::Scheme::port_v1);
    source.when.push_back({compiled("'{{ .headers[\"x-event\"] }}'"), {"push", "null"}});
    source.action = compiled("'{{ .body.action }}'");
    source.properties =
        compiled("a: '{{ .body.list[0] }}'\nb: 'x{{ .body }}y'\n'{{ .body.key }}': 1\n");
    source.entity = compiled("'{{ .body.entity }}'");
    source.reports = true;
    return source;
}

/// `name: value` lines, an empty line, the body.
std::vector<sources::Header> read_headers(std::string_view& text) {
    std::vector<sources::Header> headers;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        const std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty()) break;
        const std::size_t colon = std::min(line.find(": "), line.size());
        headers.emplace_back(line.substr(0, colon),
                             line.substr(std::min(colon + 2, line.size())));
    }
    return headers;
}

void check_mapped(const Source& source, const Delivery& delivery) {
    const auto mapped = sources::map(source, delivery);
    if (!mapped) {
        const std::string& code = mapped.error().code;
        PROMISE(code == "invalid_json" || code == "invalid_message" || code == "template_failed");
        return;
    }
    if (!mapped->fits) return;
    PROMISE(!mapped->action.empty());
    PROMISE(mapped->by.size() <= limits::source_by_bytes_max);
    PROMISE(mapped->run_id.size() <= limits::source_id_bytes_max);
    // It is put into a URL.
    for (const char c : mapped->run_id)
        PROMISE(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '-');
    const json::Object* invocation = mapped->invocation.if_object();
    PROMISE(invocation && invocation->size() == 2);
    PROMISE(static_cast<bool>(json::parse(json::write(mapped->invocation))));
    const auto key = sources::replay_key(source, {}, delivery, mapped->run_id, kNow_s * 1'000);
    PROMISE(key.digest.size() == 32);
    PROMISE(key.expires_ms == kNow_s * 1'000 + source.keep_ms);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    using signing::Scheme;
    static const Source port = source_of(Scheme::port_v1);
    static const Source templates = mapped_source();
    static const std::array<Source, 7> all = {port,
                                              source_of(Scheme::standard_webhooks),
                                              source_of(Scheme::hmac_sha1_hex),
                                              source_of(Scheme::hmac_sha1_prefixed),
                                              source_of(Scheme::hmac_sha256_prefixed),
                                              source_of(Scheme::none, config::Proof::basic),
                                              source_of(Scheme::none, config::Proof::bearer)};
    std::string_view text(reinterpret_cast<const char*>(data), bytes);
    const auto headers = read_headers(text);
    const Delivery delivery{headers, text};
    for (const Source& source : all) {
        const auto proven = sources::prove(source, sources::verifier_of(source), delivery, kNow_s);
        PROMISE(!proven.ok);
        PROMISE(!proven.reason.empty());
    }
    check_mapped(port, delivery);
    check_mapped(templates, delivery);
    return 0;
}
