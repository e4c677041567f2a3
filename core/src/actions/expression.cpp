#include "actions/expression.hpp"

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

#include "base/encoding.hpp"
#include "jq/source.hpp"
#include "jq/tokens.hpp"
#include "json/door.hpp"

namespace signalbox::actions {
namespace {

constexpr std::string_view kWhite = " \t\r\n";

std::string_view trimmed(std::string_view text) {
    const std::size_t begin = text.find_first_not_of(kWhite);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(kWhite) - begin + 1);
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

std::string begins_nowhere(std::string_view name, std::string_view expression,
                           const std::vector<std::string>& roots) {
    const std::string begin = "the expression " + jq::shown(expression);
    if (name == "event") {
        return begin + " needs an automation's event, and automations need Port's catalogue";
    }
    std::string accepted;
    for (const std::string& root : roots)
        accepted += (accepted.empty() ? "." : ", .") + root;
    const std::string_view near = nearest(name, roots);
    const std::string hint = near.empty() ? "" : "did you mean ." + std::string(near) + "? ";
    return begin + " begins at something that does not exist; " + hint + "accepted are " + accepted;
}

bool is_among(std::string_view name, const std::vector<std::string>& names) {
    return std::find(names.begin(), names.end(), name) != names.end();
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
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t begin = std::min(text.find("{{", at), text.size());
        if (begin != at) split.parts.push_back({false, std::string(text.substr(at, begin - at)), at});
        if (begin == text.size()) break;
        const std::size_t length = jq::scan(text.substr(begin + 2), true).end;
        if (length == std::string_view::npos) {
            split.closed = false;
            split.open = begin;
            break;
        }
        const std::string_view inside = text.substr(begin + 2, length);
        const std::size_t first = std::min(inside.find_first_not_of(kWhite), inside.size());
        split.parts.push_back({true, std::string(trimmed(inside)), begin + 2 + first});
        at = begin + 2 + length + 2;
    }
    return split;
}

std::optional<Path> parse_path(std::string_view expression) {
    return PathReader(expression).read();
}

const std::vector<std::string>& action_roots() {
    static const std::vector<std::string> names = {"inputs", "trigger", "entity", "action", "run"};
    return names;
}

std::string root_problem(const Path& path, std::string_view expression,
                         const std::vector<std::string>& roots) {
    if (path.empty()) return {};
    const Step& root = path.front();
    if (!root.by_index && is_among(root.name, roots)) return {};
    return begins_nowhere(root.name, expression, roots);
}

std::string jq_root_problem(std::string_view expression, const std::vector<std::string>& roots) {
    const std::vector<jq::Token> tokens = jq::scan(expression, false).list;
    if (tokens.empty() || tokens.front().kind != jq::Token::Kind::field) return {};
    const std::string_view name = tokens.front().text.substr(1);
    return is_among(name, roots) ? std::string() : begins_nowhere(name, expression, roots);
}

const json::Value* ReadyContext::root(std::string_view name) const {
    const json::Object* roots = roots_.if_object();
    return roots == nullptr ? nullptr : roots->if_contains(name);
}

const json::Value& follow(const Path& path, const Context& context) {
    if (path.empty()) return context.whole();
    const Step& first = path.front();
    const json::Value* here =
        first.by_index ? step_into(context.whole(), first) : context.root(first.name);
    for (auto step = path.begin() + 1; step != path.end() && here != nullptr; ++step)
        here = step_into(*here, *step);
    return here == nullptr ? nothing() : *here;
}

}  // namespace signalbox::actions
