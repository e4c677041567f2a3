#ifndef SIGNALBOX_PLUGIN_RETRY_AFTER_HPP
#define SIGNALBOX_PLUGIN_RETRY_AFTER_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "signalbox/plugin/types.hpp"

namespace signalbox::plugin {

/// No target means a longer wait than a year; more than that is read as a year.
inline constexpr std::int64_t retry_after_ms_max = std::int64_t{366} * 24 * 3600 * 1000;

namespace detail {

/// Reads fixed text and numbers from the front; once something does not fit, it stays failed.
class DateReader {
  public:
    explicit DateReader(std::string_view rest) : rest_(rest) {}

    bool finished() const { return ok_ && rest_.empty(); }

    void expect(std::string_view text) {
        if (rest_.substr(0, text.size()) != text) return fail();
        rest_.remove_prefix(text.size());
    }

    /// Exactly `digits` digits; with `padded`, the first may be a space (asctime's day).
    std::int64_t number(std::size_t digits, bool padded = false) {
        if (rest_.size() < digits) return fail(), 0;
        std::int64_t value = 0;
        for (std::size_t i = 0; i < digits; ++i) {
            const char digit = rest_[i];
            if (i == 0 && padded && digit == ' ') continue;
            if (digit < '0' || digit > '9') return fail(), 0;
            value = value * 10 + (digit - '0');
        }
        rest_.remove_prefix(digits);
        return value;
    }

    /// The position of the name in the list, or a failure.
    template <std::size_t Count>
    std::int64_t one_of(const std::array<std::string_view, Count>& names) {
        for (std::size_t i = 0; i < Count; ++i) {
            if (rest_.substr(0, names[i].size()) != names[i]) continue;
            rest_.remove_prefix(names[i].size());
            return static_cast<std::int64_t>(i);
        }
        return fail(), 0;
    }

  private:
    void fail() { ok_ = false; }

    std::string_view rest_;
    bool ok_ = true;
};

inline constexpr std::array<std::string_view, 7> days = {"Sun", "Mon", "Tue", "Wed",
                                                         "Thu", "Fri", "Sat"};
inline constexpr std::array<std::string_view, 7> long_days = {
    "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"};
inline constexpr std::array<std::string_view, 12> months = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

struct Moment {
    std::int64_t year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
};

/// Days from 1970-01-01 in the Gregorian calendar. The year is counted from March, so that the leap
/// day is its last; then every 400 years are alike.
inline std::int64_t days_since_epoch(const Moment& at) {
    const std::int64_t year = at.month < 2 ? at.year - 1 : at.year;
    const std::int64_t month_from_march = (at.month + 10) % 12;
    const std::int64_t day_of_year = (153 * month_from_march + 2) / 5 + at.day - 1;
    return year * 365 + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

inline std::optional<std::int64_t> unix_ms(const Moment& at) {
    const bool leap = (at.year % 4 == 0 && at.year % 100 != 0) || at.year % 400 == 0;
    constexpr std::array<int, 12> lengths = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    const std::int64_t last =
        lengths[static_cast<std::size_t>(at.month)] + (at.month == 1 && leap ? 1 : 0);
    // Second 60 is a leap second: a date that a strict reader must accept.
    if (at.day < 1 || at.day > last || at.hour > 23 || at.minute > 59 || at.second > 60) {
        return std::nullopt;
    }
    const std::int64_t seconds_of_day = at.hour * 3600 + at.minute * 60 + at.second;
    return (days_since_epoch(at) * 86'400 + seconds_of_day) * 1000;
}

inline void read_time(DateReader& from, Moment& at) {
    at.hour = from.number(2);
    from.expect(":");
    at.minute = from.number(2);
    from.expect(":");
    at.second = from.number(2);
}

/// `Sun, 06 Nov 1994 08:49:37 GMT`
inline std::optional<Moment> read_imf(std::string_view text) {
    DateReader from(text);
    Moment at;
    from.one_of(days);
    from.expect(", ");
    at.day = from.number(2);
    from.expect(" ");
    at.month = from.one_of(months);
    from.expect(" ");
    at.year = from.number(4);
    from.expect(" ");
    read_time(from, at);
    from.expect(" GMT");
    return from.finished() ? std::optional(at) : std::nullopt;
}

/// `Sunday, 06-Nov-94 08:49:37 GMT`. A year of two digits is the one nearest to now that is not
/// more than fifty years ahead.
inline std::optional<Moment> read_rfc850(std::string_view text, std::int64_t now_ms) {
    DateReader from(text);
    Moment at;
    from.one_of(long_days);
    from.expect(", ");
    at.day = from.number(2);
    from.expect("-");
    at.month = from.one_of(months);
    from.expect("-");
    const std::int64_t this_year = 1970 + now_ms / 31'556'952'000;
    at.year = this_year / 100 * 100 + from.number(2);
    if (at.year > this_year + 50) at.year -= 100;
    from.expect(" ");
    read_time(from, at);
    from.expect(" GMT");
    return from.finished() ? std::optional(at) : std::nullopt;
}

/// `Sun Nov  6 08:49:37 1994`
inline std::optional<Moment> read_asctime(std::string_view text) {
    DateReader from(text);
    Moment at;
    from.one_of(days);
    from.expect(" ");
    at.month = from.one_of(months);
    from.expect(" ");
    at.day = from.number(2, true);
    from.expect(" ");
    read_time(from, at);
    from.expect(" ");
    at.year = from.number(4);
    return from.finished() ? std::optional(at) : std::nullopt;
}

}  // namespace detail

/// A Retry-After value in milliseconds from `now_ms` (Unix time): whole seconds, or an HTTP-date in
/// one of the three forms of RFC 9110 section 5.6.7. A date that has passed is 0. None: anything
/// else.
inline std::optional<std::int64_t> parse_retry_after_ms(std::string_view value,
                                                        std::int64_t now_ms) {
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t'))
        value.remove_prefix(1);
    while (!value.empty() && (value.back() == ' ' || value.back() == '\t'))
        value.remove_suffix(1);
    if (value.empty()) return std::nullopt;

    if (value.find_first_not_of("0123456789") == std::string_view::npos) {
        std::int64_t seconds = 0;
        for (const char digit : value) {
            seconds = seconds * 10 + (digit - '0');
            if (seconds > retry_after_ms_max / 1000) return retry_after_ms_max;
        }
        return seconds * 1000;
    }

    auto at = detail::read_imf(value);
    if (!at) at = detail::read_rfc850(value, now_ms);
    if (!at) at = detail::read_asctime(value);
    if (!at) return std::nullopt;
    const auto then_ms = detail::unix_ms(*at);
    if (!then_ms) return std::nullopt;
    if (*then_ms <= now_ms) return 0;
    return *then_ms - now_ms < retry_after_ms_max ? *then_ms - now_ms : retry_after_ms_max;
}

/// The response's Retry-After, counted from when it was received. None: absent, or not understood.
inline std::optional<std::int64_t> retry_after_ms(const Response& response) {
    const auto value = response.header("Retry-After");
    return value ? parse_retry_after_ms(*value, response.wall_ms) : std::nullopt;
}

}  // namespace signalbox::plugin

#endif
