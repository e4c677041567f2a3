#pragma once

#include <string>

#include "json/value.hpp"

namespace signalbox::schema {

/// The property that tells the branches of a oneOf apart: each branch has it with a `const` string
/// of its own. Empty: there is none.
std::string discriminator_of(const json::Array& branches);

/// The const by which `branch` is named in the property `discriminator`, which it has.
std::string branch_name(const json::Value& branch, const std::string& discriminator);

}  // namespace signalbox::schema
