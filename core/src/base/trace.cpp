#include "base/trace.hpp"

#include <algorithm>

#include "base/encoding.hpp"

namespace signalbox {
namespace {

constexpr std::size_t kIdBytes = 16;
constexpr std::size_t kTraceparentChars = 55;  // 00-<32>-<16>-<2>
constexpr std::uint8_t kSampled = 0x01;

bool is_lower_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

bool all_zeros(std::string_view hex) {
    return hex.find_first_not_of('0') == hex.npos;
}

/// Spreads the bits of a number over the whole of it, one to one (splitmix64's last step).
std::uint64_t mixed(std::uint64_t bits) {
    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9U;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebU;
    return bits ^ bits >> 31;
}

/// Run ids have 80 random bits; these are 128 that follow from them. No secret is kept by it.
struct Digest {
    std::uint64_t high = 0x6a09e667f3bcc908U;
    std::uint64_t low = 0xbb67ae8584caa73bU;

    explicit Digest(std::string_view text) {
        for (const char c : text) {
            const auto byte = static_cast<unsigned char>(c);
            high = (high ^ byte) * 0x100000001b3U;
            low = mixed(low + byte + 0x9e3779b97f4a7c15U);
        }
        high = mixed(high);
    }
};

void put(std::uint64_t number, std::uint8_t* into) {
    for (int i = 7; i >= 0; --i, number >>= 8)
        into[i] = static_cast<std::uint8_t>(number & 0xff);
}

void append_hex(std::string& out, const std::uint8_t* bytes, std::size_t size) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    const std::size_t at = out.size();
    out.resize(at + 2 * size);
    for (std::size_t i = 0; i < size; ++i) {
        out[at + 2 * i] = kDigits[bytes[i] >> 4];
        out[at + 2 * i + 1] = kDigits[bytes[i] & 15];
    }
}

}  // namespace

std::optional<Trace> parse_traceparent(std::string_view value) {
    if (value.size() < kTraceparentChars) return {};
    const std::string_view version = value.substr(0, 2);
    const std::string_view id = value.substr(3, 32);
    const std::string_view parent = value.substr(36, 16);
    const std::string_view flags = value.substr(53, 2);
    if (value[2] != '-' || value[35] != '-' || value[52] != '-') return {};
    if (!is_lower_hex(version) || !is_lower_hex(id) || !is_lower_hex(parent) ||
        !is_lower_hex(flags)) {
        return {};
    }
    if (version == "ff" || all_zeros(id) || all_zeros(parent)) return {};
    // Only a later version may go on, and only behind a dash.
    if (value.size() > kTraceparentChars && (version == "00" || value[kTraceparentChars] != '-'))
        return {};
    const std::string bytes = *from_hex(id);
    Trace trace;
    std::copy(bytes.begin(), bytes.end(), trace.id.begin());
    trace.sampled = (static_cast<std::uint8_t>((*from_hex(flags))[0]) & kSampled) != 0;
    return trace;
}

std::string trace_bytes(const Trace& trace) {
    std::string bytes(trace.id.begin(), trace.id.end());
    bytes += static_cast<char>(trace.sampled ? kSampled : 0);
    return bytes;
}

Trace trace_of(std::string_view kept, std::string_view run_id) {
    Trace trace;
    if (kept.size() == kIdBytes + 1) {
        std::copy(kept.begin(), kept.begin() + kIdBytes, trace.id.begin());
        trace.sampled = (static_cast<std::uint8_t>(kept[kIdBytes]) & kSampled) != 0;
        return trace;
    }
    const Digest digest(run_id);
    put(digest.high, trace.id.data());
    put(digest.low | 1, trace.id.data() + 8);  // never all zeros
    return trace;
}

std::string trace_id(const Trace& trace) {
    std::string text;
    text.reserve(2 * kIdBytes);
    append_hex(text, trace.id.data(), trace.id.size());
    return text;
}

std::string traceparent(const Trace& trace, std::string_view run_id, std::uint32_t attempt) {
    const Digest digest(run_id);
    std::array<std::uint8_t, 8> span{};
    put(mixed(digest.high + mixed(digest.low + attempt)) | 1, span.data());
    std::string text;
    text.reserve(kTraceparentChars);
    text += "00-";
    append_hex(text, trace.id.data(), trace.id.size());
    text += '-';
    append_hex(text, span.data(), span.size());
    text += trace.sampled ? "-01" : "-00";
    return text;
}

}  // namespace signalbox
