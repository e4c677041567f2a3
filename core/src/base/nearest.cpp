#include <algorithm>
#include <cstddef>
#include <numeric>

#include "base/encoding.hpp"

namespace signalbox {
namespace {

/// No name of ours is longer; it also bounds the work that a hostile name can cause.
constexpr std::size_t kWordBytesMax = 128;

/// Edits (insert, delete, replace, swap of neighbours) between two words.
std::size_t edits(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);
    std::vector<std::size_t> above(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(above.begin(), above.end(), std::size_t{0});
    for (std::size_t i = 1; i <= a.size(); ++i) {
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t replaced = above[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
            row[j] = std::min({above[j] + 1, row[j - 1] + 1, replaced});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
                row[j] = std::min(row[j], before[j - 2] + 1);
            }
        }
        before.swap(above);
        above.swap(row);
    }
    return above[b.size()];
}

}  // namespace

std::string_view nearest(std::string_view word, const std::vector<std::string>& candidates) {
    if (word.empty() || word.size() > kWordBytesMax) return {};
    const std::size_t edits_max = std::clamp<std::size_t>(word.size() / 3, 1, 3);
    std::string_view best;
    std::size_t best_edits = edits_max + 1;
    for (const std::string& candidate : candidates) {
        const std::size_t longer = std::max(candidate.size(), word.size());
        const std::size_t shorter = std::min(candidate.size(), word.size());
        if (longer - shorter >= best_edits) continue;
        const std::size_t found = edits(word, candidate);
        if (found < best_edits) {
            best_edits = found;
            best = candidate;
        }
    }
    return best;
}

}  // namespace signalbox
