#include "json/writer.hpp"

#ifdef __SSE2__
#include <emmintrin.h>
#endif

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>

namespace signalbox::json {
namespace {

/// For each byte: 0 as it is, `u` as \u00XX, any other the letter after the backslash.
constexpr std::array<char, 256> escape_letters() {
    std::array<char, 256> letters{};
    for (std::size_t i = 0; i < 0x20; ++i)
        letters[i] = 'u';
    letters['\b'] = 'b';
    letters['\f'] = 'f';
    letters['\n'] = 'n';
    letters['\r'] = 'r';
    letters['\t'] = 't';
    letters['"'] = '"';
    letters['\\'] = '\\';
    return letters;
}
constexpr std::array<char, 256> kEscapeLetters = escape_letters();

constexpr std::size_t kScratchBytesKept = 64 * 1024;  // a thread keeps no more between two texts

#ifdef __SSE2__
constexpr std::size_t kLookedAt = 16;

/// Must any of these bytes be escaped? May say yes wrongly, never no.
bool may_need_escape(const char* sixteen) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(sixteen));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(bytes, _mm_set1_epi8(0x1f)), bytes);
    const __m128i quote = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('"'));
    const __m128i backslash = _mm_cmpeq_epi8(bytes, _mm_set1_epi8('\\'));
    return _mm_movemask_epi8(_mm_or_si128(control, _mm_or_si128(quote, backslash))) != 0;
}
#else
constexpr std::size_t kLookedAt = 8;

/// Must any of these bytes be escaped? May say yes wrongly, never no.
bool may_need_escape(const char* eight) {
    constexpr std::uint64_t ones = 0x0101010101010101;
    constexpr std::uint64_t tops = 0x8080808080808080;
    std::uint64_t word;
    std::memcpy(&word, eight, sizeof word);
    const auto below = [](std::uint64_t bytes, std::uint64_t bound) {
        return (bytes - bound * ones) & ~bytes & tops;
    };
    return (below(word, 0x20) | below(word ^ '"' * ones, 1) | below(word ^ '\\' * ones, 1)) != 0;
}
#endif

template <class Integer>
void append_integer(std::string& out, Integer number) {
    std::array<char, 24> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), number).ptr;
    out.append(text.data(), end);
}

/// The shortest digits that read back as the same double, without point, and the power of ten of
/// the first one.
struct Shortest {
    std::array<char, 24> digits;
    int count = 0;
    int exponent = 0;
};

Shortest shortest(double positive) {
    std::array<char, 40> text;
    const char* const end = std::to_chars(text.data(), text.data() + text.size(), positive,
                                          std::chars_format::scientific)
                                .ptr;
    Shortest found;
    const char* c = text.data();
    for (; *c != 'e'; ++c) {
        if (*c != '.') found.digits[static_cast<std::size_t>(found.count++)] = *c;
    }
    ++c;
    if (*c == '+') ++c;
    std::from_chars(c, end, found.exponent);
    return found;
}

void append_value(std::string& out, const Value& value);

void append_array(std::string& out, const Array& array) {
    out += '[';
    bool first = true;
    for (const Value& item : array) {
        if (!first) out += ',';
        first = false;
        append_value(out, item);
    }
    out += ']';
}

void append_object(std::string& out, const Object& object) {
    out += '{';
    bool first = true;
    for (const auto& member : object) {
        if (!first) out += ',';
        first = false;
        append_string(out, std::string_view(member.key().data(), member.key().size()));
        out += ':';
        append_value(out, member.value());
    }
    out += '}';
}

void append_value(std::string& out, const Value& value) {
    switch (value.kind()) {
        case boost::json::kind::null:
            out += "null";
            return;
        case boost::json::kind::bool_:
            out += value.get_bool() ? "true" : "false";
            return;
        case boost::json::kind::int64:
            return append_integer(out, value.get_int64());
        case boost::json::kind::uint64:
            return append_integer(out, value.get_uint64());
        case boost::json::kind::double_:
            return append_number(out, value.get_double());
        case boost::json::kind::string: {
            const String& text = value.get_string();
            return append_string(out, std::string_view(text.data(), text.size()));
        }
        case boost::json::kind::array:
            return append_array(out, value.get_array());
        case boost::json::kind::object:
            return append_object(out, value.get_object());
    }
}

}  // namespace

std::string write(const Value& value) {
    // A text that grew where it stays would be allocated two or three times, and memory of this size is what
    // an allocator is slow with.
    thread_local std::string scratch;
    scratch.clear();
    append_value(scratch, value);
    std::string out = scratch;
    if (scratch.capacity() > kScratchBytesKept) std::string().swap(scratch);
    return out;
}

void append(std::string& out, const Value& value) {
    append_value(out, value);
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    std::size_t run = 0;
    for (std::size_t i = 0; i < text.size(); ++i) {
        while (i + kLookedAt <= text.size() && !may_need_escape(text.data() + i))
            i += kLookedAt;
        if (i == text.size()) break;
        const auto byte = static_cast<unsigned char>(text[i]);
        const char letter = kEscapeLetters[byte];
        if (letter == 0) continue;
        out.append(text.data() + run, i - run);
        run = i + 1;
        out += '\\';
        out += letter;
        if (letter == 'u') {
            out += byte < 0x10 ? "000" : "001";
            out += "0123456789abcdef"[byte & 15];
        }
    }
    out.append(text.data() + run, text.size() - run);
    out += '"';
}

void append_number(std::string& out, double number) {
    if (!std::isfinite(number)) {
        out += "null";  // as JSON.stringify does; the door lets none in
        return;
    }
    if (number == 0) {
        out += '0';
        return;
    }
    if (number < 0) out += '-';
    const Shortest found = shortest(std::fabs(number));
    const std::string_view digits(found.digits.data(), static_cast<std::size_t>(found.count));
    const int point = found.exponent + 1;  // digits before the decimal point
    if (point > 21 || point < -5) {
        out += digits.front();
        if (digits.size() > 1) {
            out += '.';
            out += digits.substr(1);
        }
        out += found.exponent < 0 ? "e-" : "e+";
        append_integer(out, std::abs(found.exponent));
    } else if (point <= 0) {
        out += "0.";
        out.append(static_cast<std::size_t>(-point), '0');
        out += digits;
    } else if (point >= found.count) {
        out += digits;
        out.append(static_cast<std::size_t>(point - found.count), '0');
    } else {
        out += digits.substr(0, static_cast<std::size_t>(point));
        out += '.';
        out += digits.substr(static_cast<std::size_t>(point));
    }
}

}  // namespace signalbox::json
