#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace azure_standin {

/// A pipeline file that cannot be used; the text begins with `file:line: `.
class FileError : public std::runtime_error {
  public:
    FileError(const std::string& file, std::size_t line, const std::string& message)
        : std::runtime_error(file + ":" + std::to_string(line) + ": " + message) {}
};

struct YamlMember;

/// One node of a YAML document with the line (from 1) it stands on.
struct YamlNode {
    enum class Kind { scalar, sequence, mapping };

    Kind kind = Kind::scalar;
    std::size_t line = 0;
    std::string text;                 ///< of a scalar
    std::vector<YamlNode> items;      ///< of a sequence
    std::vector<YamlMember> members;  ///< of a mapping, in the file's order, names unique

    const YamlNode* member(std::string_view name) const;
};

struct YamlMember {
    std::string name;
    std::size_t line = 0;
    YamlNode value;
};

/// Reads one document. Throws FileError for broken YAML, anchors, aliases, tags, duplicate names,
/// several documents, or nesting deeper than 32.
YamlNode parse_yaml(const std::string& file, const std::string& content);

}  // namespace azure_standin
