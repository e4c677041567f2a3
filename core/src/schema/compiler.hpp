#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "schema/node.hpp"
#include "schema/path.hpp"

namespace signalbox::schema {

/// Makes a schema ready and finds what is wrong with it.
class Compiler {
  public:
    explicit Compiler(bool descriptions) : descriptions_(descriptions) {}

    std::unique_ptr<const Schema::Node> compile(const json::Value& schema);
    /// Nothing: the schema compiled is fit for use.
    std::vector<Detail> take() { return std::move(details_); }

  private:
    using Node = Schema::Node;
    using Keyword = void (Compiler::*)(Node&, const json::Value&, const Path&);
    struct Entry;
    static const std::vector<Entry>& keywords();

    void find(const Path& path, std::string message);
    std::unique_ptr<const Node> node(const json::Value& schema, const Path& path);
    void apply(Node& node, const json::Object& schema, const Path& path);
    void check_whole(Node& node, const json::Object& schema, const Path& path);
    void check_members(const Node& node, const json::Object& schema, const Path& path);
    void check_values(const Node& node, const json::Object& schema, const Path& path);
    void check_range(bool is_reversed, const char* low, const char* high, const Path& path);
    void check_fits(const Node& node, const json::Value& value, const Path& path);

    void read_type(Node& node, const json::Value& value, const Path& path);
    void read_properties(Node& node, const json::Value& value, const Path& path);
    void read_required(Node& node, const json::Value& value, const Path& path);
    void read_pattern_properties(Node& node, const json::Value& value, const Path& path);
    void read_additional(Node& node, const json::Value& value, const Path& path);
    void read_enum(Node& node, const json::Value& value, const Path& path);
    void read_const(Node& node, const json::Value& value, const Path& path);
    void read_minimum(Node& node, const json::Value& value, const Path& path);
    void read_maximum(Node& node, const json::Value& value, const Path& path);
    void read_chars_min(Node& node, const json::Value& value, const Path& path);
    void read_chars_max(Node& node, const json::Value& value, const Path& path);
    void read_items(Node& node, const json::Value& value, const Path& path);
    void read_items_min(Node& node, const json::Value& value, const Path& path);
    void read_items_max(Node& node, const json::Value& value, const Path& path);
    void read_unique(Node& node, const json::Value& value, const Path& path);
    void read_one_of(Node& node, const json::Value& value, const Path& path);
    void read_pattern(Node& node, const json::Value& value, const Path& path);
    void read_format(Node& node, const json::Value& value, const Path& path);
    void read_default(Node& node, const json::Value& value, const Path& path);
    void read_description(Node& node, const json::Value& value, const Path& path);
    void read_secret(Node& node, const json::Value& value, const Path& path);

    void accept(Node& node, const json::Value& value, const Path& path);
    /// Null: it is none that can be used, and that is found.
    std::unique_ptr<const RE2> pattern(std::string_view text, const Path& path);
    std::optional<std::size_t> count(const json::Value& value, const Path& path);
    std::optional<json::Value> number(const json::Value& value, const Path& path);
    bool flag(const json::Value& value, const Path& path);

    bool descriptions_;
    std::size_t depth_ = 0;
    std::vector<Detail> details_;
};

}  // namespace signalbox::schema
