#include "base/hole.hpp"

#include <algorithm>

namespace signalbox {
namespace {

constexpr char kBegin = '\xFF';
constexpr char kEnd = '\xFE';

}  // namespace

std::string hole(std::string_view name) {
    std::string text(1, kBegin);
    text.append(name).push_back(kEnd);
    return text;
}

bool has_hole(std::string_view text) {
    return text.find(kBegin) != std::string_view::npos;
}

std::string fill_holes(std::string_view text,
                       const std::function<std::string(std::string_view name)>& value_of) {
    std::string filled;
    while (true) {
        const std::size_t begin = text.find(kBegin);
        filled.append(text.substr(0, begin));
        if (begin == std::string_view::npos) return filled;
        // Cut off where a message was shortened: what is left is a name, and not a secret.
        const std::size_t end = std::min(text.find(kEnd, begin), text.size());
        filled += value_of(text.substr(begin + 1, end - begin - 1));
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

std::string without_holes(std::string_view text) {
    return fill_holes(text, [](std::string_view) { return std::string("***"); });
}

}  // namespace signalbox
