#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "schema/node.hpp"
#include "schema/path.hpp"

namespace signalbox::schema {

const char* type_name(Type type);    ///< `string`
const char* type_phrase(Type type);  ///< `a string`

/// Checks one value against one compiled schema; linear in the value.
class Validator {
  public:
    void check(const Schema::Node& node, const json::Value& value, const Path& path, bool secret);
    std::vector<Detail> take() { return std::move(findings_); }

  private:
    void find(const Path& path, std::string message);
    bool is_full() const;

    void check_accepted(const Schema::Node& node, const json::Value& value, const Path& path,
                        bool secret);
    void check_object(const Schema::Node& node, const json::Object& object, const Path& path,
                      bool secret);
    void check_member(const Schema::Node& node, std::string_view key, const json::Value& value,
                      const Path& path, bool secret);
    void check_array(const Schema::Node& node, const json::Array& array, const Path& path,
                     bool secret);
    void check_unique(const json::Array& array, const Path& path);
    void check_string(const Schema::Node& node, const json::Value& value, const Path& path,
                      bool secret);
    void check_pattern(const Schema::Node& node, const json::Value& value, const Path& path,
                       bool secret);
    void check_number(const Schema::Node& node, const json::Value& value, const Path& path,
                      bool secret);
    void check_branch(const Schema::Node& node, const json::Value& value, const Path& path,
                      bool secret);

    std::vector<Detail> findings_;
};

}  // namespace signalbox::schema
