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
        if (!first_) out_ += ',';
        first_ = false;
        json::append_string(out_, name);
        out_ += ':';
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
        text_or_null(name, unix_ms == 0 ? std::string() : to_iso8601(unix_ms));
    }
    void number(std::string_view name, std::int64_t value) { key(name) += std::to_string(value); }

  private:
    std::string& out_;
    bool first_ = true;
};

}  // namespace signalbox::runs
