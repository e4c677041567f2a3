#include "base/encoding.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>

namespace signalbox {
namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";
constexpr std::string_view kBase64Digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kBase64UrlDigits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

using Values = std::array<std::int8_t, 256>;

constexpr Values values_of(std::string_view digits) {
    Values values{};
    for (auto& value : values)
        value = -1;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        values[static_cast<unsigned char>(digits[i])] = static_cast<std::int8_t>(i);
    }
    return values;
}

constexpr Values hex_values() {
    Values values = values_of(kHexDigits);
    for (int i = 0; i < 6; ++i) {
        values[static_cast<std::size_t>('A' + i)] = static_cast<std::int8_t>(10 + i);
    }
    return values;
}

constexpr Values kHexValues = hex_values();
constexpr Values kBase64Values = values_of(kBase64Digits);
constexpr Values kBase64UrlValues = values_of(kBase64UrlDigits);

std::uint32_t byte_at(std::string_view bytes, std::size_t index) {
    return static_cast<unsigned char>(bytes[index]);
}

std::string encode64(std::string_view bytes, std::string_view digits, bool padded) {
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    std::size_t i = 0;
    for (; i + 3 <= bytes.size(); i += 3) {
        const std::uint32_t group =
            byte_at(bytes, i) << 16 | byte_at(bytes, i + 1) << 8 | byte_at(bytes, i + 2);
        text += digits[group >> 18];
        text += digits[group >> 12 & 63];
        text += digits[group >> 6 & 63];
        text += digits[group & 63];
    }
    const std::size_t rest = bytes.size() - i;
    if (rest == 0) return text;
    const std::uint32_t group =
        byte_at(bytes, i) << 16 | (rest == 2 ? byte_at(bytes, i + 1) << 8 : 0U);
    text += digits[group >> 18];
    text += digits[group >> 12 & 63];
    if (rest == 2) text += digits[group >> 6 & 63];
    if (padded) text.append(3 - rest, '=');
    return text;
}

/// `text` without its padding. Bits that no byte uses must be zero: one value has one spelling.
std::optional<std::string> decode64(std::string_view text, const Values& values) {
    const std::size_t rest = text.size() % 4;
    if (rest == 1) return std::nullopt;
    std::string bytes;
    bytes.reserve(text.size() / 4 * 3 + 2);
    std::uint32_t group = 0;
    int bits = 0;
    for (const char c : text) {
        const int value = values[static_cast<unsigned char>(c)];
        if (value < 0) return std::nullopt;
        group = group << 6 | static_cast<std::uint32_t>(value);
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes += static_cast<char>(group >> bits & 0xff);
        }
    }
    if ((group & ((1U << bits) - 1)) != 0) return std::nullopt;
    return bytes;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
    std::string text(bytes.size() * 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        text[2 * i] = kHexDigits[byte_at(bytes, i) >> 4];
        text[2 * i + 1] = kHexDigits[byte_at(bytes, i) & 15];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 0) return std::nullopt;
    std::string bytes(text.size() / 2, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        const int high = kHexValues[byte_at(text, 2 * i)];
        const int low = kHexValues[byte_at(text, 2 * i + 1)];
        if (high < 0 || low < 0) return std::nullopt;
        bytes[i] = static_cast<char>(high << 4 | low);
    }
    return bytes;
}

std::string to_base64(std::string_view bytes) {
    return encode64(bytes, kBase64Digits, true);
}

std::optional<std::string> from_base64(std::string_view text) {
    if (text.size() % 4 != 0) return std::nullopt;
    if (text.ends_with("==")) {
        text.remove_suffix(2);
    } else if (text.ends_with('=')) {
        text.remove_suffix(1);
    }
    return decode64(text, kBase64Values);
}

std::string to_base64url(std::string_view bytes) {
    return encode64(bytes, kBase64UrlDigits, false);
}

std::optional<std::string> from_base64url(std::string_view text) {
    return decode64(text, kBase64UrlValues);
}

std::string to_iso8601(std::int64_t unix_ms) {
    // Years of four digits only: a broken clock must not break the format that others parse.
    constexpr std::int64_t kFirstMs = -62'167'219'200'000;  // 0000-01-01T00:00:00.000Z
    constexpr std::int64_t kLastMs = 253'402'300'799'999;   // 9999-12-31T23:59:59.999Z
    const std::chrono::sys_time<std::chrono::milliseconds> time{
        std::chrono::milliseconds{std::clamp(unix_ms, kFirstMs, kLastMs)}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    // Every invocation's reply holds several: printf costs as much as the rest of the reply.
    std::string text = "0000-00-00T00:00:00.000Z";
    const auto put = [&text](std::size_t end, std::int64_t number) {
        for (; number != 0; number /= 10)
            text[--end] = static_cast<char>('0' + number % 10);
    };
    put(4, static_cast<int>(date.year()));
    put(7, static_cast<unsigned>(date.month()));
    put(10, static_cast<unsigned>(date.day()));
    put(13, clock.hours().count());
    put(16, clock.minutes().count());
    put(19, clock.seconds().count());
    put(23, clock.subseconds().count());
    return text;
}

namespace {

/// Reads a text from its front.
class Reader {
  public:
    explicit Reader(std::string_view text) : text_(text) {}

    bool literal(char c) {
        if (text_.empty() || text_.front() != c) return good_ = false;
        text_.remove_prefix(1);
        return true;
    }
    bool is_at(std::string_view any_of) const {
        return !text_.empty() && any_of.find(text_.front()) != std::string_view::npos;
    }
    /// Exactly so many digits, from `min` to `max`.
    int number(std::size_t digits, int min, int max) {
        int value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            if (!is_at("0123456789")) return good_ = false, 0;
            value = value * 10 + (text_.front() - '0');
            text_.remove_prefix(1);
        }
        good_ = good_ && value >= min && value <= max;
        return value;
    }
    /// Milliseconds of a fraction of any length; the rest is cut off.
    int fraction_ms() {
        int ms = 0;
        int weight = 100;
        good_ = good_ && is_at("0123456789");
        for (; is_at("0123456789"); text_.remove_prefix(1), weight /= 10)
            ms += weight * (text_.front() - '0');
        return ms;
    }
    bool good() const { return good_; }
    bool at_end() const { return text_.empty(); }

  private:
    std::string_view text_;
    bool good_ = true;
};

}  // namespace

std::optional<std::int64_t> from_iso8601(std::string_view text) {
    Reader reader(text);
    const std::chrono::year year{reader.number(4, 1970, 9999)};
    reader.literal('-');
    const std::chrono::month month{static_cast<unsigned>(reader.number(2, 1, 12))};
    reader.literal('-');
    const std::chrono::day day{static_cast<unsigned>(reader.number(2, 1, 31))};
    const std::chrono::year_month_day date{year, month, day};
    if (!reader.good() || !date.ok()) return std::nullopt;
    std::int64_t ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                          std::chrono::sys_days{date}.time_since_epoch())
                          .count();
    if (reader.at_end()) return ms;
    reader.literal('T');
    ms += reader.number(2, 0, 23) * 3'600'000LL;
    reader.literal(':');
    ms += reader.number(2, 0, 59) * 60'000LL;
    reader.literal(':');
    ms += reader.number(2, 0, 59) * 1'000LL;
    if (reader.is_at(".") && reader.literal('.')) ms += reader.fraction_ms();
    if (reader.is_at("+-")) {
        const int sign = reader.is_at("+") ? 1 : -1;
        reader.literal(sign > 0 ? '+' : '-');
        const int hours = reader.number(2, 0, 23);
        reader.literal(':');
        ms -= sign * (hours * 60LL + reader.number(2, 0, 59)) * 60'000;
    } else {
        reader.literal('Z');
    }
    if (!reader.good() || !reader.at_end() || ms < 0) return std::nullopt;
    return ms;
}

std::size_t utf8_character_bytes(std::string_view text) {
    const auto at = [text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const auto continues = [&](std::size_t i) { return i < text.size() && (at(i) & 0xC0) == 0x80; };
    const unsigned lead = at(0);
    if (lead < 0x80) return 1;
    if (lead >= 0xC2 && lead <= 0xDF) return continues(1) ? 2 : 0;
    if (lead >= 0xE0 && lead <= 0xEF) {
        if (!continues(1) || !continues(2)) return 0;
        const bool overlong = lead == 0xE0 && at(1) < 0xA0;
        const bool surrogate = lead == 0xED && at(1) >= 0xA0;
        return overlong || surrogate ? 0 : 3;
    }
    if (lead >= 0xF0 && lead <= 0xF4) {
        if (!continues(1) || !continues(2) || !continues(3)) return 0;
        const bool out_of_range = (lead == 0xF0 && at(1) < 0x90) || (lead == 0xF4 && at(1) >= 0x90);
        return out_of_range ? 0 : 4;
    }
    return 0;
}

bool is_utf8(std::string_view text) {
    while (!text.empty()) {
        const std::size_t bytes = utf8_character_bytes(text);
        if (bytes == 0) return false;
        text.remove_prefix(bytes);
    }
    return true;
}

}  // namespace signalbox
