#include "document/scalar.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace signalbox::document {
namespace {

constexpr std::array<std::string_view, 20> foreign_booleans = {
    "y",  "Y",  "yes", "Yes", "YES", "n",   "N",    "no",   "No",    "NO",
    "on", "On", "ON",  "off", "Off", "OFF", "True", "TRUE", "False", "FALSE"};
constexpr std::array<std::string_view, 3> foreign_nulls = {"~", "Null", "NULL"};

template <std::size_t count>
bool contains(const std::array<std::string_view, count>& words, std::string_view word) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::size_t digits_at(std::string_view text, std::size_t from) {
    std::size_t end = from;
    while (end < text.size() && is_digit(text[end]))
        ++end;
    return end - from;
}

enum class Form { text, integer, real, leading_zero, other_base };

bool has_other_base(std::string_view digits) {
    if (digits.size() < 3 || digits[0] != '0') return false;
    const auto all_of = [&](std::string_view accepted) {
        return digits.find_first_not_of(accepted, 2) == std::string_view::npos;
    };
    return (digits[1] == 'x' && all_of("0123456789abcdefABCDEF_")) ||
           (digits[1] == 'o' && all_of("01234567_")) || (digits[1] == 'b' && all_of("01_"));
}

// JSON's grammar of numbers, and the two forms beside it that look like numbers to nearly
// everybody.
Form form_of(std::string_view text) {
    const std::size_t start = text.starts_with('-') ? 1 : 0;
    if (has_other_base(text.substr(start))) return Form::other_base;
    const std::size_t whole = digits_at(text, start);
    std::size_t end = start + whole;
    bool real = false;
    if (whole == 0) return Form::text;
    if (end < text.size() && text[end] == '.') {
        const std::size_t fraction = digits_at(text, end + 1);
        if (fraction == 0) return Form::text;
        end += 1 + fraction;
        real = true;
    }
    if (end < text.size() && (text[end] == 'e' || text[end] == 'E')) {
        const bool sign = end + 1 < text.size() && (text[end + 1] == '+' || text[end + 1] == '-');
        const std::size_t exponent = digits_at(text, end + (sign ? 2 : 1));
        if (exponent == 0) return Form::text;
        end += (sign ? 2 : 1) + exponent;
        real = true;
    }
    if (end != text.size()) return Form::text;
    if (whole > 1 && text[start] == '0') return Form::leading_zero;
    return real ? Form::real : Form::integer;
}

template <class Number>
bool read_number(std::string_view text, json::Value& into) {
    Number number{};
    if (std::from_chars(text.data(), text.data() + text.size(), number).ec != std::errc())
        return false;
    into = number;
    return true;
}

Resolved number_of(std::string_view text, Form form) {
    Resolved resolved{Node::Kind::number, false, {}, {}};
    const bool read = form == Form::real ? read_number<double>(text, resolved.number)
                                         : read_number<std::int64_t>(text, resolved.number) ||
                                               read_number<std::uint64_t>(text, resolved.number);
    if (!read) {
        resolved.number = 0;
        resolved.problem =
            form == Form::real
                ? "a number outside the range of double precision; quote it if it is text"
                : "an integer of more than 64 bits; quote it if it is text";
    }
    return resolved;
}

Resolved refused(Node::Kind kind, std::string problem) {
    return {kind, false, {}, std::move(problem)};
}

}  // namespace

bool is_foreign_boolean(std::string_view text) {
    return contains(foreign_booleans, text);
}

Resolved resolve_plain(std::string_view text) {
    if (text.empty() || text == "null") return {Node::Kind::null, false, {}, {}};
    if (text == "true" || text == "false") return {Node::Kind::boolean, text == "true", {}, {}};
    if (is_foreign_boolean(text))
        return refused(Node::Kind::string,
                       "unquoted `" + std::string(text) +
                           "` is read differently by different readers; write true "
                           "or false, or quote it if it is text");
    if (contains(foreign_nulls, text))
        return refused(Node::Kind::null,
                       "unquoted `" + std::string(text) +
                           "` is read differently by different readers; write null "
                           "(or nothing), or quote it if it is text");
    switch (const Form form = form_of(text); form) {
        case Form::integer:
        case Form::real:
            return number_of(text, form);
        case Form::leading_zero:
            return refused(
                Node::Kind::string,
                "a number with a leading zero is read differently by different readers; write "
                "it without the zero, or quote it if it is text");
        case Form::other_base:
            return refused(Node::Kind::string,
                           "a hexadecimal, octal or binary number is read differently by different "
                           "readers; write it in decimal, or quote it if it is text");
        case Form::text:
            break;
    }
    return {};
}

}  // namespace signalbox::document
