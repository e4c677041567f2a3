#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "document/node.hpp"
#include "document/reporter.hpp"

/// Typed reading of the config's tree. Each function reports what is wrong and returns none; none
/// of them is given a secret, so they may quote what they found (at most 80 characters).
namespace signalbox::config {

/// What every section needs. Borrows all of it.
struct Scope {
    document::Reporter& reporter;
    const std::filesystem::path& directory;  ///< where relative paths start
    std::vector<document::Position>& literal_secrets;
};

/// One mapping with a closed set of keys.
class Fields {
  public:
    /// Reports a node that is no mapping, and unknown keys (with the nearest accepted one). `what` names
    /// the mapping: `a client`.
    Fields(const document::Node& node, std::string what, std::vector<std::string> accepted,
           Scope scope);

    bool is_mapping() const { return node_.kind == document::Node::Kind::mapping; }
    bool has(std::string_view key) const { return node_.find(key) != nullptr; }
    /// Null where the key is absent, and where it has no value, which is reported.
    const document::Node* find(std::string_view key) const;
    /// As find; an absent key is reported with `advice`.
    const document::Node* require(std::string_view key, std::string_view advice) const;

  private:
    void check_key(const document::Node::Member& member,
                   const std::vector<std::string>& accepted) const;

    const document::Node& node_;
    std::string what_;
    Scope scope_;
};

/// "`word`" with the nearest of `candidates`, to end a message: `; did you mean …?`, or nothing.
std::string did_you_mean(std::string_view word, const std::vector<std::string>& candidates);
std::string join(const std::vector<std::string>& words);
/// For "found …": the value of a scalar in back quotes, the kind of anything else.
std::string found(const document::Node& node);

std::optional<std::string> read_string(const document::Node& node, std::string_view key,
                                       Scope scope);
std::optional<bool> read_boolean(const document::Node& node, std::string_view key, Scope scope);
std::optional<std::int64_t> read_integer(const document::Node& node, std::string_view key,
                                         std::int64_t min, std::int64_t max, Scope scope);
std::optional<double> read_number(const document::Node& node, std::string_view key, double min,
                                  double max, Scope scope);
/// In milliseconds, from `min_ms` to `max_ms`.
std::optional<std::int64_t> read_duration(const document::Node& node, std::string_view key,
                                          std::int64_t min_ms, std::int64_t max_ms, Scope scope);
/// The items of a list; null and reported where the node is none.
const std::vector<document::Node>* read_list(const document::Node& node, std::string_view key,
                                             std::string_view of, Scope scope);

/// `[A-Za-z0-9][A-Za-z0-9_.-]*`, at most limits::config_name_bytes_max: connections and clients.
bool is_name(std::string_view text);
std::string name_rule();

}  // namespace signalbox::config
