#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/encoding.hpp"
#include "json/writer.hpp"

namespace signalbox::runs {

/// Writes an object member by member: the texts that are JSON already go in as they are, unparsed.
class ObjectText {
  public:
    explicit ObjectText(std::string& out) : out_(out) { out_ += '{'; }
    void close() { out_ += '}'; }

    std::string& key(std::string_view name) {
        // A name of ours needs no escape.
        out_.append(first_ ? "\"" : ",\"", first_ ? 1 : 2).append(name).append("\":", 2);
        first_ = false;
        return out_;
    }
    void text(std::string_view name, std::string_view value) {
        json::append_string(key(name), value);
    }
    void text_or_null(std::string_view name, std::string_view value) {
        if (value.empty()) return raw(name, "null");
        text(name, value);
    }
    void raw(std::string_view name, std::string_view value) { key(name) += value; }
    void time_or_null(std::string_view name, std::int64_t unix_ms) {
        if (unix_ms == 0) return raw(name, "null");
        key(name).append("\"").append(to_iso8601(unix_ms)).append("\"");
    }
    void number(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }

  private:
    std::string& out_;
    bool first_ = true;
};

}  // namespace signalbox::runs
