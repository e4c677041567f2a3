#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace signalbox {

/// A set of bytes, each asked for by one look into a table: texts from outside are judged byte by byte.
class Characters {
  public:
    constexpr explicit Characters(std::string_view members) { add(members); }
    static constexpr Characters from(unsigned char lowest) {
        Characters all("");
        for (std::size_t c = lowest; c < all.in_.size(); ++c)
            all.in_[c] = true;
        return all;
    }

    constexpr Characters with(std::string_view more) const {
        Characters all = *this;
        all.add(more);
        return all;
    }
    constexpr bool has(char c) const { return in_[static_cast<unsigned char>(c)]; }
    constexpr Characters without(std::string_view some) const {
        Characters rest = *this;
        for (const char c : some)
            rest.in_[static_cast<unsigned char>(c)] = false;
        return rest;
    }
    /// True of an empty text.
    constexpr bool has_all(std::string_view text) const {
        for (const char c : text) {
            if (!has(c)) return false;
        }
        return true;
    }

  private:
    constexpr void add(std::string_view members) {
        for (const char c : members)
            in_[static_cast<unsigned char>(c)] = true;
    }

    std::array<bool, 256> in_{};
};

inline constexpr Characters letters_and_digits{
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"};
inline constexpr Characters hex_digits{"0123456789abcdefABCDEF"};
/// What a method or a header's name is made of (RFC 9110, section 5.6.2).
inline constexpr Characters token_characters = letters_and_digits.with("!#$%&'*+-.^_`|~");
/// What a header's value is made of: no control but the tab (RFC 9110, section 5.5).
inline constexpr Characters field_value_characters =
    Characters::from(' ').without("\x7f").with("\t");

}  // namespace signalbox
