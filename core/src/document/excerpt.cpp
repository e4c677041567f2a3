#include "document/excerpt.hpp"

#include <algorithm>
#include <vector>

namespace signalbox::document {
namespace {

constexpr std::size_t kShownCharactersMax = 120;
constexpr std::size_t kBeforeCaretMax = 80;  // of a line that is cut
constexpr std::size_t kNumberWidth = 6;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

/// One entry a character, each of them printable.
std::vector<std::string> characters(std::string_view line) {
    std::vector<std::string> all;
    for (const char c : line) {
        const auto byte = static_cast<unsigned char>(c);
        const bool goes_on = (byte & 0xC0U) == 0x80U && !all.empty();
        if (goes_on) {
            all.back() += c;
        } else if (c == '\t') {
            all.emplace_back(" ");
        } else {
            all.emplace_back(1, byte < 0x20 || byte == 0x7F ? '?' : c);
        }
    }
    return all;
}

}  // namespace

std::optional<std::string_view> line_of(std::string_view text, std::uint32_t number) {
    if (number == 0) return std::nullopt;
    if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
    for (; number > 1; --number) {
        const std::size_t end = text.find('\n');
        if (end == std::string_view::npos) return std::nullopt;
        text.remove_prefix(end + 1);
    }
    std::string_view line = text.substr(0, text.find('\n'));
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

std::string excerpt(std::string_view line, Position position) {
    const std::vector<std::string> all = characters(line);
    // A caret just behind the line's end is fine: that is where something is missing.
    const std::size_t caret =
        std::min<std::size_t>(position.column == 0 ? 0 : position.column - 1, all.size());
    std::size_t first = 0;
    std::size_t last = all.size();
    if (all.size() > kShownCharactersMax) {
        first = caret > kBeforeCaretMax ? caret - kBeforeCaretMax : 0;
        last = std::min(all.size(), first + kShownCharactersMax);
    }
    std::string number = std::to_string(position.line);
    number.insert(0, kNumberWidth - std::min(kNumberWidth, number.size()), ' ');
    std::string shown = number + " | " + (first > 0 ? "…" : "");
    for (std::size_t i = first; i < last; ++i)
        shown += all[i];
    if (last < all.size()) shown += "…";
    if (position.column == 0) return shown;
    return shown + "\n" + std::string(number.size(), ' ') + " | " +
           std::string(caret - first + (first > 0 ? 1 : 0), ' ') + "^";
}

}  // namespace signalbox::document
