#include "actions/expression.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "json/door.hpp"

namespace signalbox::actions {
namespace {

constexpr std::string_view kWhite = " \t\r\n";
constexpr std::size_t kQuotedBytesMax = 80;

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kWhite);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
}

/// Where the `}}` of an expression that begins at `begin` stands, or npos. What is open is kept in
/// a list and not on the stack: a text may nest as deep as it is long.
std::size_t find_end(std::string_view text, std::size_t begin) {
    std::string open;
    for (std::size_t i = begin; i < text.size(); ++i) {
        const char c = text[i];
        if (!open.empty() && open.back() == '"') {
            if (c == '"') {
                open.pop_back();
            } else if (c == '\\' && ++i < text.size() && text[i] == '(') {
                open += '(';  // an interpolation: expressions again, up to its parenthesis
            }
        } else if (c == '"' || c == '(' || c == '[' || c == '{') {
            open += c;
        } else if (c == ')' || c == ']' || c == '}') {
            if (c == '}' && open.empty()) {
                if (text.substr(i, 2) == "}}") return i;
                return std::string_view::npos;
            }
            if (!open.empty()) open.pop_back();
        }
    }
    return std::string_view::npos;
}

/// The text of an expression, short enough for a message and without broken characters.
std::string shown(std::string_view expression) {
    std::size_t end = std::min(expression.size(), kQuotedBytesMax);
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

Error unsupported(std::string message) {
    return Error{"unsupported_expression", std::move(message), {}};
}

Error not_a_path(std::string_view expression) {
    return unsupported(
        "the expression " + shown(expression) +
        " is not a plain path, and this version evaluates nothing else; accepted are "
        ".inputs.name, .inputs[\"a-b\"], .inputs.list[0] and the like");
}

bool is_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Reads the steps of a path one by one.
class PathReader {
  public:
    explicit PathReader(std::string_view text) : rest_(text) {}

    std::optional<Path> read() {
        if (!take('.')) return std::nullopt;
        if (rest_.empty()) return Path{};
        Path path;
        bool after_point = true;
        while (!rest_.empty()) {
            auto step = next(after_point);
            if (!step) return std::nullopt;
            path.push_back(std::move(*step));
            after_point = take('.');
            if (after_point && rest_.empty()) return std::nullopt;
        }
        return path;
    }

  private:
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    void skip_white() {
        rest_.remove_prefix(std::min(rest_.find_first_not_of(kWhite), rest_.size()));
    }

    std::optional<Step> next(bool after_point) {
        if (take('[')) return bracketed();
        if (!after_point) return std::nullopt;
        if (rest_.starts_with('"')) return quoted();
        std::size_t end = 0;
        while (end < rest_.size() && (is_letter(rest_[end]) || (end > 0 && is_digit(rest_[end])))) {
            ++end;
        }
        if (end == 0) return std::nullopt;
        Step step{false, std::string(rest_.substr(0, end)), 0};
        rest_.remove_prefix(end);
        return step;
    }

    std::optional<Step> bracketed() {
        skip_white();
        std::optional<Step> step = rest_.starts_with('"') ? quoted() : index();
        skip_white();
        if (!take(']')) return std::nullopt;
        return step;
    }

    /// A jq string without interpolation is spelled as a JSON string is.
    std::optional<Step> quoted() {
        std::size_t end = 1;
        while (end < rest_.size() && rest_[end] != '"')
            end += rest_[end] == '\\' ? 2 : 1;
        if (end >= rest_.size()) return std::nullopt;
        const auto name = json::parse(rest_.substr(0, end + 1));
        if (!name) return std::nullopt;
        rest_.remove_prefix(end + 1);
        return Step{false, std::string(name->as_string()), 0};
    }

    std::optional<Step> index() {
        Step step{true, {}, 0};
        const auto read = std::from_chars(rest_.data(), rest_.data() + rest_.size(), step.index);
        if (read.ec != std::errc{}) return std::nullopt;
        rest_.remove_prefix(static_cast<std::size_t>(read.ptr - rest_.data()));
        return step;
    }

    std::string_view rest_;
};

/// Empty where the path begins at something that is there.
std::string root_problem(const Path& path, std::string_view expression,
                         const std::vector<std::string>& known) {
    if (path.empty()) return {};
    const Step& root = path.front();
    if (!root.by_index && std::find(known.begin(), known.end(), root.name) != known.end())
        return {};
    const std::string begin = "the expression " + shown(expression);
    if (root.name == "event") {
        return begin + " needs an automation's event, and automations need Port's catalogue";
    }
    std::string accepted;
    for (const std::string& name : known)
        accepted += (accepted.empty() ? "." : ", .") + name;
    const std::string_view near = nearest(root.name, known);
    const std::string hint = near.empty() ? "" : "did you mean ." + std::string(near) + "? ";
    return begin + " begins at something that does not exist; " + hint + "accepted are " + accepted;
}

const json::Value& nothing() {
    static const json::Value value;
    return value;
}

const json::Value* step_into(const json::Value& value, const Step& step) {
    if (!step.by_index) {
        const json::Object* object = value.if_object();
        return object == nullptr ? nullptr : object->if_contains(step.name);
    }
    const json::Array* array = value.if_array();
    if (array == nullptr) return nullptr;
    const auto size = static_cast<std::int64_t>(array->size());
    const std::int64_t index = step.index < 0 ? size + step.index : step.index;
    return index < 0 ? nullptr : array->if_contains(static_cast<std::size_t>(index));
}

}  // namespace

SplitText split_text(std::string_view text) {
    SplitText split;
    while (!text.empty()) {
        const std::size_t begin = text.find("{{");
        if (begin != 0) split.parts.push_back({false, std::string(text.substr(0, begin))});
        if (begin == std::string_view::npos) break;
        const std::size_t end = find_end(text, begin + 2);
        if (end == std::string_view::npos) {
            split.closed = false;
            break;
        }
        const std::string_view inside = text.substr(begin + 2, end - begin - 2);
        split.parts.push_back({true, std::string(trimmed(inside))});
        text.remove_prefix(end + 2);
    }
    return split;
}

const std::vector<std::string>& action_roots() {
    static const std::vector<std::string> names = {"inputs", "trigger", "entity", "action", "run"};
    return names;
}

Result<Path> parse_path(std::string_view expression, const std::vector<std::string>& roots) {
    auto path = PathReader(expression).read();
    if (!path) return not_a_path(expression);
    std::string problem = root_problem(*path, expression, roots);
    if (!problem.empty()) return unsupported(std::move(problem));
    return std::move(*path);
}

const json::Value& follow(const Path& path, const json::Value& context) {
    const json::Value* here = &context;
    for (const Step& step : path) {
        here = step_into(*here, step);
        if (here == nullptr) return nothing();
    }
    return *here;
}

}  // namespace signalbox::actions
