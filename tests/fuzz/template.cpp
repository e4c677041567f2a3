#include <string>
#include <string_view>

#include "actions/expression.hpp"
#include "jq/source.hpp"
#include "jq/tokens.hpp"
#include "promise.hpp"

using namespace signalbox;

namespace {

void check_tokens(std::string_view text, bool braces) {
    const jq::Tokens tokens = jq::scan(text, braces);
    const std::size_t end = tokens.end == std::string_view::npos ? text.size() : tokens.end;
    PROMISE(tokens.end == std::string_view::npos || text.substr(tokens.end, 2) == "}}");
    std::size_t after = 0;
    for (const jq::Token& token : tokens.list) {
        PROMISE(!token.text.empty() && token.offset >= after);
        PROMISE(token.offset + token.text.size() <= end);
        PROMISE(text.substr(token.offset, token.text.size()) == token.text);
        after = token.offset + token.text.size();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t bytes) {
    const std::string_view text(reinterpret_cast<const char*>(data), bytes);
    check_tokens(text, true);
    check_tokens(text, false);

    // Nothing of the text is lost but braces and white space, and nothing is added.
    const actions::SplitText split = actions::split_text(text);
    std::size_t at = 0;
    for (const actions::TextPart& part : split.parts) {
        const std::size_t found = text.find(part.text, at);
        PROMISE(found != std::string_view::npos);
        PROMISE(part.expression || found == at);
        at = found + part.text.size();
        if (part.expression) at = text.find("}}", at) + 2;
    }

    const auto bounded = jq::make_source(text, false);
    const auto unbounded = jq::make_source(text, true);
    if (bounded) {
        // What needs no `unbounded` is the same with it, and closes what it opens.
        PROMISE(static_cast<bool>(unbounded) && *unbounded == *bounded);
        PROMISE(jq::scan(*bounded, false).balanced);
    }
    if (!unbounded) {
        PROMISE(unbounded.error().code == "unsupported_expression");
        PROMISE(!static_cast<bool>(bounded));
    }
    return 0;
}
