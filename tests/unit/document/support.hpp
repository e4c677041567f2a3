#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "document/reader.hpp"
#include "json/writer.hpp"

namespace document_test {

struct Read {
    std::optional<signalbox::document::Node> node;
    signalbox::document::Problems problems;

    /// The tree as JSON, or `none`.
    std::string json() const {
        return node ? signalbox::json::write(signalbox::document::to_json(*node)) : "none";
    }
    /// Each finding on a line of its own.
    std::string findings() const {
        std::string text;
        for (const auto& problem : problems)
            text += to_string(problem) + "\n";
        return text;
    }
};

inline Read read(std::string_view text) {
    Read result;
    result.node = signalbox::document::read(text, "f", result.problems);
    return result;
}

}  // namespace document_test
