#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

/// jq's text as its own lexer reads it: what a name in it is can be said by its tokens only.
namespace signalbox::jq {

struct Token {
    enum class Kind : std::uint8_t {
        name,      ///< a function or a keyword: `map`, `if`, `a::b`
        key,       ///< a name that stands for itself: `a` in `{a: 1}` and in `. as {a: $x}`
        field,     ///< `.name`, with its point
        variable,  ///< `name` of `$name`, however far it stands from its `$`
        string,    ///< `"` at the begin of a string; what is interpolated into it are tokens again
        number,
        format,  ///< `@base64`
        symbol,  ///< one character of anything else
    };
    Kind kind = Kind::symbol;
    std::string_view text;   ///< into the text that was scanned
    std::size_t offset = 0;  ///< of its first byte
    std::size_t depth = 0;   ///< how many brackets and interpolations are open before it
};

struct Tokens {
    std::vector<Token> list;
    /// Where an expression ends that `}}` ends: at the first `}}` with nothing open. npos: nowhere.
    std::size_t end = std::string_view::npos;
    bool balanced = true;  ///< every bracket and string is closed by its like, up to the end
};

/// Scans `text`; with `braces` up to a `}}` that ends it, else all of it. Takes any bytes. Linear
/// in the text, and on the heap what is open: a text may nest as deep as it is long.
Tokens scan(std::string_view text, bool braces);

}  // namespace signalbox::jq
