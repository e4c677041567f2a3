#include "jq/tokens.hpp"

#include <string>

namespace signalbox::jq {
namespace {

using Kind = Token::Kind;

constexpr auto kNowhere = std::string_view::npos;
constexpr char kString = '"';
constexpr char kInterpolation = '\\';

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_white(char c) {
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

class Scanner {
  public:
    Scanner(std::string_view text, bool braces) : text_(text), braces_(braces) {}

    Tokens scan() {
        while (at_ < text_.size() && found_.end == kNowhere) {
            if (!open_.empty() && open_.back() == kString) {
                in_string();
            } else {
                outside();
            }
        }
        if (!open_.empty() || (braces_ && found_.end == kNowhere)) found_.balanced = false;
        return std::move(found_);
    }

  private:
    char peek(std::size_t ahead = 0) const {
        return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0';
    }

    bool at_end() const { return braces_ && open_.empty() && text_.substr(at_, 2) == "}}"; }

    void add(Kind kind, std::size_t bytes) {
        found_.list.push_back({kind, text_.substr(at_, bytes), at_, open_.size()});
        at_ += bytes;
        after_key_ = false;
        after_dollar_ = false;
    }

    void in_string() {
        const char c = text_[at_++];
        if (c == '"') {
            open_.pop_back();
        } else if (c == '\\' && at_ < text_.size() && text_[at_++] == '(') {
            open_ += kInterpolation;
        }
    }

    void outside() {
        const char c = peek();
        if (at_end()) {
            found_.end = at_;
        } else if (is_white(c)) {
            ++at_;
        } else if (c == '#') {
            comment();
        } else if (c == '"') {
            add(Kind::string, 1);
            open_ += kString;
        } else if (is_letter(c)) {
            name();
        } else if (is_digit(c) || (c == '.' && is_digit(peek(1)))) {
            number();
        } else if (c == '.' && is_letter(peek(1))) {
            add(Kind::field, 1 + letters(1));
        } else if (c == '@' && is_letter(peek(1))) {
            add(Kind::format, 1 + letters(1));
        } else if (c == '$') {
            ++at_;
            after_key_ = false;
            after_dollar_ = true;
        } else {
            symbol(c);
        }
    }

    /// A comment that would hide the end of everything ends with it.
    void comment() {
        while (at_ < text_.size() && text_[at_] != '\n' && !at_end())
            ++at_;
    }

    std::size_t letters(std::size_t from) const {
        std::size_t count = 0;
        while (is_letter(peek(from + count)) || is_digit(peek(from + count)))
            ++count;
        return count;
    }

    void name() {
        std::size_t bytes = letters(0);
        while (peek(bytes) == ':' && peek(bytes + 1) == ':' && is_letter(peek(bytes + 2)))
            bytes += 2 + letters(bytes + 2);
        add(after_dollar_ ? Kind::variable : after_key_ ? Kind::key : Kind::name, bytes);
    }

    void number() {
        std::size_t bytes = 0;
        while (is_digit(peek(bytes)))
            ++bytes;
        if (peek(bytes) == '.') ++bytes;
        while (is_digit(peek(bytes)))
            ++bytes;
        if (peek(bytes) == 'e' || peek(bytes) == 'E') {
            const std::size_t sign = peek(bytes + 1) == '+' || peek(bytes + 1) == '-' ? 1 : 0;
            if (is_digit(peek(bytes + 1 + sign))) {
                bytes += 1 + sign;
                while (is_digit(peek(bytes)))
                    ++bytes;
            }
        }
        add(Kind::number, bytes);
    }

    void symbol(char c) {
        if (c == ')' || c == ']' || c == '}') close(c);
        add(Kind::symbol, 1);
        if (c == '(' || c == '[' || c == '{') open_ += c;
        after_key_ = c == '{' || (c == ',' && !open_.empty() && open_.back() == '{');
    }

    void close(char c) {
        const char opening = open_.empty() ? '\0' : open_.back();
        const bool fits = c == ')'   ? opening == '(' || opening == kInterpolation
                          : c == ']' ? opening == '['
                                     : opening == '{';
        if (!fits) found_.balanced = false;
        if (!open_.empty()) open_.pop_back();
    }

    const std::string_view text_;
    const bool braces_;
    std::size_t at_ = 0;
    std::string open_;           // brackets, kString, kInterpolation
    bool after_key_ = false;     // a name here is an object's key
    bool after_dollar_ = false;  // and here a variable's
    Tokens found_;
};

}  // namespace

Tokens scan(std::string_view text, bool braces) {
    return Scanner(text, braces).scan();
}

}  // namespace signalbox::jq
