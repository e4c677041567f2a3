#ifndef SIGNALBOX_PLUGIN_JSON_HPP
#define SIGNALBOX_PLUGIN_JSON_HPP

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <locale>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

/// Enough JSON for a plugin to read its settings, an invocation's members and a target's reply.
///
///     const json::Value settings = json::parse(text);
///     const std::string zone = settings["zone"].text_or("default");
namespace signalbox::plugin::json {

/// Arrays and objects inside each other; more is Malformed.
inline constexpr std::size_t depth_max = 64;

/// What is not JSON. The message names the byte offset and never quotes the text.
class Malformed : public std::runtime_error {
  public:
    /// `offset` in bytes, from 0.
    Malformed(std::size_t offset, const std::string& what_was_found)
        : std::runtime_error("not JSON at byte " + std::to_string(offset) + ": " + what_was_found) {
    }
};

class Value;
/// Items in their order.
using Array = std::vector<Value>;
/// Members in their order.
using Object = std::vector<std::pair<std::string, Value>>;

/// One JSON value. Asking for the wrong kind gives the fallback, and a member that is not there is
/// null, so a chain of lookups needs no checks between.
class Value {
  public:
    /// What a value is.
    enum class Kind { null, boolean, number, string, array, object };

    Value() = default;
    /// A boolean.
    explicit Value(bool boolean) : kind_(Kind::boolean), boolean_(boolean) {}
    /// A number without fraction.
    explicit Value(std::int64_t integer)
        : kind_(Kind::number), number_(static_cast<double>(integer)), integer_(integer) {}
    /// A number.
    explicit Value(double number) : kind_(Kind::number), number_(number) {}
    /// A string, UTF-8.
    explicit Value(std::string text) : kind_(Kind::string), text_(std::move(text)) {}
    /// An array.
    explicit Value(Array items) : kind_(Kind::array), items_(std::move(items)) {}
    /// An object.
    explicit Value(Object members) : kind_(Kind::object), members_(std::move(members)) {}

    Kind kind() const { return kind_; }  ///< what it is
    bool is_null() const { return kind_ == Kind::null; }  ///< also where a lookup found nothing
    bool is_string() const { return kind_ == Kind::string; }  ///< text_or() gives it
    bool is_object() const { return kind_ == Kind::object; }  ///< members() gives them

    /// The boolean.
    bool bool_or(bool fallback) const { return kind_ == Kind::boolean ? boolean_ : fallback; }
    /// The number, rounded to a double.
    double number_or(double fallback) const { return kind_ == Kind::number ? number_ : fallback; }
    /// Only a number written without fraction and exponent that fits; anything else is the
    /// fallback.
    std::int64_t integer_or(std::int64_t fallback) const { return integer_.value_or(fallback); }
    /// The string.
    std::string text_or(std::string_view fallback) const {
        return kind_ == Kind::string ? text_ : std::string(fallback);
    }

    /// The member of that name, or a null value; the last where a text repeats a name.
    const Value& operator[](std::string_view name) const {
        for (auto member = members_.rbegin(); member != members_.rend(); ++member) {
            if (member->first == name) return member->second;
        }
        return nothing();
    }
    /// The item at that place, or a null value.
    const Value& at(std::size_t index) const {
        return index < items_.size() ? items_[index] : nothing();
    }

    const Array& items() const { return items_; }       ///< empty unless an array
    const Object& members() const { return members_; }  ///< empty unless an object

  private:
    static const Value& nothing() {
        static const Value null;
        return null;
    }

    Kind kind_ = Kind::null;
    bool boolean_ = false;
    double number_ = 0;
    std::optional<std::int64_t> integer_;
    std::string text_;
    Array items_;
    Object members_;
};

namespace detail {

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text) {}

    Value document() {
        Value value = any(0);
        skip_space();
        if (position_ != text_.size()) fail("something follows the value");
        return value;
    }

  private:
    [[noreturn]] void fail(const char* what_was_found) const {
        throw Malformed(position_, what_was_found);
    }
    bool ended() const { return position_ == text_.size(); }
    char peek() const { return ended() ? '\0' : text_[position_]; }
    bool take(char wanted) {
        if (ended() || text_[position_] != wanted) return false;
        ++position_;
        return true;
    }
    static bool is_space(char character) {
        return character == ' ' || character == '\t' || character == '\r' || character == '\n';
    }
    static bool is_plain(char character) {
        return static_cast<unsigned char>(character) >= 0x20 && character != '"' &&
               character != '\\';
    }
    void skip_space() {
        while (!ended() && is_space(text_[position_]))
            ++position_;
    }
    void word(std::string_view wanted) {
        if (text_.substr(position_, wanted.size()) != wanted) fail("an unknown word");
        position_ += wanted.size();
    }

    Value any(std::size_t depth) {
        skip_space();
        if (ended()) fail("it ends where a value belongs");
        if ((peek() == '{' || peek() == '[') && depth == depth_max) fail("nested too deeply");
        switch (peek()) {
            case '{':
                return object(depth);
            case '[':
                return array(depth);
            case '"':
                return Value(string());
            case 't':
                return word("true"), Value(true);
            case 'f':
                return word("false"), Value(false);
            case 'n':
                return word("null"), Value();
            default:
                return number();
        }
    }

    Value object(std::size_t depth) {
        Object members;
        take('{');
        skip_space();
        if (take('}')) return Value(std::move(members));
        do {
            skip_space();
            if (peek() != '"') fail("a member's name in quotes belongs here");
            std::string name = string();
            skip_space();
            if (!take(':')) fail("a colon belongs here");
            members.emplace_back(std::move(name), any(depth + 1));
            skip_space();
        } while (take(','));
        if (!take('}')) fail("a comma or a closing brace belongs here");
        return Value(std::move(members));
    }

    Value array(std::size_t depth) {
        Array items;
        take('[');
        skip_space();
        if (take(']')) return Value(std::move(items));
        do {
            items.push_back(any(depth + 1));
            skip_space();
        } while (take(','));
        if (!take(']')) fail("a comma or a closing bracket belongs here");
        return Value(std::move(items));
    }

    std::string string() {
        std::string text;
        take('"');
        for (;;) {
            std::size_t end = position_;
            while (end < text_.size() && is_plain(text_[end]))
                ++end;
            text.append(text_.substr(position_, end - position_));
            position_ = end;
            if (ended()) fail("a string without its closing quote");
            if (take('"')) return text;
            if (!take('\\')) fail("a control character");
            escape(text);
        }
    }

    void escape(std::string& text) {
        constexpr std::string_view letters = "\"\\/bfnrt";
        constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
        if (take('u')) return append_utf8(text, code_point());
        const auto which = ended() ? std::string_view::npos : letters.find(peek());
        if (which == std::string_view::npos) fail("an unknown escape");
        text += meanings[which];
        ++position_;
    }

    std::uint32_t four_hex_digits() {
        std::uint32_t value = 0;
        const auto digits = text_.substr(position_, 4);
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
        if (digits.size() != 4 || read.ec != std::errc() || read.ptr != digits.data() + 4) {
            fail("four hexadecimal digits belong here");
        }
        position_ += 4;
        return value;
    }

    std::uint32_t code_point() {
        const std::uint32_t first = four_hex_digits();
        if (first < 0xD800 || first > 0xDFFF) return first;
        if (first > 0xDBFF || !take('\\') || !take('u')) fail("half a surrogate pair");
        const std::uint32_t second = four_hex_digits();
        if (second < 0xDC00 || second > 0xDFFF) fail("half a surrogate pair");
        return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
    }

    static void append_utf8(std::string& text, std::uint32_t point) {
        const auto byte = [&text](std::uint32_t value) { text += static_cast<char>(value); };
        if (point < 0x80) return byte(point);
        if (point < 0x800) {
            byte(0xC0 | point >> 6);
        } else {
            if (point < 0x10000) {
                byte(0xE0 | point >> 12);
            } else {
                byte(0xF0 | point >> 18);
                byte(0x80 | (point >> 12 & 0x3F));
            }
            byte(0x80 | (point >> 6 & 0x3F));
        }
        byte(0x80 | (point & 0x3F));
    }

    void digits() {
        if (peek() < '0' || peek() > '9') fail("a digit belongs here");
        while (peek() >= '0' && peek() <= '9')
            ++position_;
    }

    Value number() {
        const std::size_t begin = position_;
        take('-');
        if (!take('0')) digits();
        bool whole = true;
        if (take('.')) {
            whole = false;
            digits();
        }
        if (take('e') || take('E')) {
            whole = false;
            if (!take('+')) take('-');
            digits();
        }
        const std::string_view spelled = text_.substr(begin, position_ - begin);
        std::int64_t integer = 0;
        if (whole && std::from_chars(spelled.data(), spelled.data() + spelled.size(), integer).ec ==
                         std::errc()) {
            return Value(integer);
        }
        return Value(floating(spelled));
    }

    /// A stream with the classic locale: strtod follows the program's locale, and not every
    /// standard library has from_chars for double.
    double floating(std::string_view spelled) const {
        std::istringstream stream{std::string(spelled)};
        stream.imbue(std::locale::classic());
        double value = 0;
        if (!(stream >> value)) fail("a number out of range");
        return value;
    }

    std::string_view text_;
    std::size_t position_ = 0;
};

}  // namespace detail

/// Reads one whole JSON text of at most depth_max nested levels; throws Malformed. Strings keep the
/// bytes they have: text from a target may be invalid UTF-8.
inline Value parse(std::string_view text) {
    return detail::Parser(text).document();
}

/// As parse, but none where the text is not JSON: for replies, which may be anything.
inline std::optional<Value> try_parse(std::string_view text) {
    try {
        return parse(text);
    } catch (const Malformed&) {
        return std::nullopt;
    }
}

/// `text` as a JSON string with its quotes: for building a body or a state.
inline std::string quote(std::string_view text) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string quoted = "\"";
    for (const char character : text) {
        const auto byte = static_cast<unsigned char>(character);
        if (byte < 0x20) {
            quoted += "\\u00";
            quoted += digits[byte >> 4];
            quoted += digits[byte & 15];
            continue;
        }
        if (character == '"' || character == '\\') quoted += '\\';
        quoted += character;
    }
    return quoted += '"';
}

}  // namespace signalbox::plugin::json

#endif
