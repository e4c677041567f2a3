#include "jq/source.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <system_error>
#include <utility>
#include <vector>

#include "base/limits.hpp"
#include "jq/numbers.hpp"
#include "jq/prelude.hpp"
#include "jq/tokens.hpp"

namespace signalbox::jq {
namespace {

using Kind = Token::Kind;

constexpr std::size_t kShownBytesMax = 80;

struct Refusal {
    std::string_view name;
    std::string_view why;
};

constexpr std::array kRefused = {
    Refusal{"env", "reads the environment of the server"},
    Refusal{"input", "reads from outside"},
    Refusal{"inputs", "reads from outside; the inputs of the invocation are `.inputs`"},
    Refusal{"input_filename", "reads from outside"},
    Refusal{"input_line_number", "reads from outside"},
    Refusal{"debug", "writes to the server's output"},
    Refusal{"stderr", "writes to the server's output"},
    Refusal{"halt", "ends more than the expression"},
    Refusal{"halt_error", "ends more than the expression"},
    Refusal{"import", "reads files of the server"},
    Refusal{"include", "reads files of the server"},
    Refusal{"modulemeta", "reads files of the server"},
    Refusal{"get_search_list", "tells of the server's files"},
};

/// Those of jq's own that can go on for ever, or as good as, whatever they are given.
constexpr std::array<std::string_view, 6> kEndless = {"range",  "until",        "while",
                                                      "repeat", "combinations", "fromstream"};

Error unsupported(std::string_view text, const std::string& why) {
    return Error{"unsupported_expression", "the expression " + shown(text) + " " + why, {}};
}

bool is(const Token& token, Kind kind, std::string_view text) {
    return token.kind == kind && token.text == text;
}

class Judge {
  public:
    Judge(std::string_view text, const std::vector<Token>& tokens, bool unbounded)
        : text_(text), tokens_(tokens), unbounded_(unbounded) {}

    /// Empty: nothing is wrong.
    std::string finding() const {
        for (std::size_t i = 0; i < tokens_.size(); ++i) {
            std::string found = finding_of(i);
            if (!found.empty()) return found;
        }
        return {};
    }

  private:
    std::string finding_of(std::size_t i) const {
        const Token& token = tokens_[i];
        if (token.kind == Kind::number) return number(token.text);
        if (token.kind == Kind::variable) return variable(token.text);
        if (token.kind != Kind::name) return {};
        for (const Refusal& refusal : kRefused) {
            if (token.text == refusal.name) return refused(token.text, refusal.why);
        }
        if (token.text.starts_with(prelude_prefix))
            return refused(token.text, "is not for expressions");
        if (unbounded_) return {};
        const bool with_argument = i + 1 < tokens_.size() && is(tokens_[i + 1], Kind::symbol, "(");
        const bool endless =
            std::find(kEndless.begin(), kEndless.end(), token.text) != kEndless.end() ||
            (token.text == "recurse" && with_argument) || token.text == "def";
        if (!endless) return {};
        return std::string("uses `") + std::string(token.text) +
               "`, which can run without end; write it without, or put `unbounded: true` at the "
               "top of the action's document";
    }

    static std::string refused(std::string_view name, std::string_view why) {
        return "uses `" + std::string(name) + "`, which " + std::string(why);
    }

    static std::string variable(std::string_view name) {
        if (name == "ENV") return refused("$ENV", "reads the environment of the server");
        if (name.starts_with("__") && name != "__loc__")
            return refused("$" + std::string(name), "is not for expressions");
        return {};
    }

    static std::string number(std::string_view digits) {
        double value = 0;
        const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (read.ec == std::errc::result_out_of_range || loses_digits(value))
            return "has the number " + std::string(digits.substr(0, 40)) +
                   ", which jq does not keep exactly; accepted are integers up to 2^53, or a "
                   "string";
        return {};
    }

    std::string_view text_;
    const std::vector<Token>& tokens_;
    const bool unbounded_;
};

/// What jq 1.7 reads and 1.6 does not, and where a function of the author's own begins.
std::string rewritten(std::string_view text, const std::vector<Token>& tokens) {
    std::vector<std::pair<std::size_t, std::string>> inserts;
    std::vector<bool> ifs;                 // of those that are open: has it an else?
    std::vector<std::size_t> definitions;  // depths at which the colon of a `def` is awaited
    for (const Token& token : tokens) {
        if (is(token, Kind::symbol, ":") && !definitions.empty() &&
            definitions.back() == token.depth) {
            definitions.pop_back();
            inserts.emplace_back(token.offset + 1, " " + std::string(tick_name) + " | ");
        }
        if (token.kind != Kind::name) continue;
        if (token.text == "def") definitions.push_back(token.depth);
        if (token.text == "if") ifs.push_back(false);
        if (token.text == "else" && !ifs.empty()) ifs.back() = true;
        if (token.text != "end" || ifs.empty()) continue;
        if (!ifs.back()) inserts.emplace_back(token.offset, "else . ");
        ifs.pop_back();
    }
    std::string made;
    std::size_t done = 0;
    for (const auto& [offset, insert] : inserts) {
        made.append(text.substr(done, offset - done)).append(insert);
        done = offset;
    }
    return made.append(text.substr(done));
}

}  // namespace

std::string shown(std::string_view expression) {
    std::size_t end = std::min(expression.size(), kShownBytesMax);
    const auto is_within_character = [&] {
        return end > 0 && end < expression.size() &&
               (static_cast<unsigned char>(expression[end]) & 0xc0) == 0x80;
    };
    while (is_within_character())
        --end;
    std::string text(expression.substr(0, end));
    if (end < expression.size()) text += "…";
    std::replace_if(
        text.begin(), text.end(), [](unsigned char c) { return c < 0x20; }, ' ');
    return "{{ " + text + " }}";
}

Result<std::string> make_source(std::string_view text, bool unbounded) {
    if (text.size() > limits::jq_expression_bytes_max)
        return unsupported(text, "has " + std::to_string(text.size()) + " bytes; at most " +
                                     std::to_string(limits::jq_expression_bytes_max) +
                                     " are accepted");
    if (text.find('\0') != std::string_view::npos) return unsupported(text, "has a NUL in it");
    const Tokens tokens = scan(text, false);
    if (!tokens.balanced)
        return unsupported(text, "has a bracket or a string that is not closed by its like");
    if (tokens.list.empty())
        return unsupported(text, "is empty; write a path such as .inputs.name");
    std::string finding = Judge(text, tokens.list, unbounded).finding();
    if (!finding.empty()) return unsupported(text, finding);
    return rewritten(text, tokens.list);
}

}  // namespace signalbox::jq
