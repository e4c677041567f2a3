#pragma once

#include <boost/json/basic_parser.hpp>
#include <boost/json/error.hpp>
#include <boost/json/value_stack.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.hpp"
#include "json/writer.hpp"

/// What Boost.JSON's parser tells while it reads: two listeners, used by the door only.
namespace signalbox::json {

using ErrorCode = boost::json::error_code;
using Text = boost::json::string_view;

/// What the door refuses and Boost.JSON does not.
enum class Refusal : std::uint8_t {
    none,
    nul_in_key,
    number_not_finite,
    integer_too_large,
    duplicate_key
};

/// The parser wants these on every listener.
struct ListenerBase {
    static constexpr std::size_t max_object_size = boost::json::object::max_size();
    static constexpr std::size_t max_array_size = boost::json::array::max_size();
    static constexpr std::size_t max_key_size = boost::json::string::max_size();
    static constexpr std::size_t max_string_size = boost::json::string::max_size();

    Refusal refusal = Refusal::none;

  protected:
    bool refuse(Refusal why, ErrorCode& ec) {
        refusal = why;
        ec = boost::json::error::syntax;
        return false;
    }
};

/// Boost makes as many buckets as an object has members, and chooses one by a hash whose low bits
/// depend on the low bits of an address only. A sender who makes that number a multiple of 4,096
/// can put all members into few buckets: half a megabyte then took five seconds. With an odd number
/// every bit of the hash counts, so large objects get a member more where theirs is even; the door
/// takes it out again.
inline constexpr std::size_t kPaddedMembersMin = 16;
inline constexpr Text kPadding("\0", 1);  // no key from outside holds U+0000

/// Builds the value. Counts the members of all objects: where the tree holds fewer in the end, a
/// key stood twice (Boost keeps the last). Counting costs nothing; telling where is the
/// KeyWatcher's work.
class Builder : public ListenerBase {
  public:
    Builder(unsigned char* memory, std::size_t size) : stack_({}, memory, size) { stack_.reset(); }

    std::size_t members() const { return members_; }
    Value release() { return stack_.release(); }

    bool on_document_begin(ErrorCode&) { return true; }
    bool on_document_end(ErrorCode&) { return true; }
    bool on_object_begin(ErrorCode&) { return true; }
    bool on_array_begin(ErrorCode&) { return true; }
    bool on_object_end(std::size_t count, ErrorCode&) {
        members_ += count;
        if (count >= kPaddedMembersMin && count % 2 == 0) {
            stack_.push_key(kPadding);
            stack_.push_null();
            ++count;
        }
        stack_.push_object(count);
        return true;
    }
    bool on_array_end(std::size_t count, ErrorCode&) {
        stack_.push_array(count);
        return true;
    }
    bool on_key_part(Text text, std::size_t, ErrorCode& ec) {
        if (has_nul(text)) return refuse(Refusal::nul_in_key, ec);
        stack_.push_chars(text);
        return true;
    }
    bool on_key(Text text, std::size_t, ErrorCode& ec) {
        if (has_nul(text)) return refuse(Refusal::nul_in_key, ec);
        stack_.push_key(text);
        return true;
    }
    bool on_string_part(Text text, std::size_t, ErrorCode&) {
        stack_.push_chars(text);
        return true;
    }
    bool on_string(Text text, std::size_t, ErrorCode&) {
        stack_.push_string(text);
        return true;
    }
    bool on_number_part(Text, ErrorCode&) { return true; }
    bool on_int64(std::int64_t number, Text, ErrorCode&) {
        stack_.push_int64(number);
        return true;
    }
    bool on_uint64(std::uint64_t number, Text, ErrorCode&) {
        stack_.push_uint64(number);
        return true;
    }
    /// Boost 1.81 reads some doubles one unit in the last place off, and turns integers that fit
    /// nowhere into doubles: so the digits are read again, correctly rounded.
    bool on_double(double, Text text, ErrorCode& ec) {
        const bool integer = text.find_first_of(".eE") == Text::npos;
        double number = 0;
        const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
        if (integer && !keeps_digits(number, text)) return refuse(Refusal::integer_too_large, ec);
        if (read.ec == std::errc::result_out_of_range) {
            if (!is_tiny(text)) return refuse(Refusal::number_not_finite, ec);
            number = text.front() == '-' ? -0.0 : 0.0;
        }
        if (!std::isfinite(number)) return refuse(Refusal::number_not_finite, ec);
        stack_.push_double(number);
        return true;
    }
    /// The writer shows 1e20 as an integer, and what it wrote must be readable again.
    static bool keeps_digits(double number, Text text) {
        std::string written;
        append_number(written, number);
        return std::string_view(text.data(), text.size()) == written;
    }
    bool on_bool(bool value, ErrorCode&) {
        stack_.push_bool(value);
        return true;
    }
    bool on_null(ErrorCode&) {
        stack_.push_null();
        return true;
    }
    bool on_comment_part(Text, ErrorCode&) { return true; }
    bool on_comment(Text, ErrorCode&) { return true; }

  private:
    static bool has_nul(Text text) { return text.find('\0') != Text::npos; }

    /// For a number out of a double's range: is it on the side of zero? Only the place of its first
    /// significant digit matters, so the power of ten is compared and nothing is rounded.
    static bool is_tiny(Text text) {
        std::int64_t power = 0;
        bool significant = false;
        bool after_point = false;
        std::size_t i = 0;
        for (; i < text.size() && text[i] != 'e' && text[i] != 'E'; ++i) {
            if (text[i] == '.') after_point = true;
            if (text[i] < '0' || text[i] > '9') continue;
            if (after_point && !significant) --power;
            if (!after_point && significant) ++power;
            if (text[i] != '0') significant = true;
        }
        if (!significant) return true;
        std::int64_t exponent = 0;
        if (i < text.size()) {
            const bool plus = text[i + 1] == '+';
            std::from_chars(text.data() + i + 1 + (plus ? 1 : 0), text.data() + text.size(),
                            exponent);
        }
        return power + exponent < 0;
    }

    boost::json::value_stack stack_;
    std::size_t members_ = 0;
};

/// Remembers the keys of the objects that are open, and stops at the first that comes twice.
/// Ordered sets: no choice of keys makes them slow.
class KeyWatcher : public ListenerBase {
  public:
    const std::string& key() const { return key_; }

    bool on_document_begin(ErrorCode&) { return true; }
    bool on_document_end(ErrorCode&) { return true; }
    bool on_object_begin(ErrorCode&) {
        open_.emplace_back();
        return true;
    }
    bool on_object_end(std::size_t, ErrorCode&) {
        open_.pop_back();
        return true;
    }
    bool on_array_begin(ErrorCode&) { return true; }
    bool on_array_end(std::size_t, ErrorCode&) { return true; }
    bool on_key_part(Text text, std::size_t, ErrorCode&) {
        key_.append(text.data(), text.size());
        return true;
    }
    bool on_key(Text text, std::size_t, ErrorCode& ec) {
        key_.append(text.data(), text.size());
        if (!open_.back().insert(key_).second) return refuse(Refusal::duplicate_key, ec);
        key_.clear();
        return true;
    }
    bool on_string_part(Text, std::size_t, ErrorCode&) { return true; }
    bool on_string(Text, std::size_t, ErrorCode&) { return true; }
    bool on_number_part(Text, ErrorCode&) { return true; }
    bool on_int64(std::int64_t, Text, ErrorCode&) { return true; }
    bool on_uint64(std::uint64_t, Text, ErrorCode&) { return true; }
    bool on_double(double, Text, ErrorCode&) { return true; }
    bool on_bool(bool, ErrorCode&) { return true; }
    bool on_null(ErrorCode&) { return true; }
    bool on_comment_part(Text, ErrorCode&) { return true; }
    bool on_comment(Text, ErrorCode&) { return true; }

  private:
    std::vector<std::set<std::string>> open_;
    std::string key_;
};

}  // namespace signalbox::json
