#pragma once

#include <cstddef>
#include <string_view>

namespace signalbox::net {

enum class HeadState { need_more, complete, malformed, too_large, too_many_fields };

/// The first look at a head, before any parser: every line ends in CR LF, neither stands alone, no
/// line begins with a space or a tab, no NUL, and the limits. What it lets pass, all parsers split
/// into the same lines. Remembers how far it got, so a head that drips in is looked at once.
class HeadScan {
  public:
    HeadScan(std::size_t bytes_max, std::size_t fields_max)
        : bytes_max_(bytes_max), fields_max_(fields_max) {}

    /// `bytes` begins with the head and has only grown since the last call.
    HeadState look(std::string_view bytes);
    /// With the empty line; once complete.
    std::size_t head_bytes() const { return line_start_; }
    /// What is malformed, for people.
    const char* fault() const { return fault_; }
    void reset();

  private:
    HeadState malformed(const char* fault);
    const char* fault_of(std::string_view line) const;

    std::size_t bytes_max_;
    std::size_t fields_max_;
    std::size_t line_start_ = 0;
    std::size_t lines_ = 0;
    const char* fault_ = "";
};

}  // namespace signalbox::net
