#include "app/text.hpp"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <ctime>
#include <limits>
#include <numeric>
#include <ostream>
#include <utility>

namespace signalbox::app {
namespace {

/// Insertions, deletions, changes and swaps of neighbours that lead from one word to the other.
std::size_t edit_distance(std::string_view left, std::string_view right) {
    std::vector<std::size_t> before_last;
    std::vector<std::size_t> last(right.size() + 1);
    std::iota(last.begin(), last.end(), std::size_t{0});
    for (std::size_t i = 1; i <= left.size(); ++i) {
        std::vector<std::size_t> row(right.size() + 1, i);
        for (std::size_t j = 1; j <= right.size(); ++j) {
            const bool same = left[i - 1] == right[j - 1];
            row[j] = std::min({last[j - 1] + (same ? 0 : 1), last[j] + 1, row[j - 1] + 1});
            const bool swapped =
                i > 1 && j > 1 && left[i - 1] == right[j - 2] && left[i - 2] == right[j - 1];
            if (swapped) row[j] = std::min(row[j], before_last[j - 2] + 1);
        }
        before_last = std::exchange(last, std::move(row));
    }
    return last[right.size()];
}

std::string hex_escape(std::string_view prefix, unsigned value, int digits) {
    char text[16];
    std::snprintf(text, sizeof text, "%0*x", digits, value);
    return std::string(prefix) + text;
}

struct Unit {
    std::string_view name;
    std::int64_t length_ms;
};
constexpr Unit kUnits[] = {
    {"ms", 1}, {"s", 1'000}, {"m", 60'000}, {"h", 3'600'000}, {"d", 86'400'000}};

/// The length of the well-formed UTF-8 sequence at the start of `text`; 0 where there is none.
std::size_t utf8_length(std::string_view text) {
    const auto byte = [&](std::size_t i) {
        return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
    };
    const auto continues = [&](std::size_t i) { return (byte(i) & 0xC0) == 0x80; };
    const unsigned first = byte(0);
    if (first < 0x80) return 1;
    if (first >= 0xC2 && first < 0xE0) return continues(1) ? 2 : 0;
    if (first >= 0xE0 && first < 0xF0) {
        const bool overlong = first == 0xE0 && byte(1) < 0xA0;
        const bool surrogate = first == 0xED && byte(1) >= 0xA0;
        return continues(1) && continues(2) && !overlong && !surrogate ? 3 : 0;
    }
    if (first >= 0xF0 && first < 0xF5) {
        const bool overlong = first == 0xF0 && byte(1) < 0x90;
        const bool beyond = first == 0xF4 && byte(1) >= 0x90;
        return continues(1) && continues(2) && continues(3) && !overlong && !beyond ? 4 : 0;
    }
    return 0;
}

/// Marks and overrides that turn the direction of what follows: a line that has one can show a name or a URL
/// that is not the one it has.
bool turns_direction(unsigned point) {
    return point == 0x061C || point == 0x200E || point == 0x200F ||
           (point >= 0x202A && point <= 0x202E) || (point >= 0x2066 && point <= 0x2069);
}

/// The character that a well-formed sequence of two or three bytes stands for; 0 for any other length.
unsigned code_point(std::string_view sequence) {
    if (sequence.size() < 2) return 0;
    const auto low = [&](std::size_t i) { return static_cast<unsigned char>(sequence[i]) & 0x3Fu; };
    const unsigned first = static_cast<unsigned char>(sequence[0]);
    if (sequence.size() == 2) return (first & 0x1Fu) << 6 | low(1);
    return sequence.size() == 3 ? (first & 0x0Fu) << 12 | low(1) << 6 | low(2) : 0;
}

std::string json_escape(char c) {
    switch (c) {
        case '"':
            return "\\\"";
        case '\\':
            return "\\\\";
        case '\n':
            return "\\n";
        case '\r':
            return "\\r";
        case '\t':
            return "\\t";
        default:
            return hex_escape("\\u", static_cast<unsigned char>(c), 4);
    }
}

/// Characters, not bytes: what a terminal makes a column of.
std::size_t width(std::string_view text) {
    return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) & 0xC0) != 0x80;
    }));
}

}  // namespace

std::string_view nearest(std::string_view typed, const std::vector<std::string_view>& accepted) {
    std::size_t best_distance = std::clamp<std::size_t>(typed.size() / 3, 1, 3) + 1;
    std::string_view best;
    for (const std::string_view word : accepted) {
        const std::size_t distance = edit_distance(typed, word);
        if (distance < best_distance) {
            best_distance = distance;
            best = word;
        }
    }
    return best;
}

Result<std::int64_t> parse_count(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || problem != std::errc{} ||
        end != text.data() + text.size()) {
        return Error{"invalid_number", "'" + std::string(text) + "' is not a whole number"};
    }
    return value;
}

Result<std::int64_t> parse_duration_ms(std::string_view text) {
    if (text == "0") return std::int64_t{0};
    const std::size_t digits = std::min(text.find_first_not_of("0123456789"), text.size());
    const auto count = parse_count(text.substr(0, digits));
    for (const Unit& unit : kUnits) {
        if (!count || text.substr(digits) != unit.name) continue;
        if (*count > std::numeric_limits<std::int64_t>::max() / unit.length_ms) break;
        return *count * unit.length_ms;
    }
    return Error{"invalid_duration", "'" + std::string(text) +
                                         "' is not a duration; write a whole number and its unit: "
                                         "500ms, 10s, 5m, 2h or 1d"};
}

std::string iso_time(std::int64_t unix_ms) {
    const std::int64_t in_second = ((unix_ms % 1000) + 1000) % 1000;
    const std::time_t seconds = static_cast<std::time_t>((unix_ms - in_second) / 1000);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[32];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    char fraction[8];
    std::snprintf(fraction, sizeof fraction, ".%03dZ", static_cast<int>(in_second));
    return std::string(date) + fraction;
}

std::string json_string(std::string_view text) {
    std::string quoted = "\"";
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const char c = text.front();
        if (length == 0) {
            quoted += "\xEF\xBF\xBD";
        } else if (c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20) {
            quoted += json_escape(c);
        } else {
            quoted += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return quoted + '"';
}

std::string indent_json(std::string_view json) {
    std::string text;
    std::size_t depth = 0;
    bool in_string = false;
    const auto new_line = [&] { text += '\n' + std::string(depth * 2, ' '); };
    for (std::size_t i = 0; i < json.size(); ++i) {
        const char c = json[i];
        if (in_string) {
            text += c;
            if (c == '\\' && i + 1 < json.size()) text += json[++i];
            in_string = c != '"';
        } else if (c == '{' || c == '[') {
            const std::size_t next = json.find_first_not_of(" \t\r\n", i + 1);
            text += c;
            if (next != json.npos && (json[next] == '}' || json[next] == ']')) {
                text += json[i = next];
            } else {
                ++depth;
                new_line();
            }
        } else if (c == '}' || c == ']') {
            depth -= depth > 0 ? 1 : 0;
            new_line();
            text += c;
        } else if (c == ',') {
            text += c;
            new_line();
        } else if (c == ':') {
            text += ": ";
        } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
            in_string = c == '"';
            text += c;
        }
    }
    return text;
}

std::string printable(std::string_view text) {
    std::string shown;
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        const unsigned char c = static_cast<unsigned char>(text.front());
        const unsigned point = code_point(text.substr(0, length));
        if ((point >= 0x80 && point < 0xA0) || turns_direction(point)) {
            shown += hex_escape("\\u", point, 4);
        } else if (length == 0 || c == 0x7F || (c < 0x20 && c != '\n' && c != '\t')) {
            shown += hex_escape("\\x", c, 2);
        } else {
            shown += text.substr(0, length);
        }
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return shown;
}

std::string one_line(std::string_view text) {
    std::string line = printable(text);
    std::replace_if(
        line.begin(), line.end(), [](char c) { return c == '\n' || c == '\t'; }, ' ');
    return line;
}

void print_table(std::ostream& out, const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width(row[i]));
    }
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i] + std::string(widths[i] - width(row[i]) + 2, ' ');
        }
        line.erase(line.find_last_not_of(' ') + 1);
        out << line << '\n';
    }
}

void print_error(std::ostream& err, const Error& error) {
    err << "error: " << printable(error.message) << '\n';
    for (const Detail& detail : error.details) {
        err << "  " << one_line(detail.pointer) << (detail.pointer.empty() ? "" : ": ")
            << printable(detail.message) << '\n';
    }
}

}  // namespace signalbox::app
