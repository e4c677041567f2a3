#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/value.hpp"
#include "signalbox/result.hpp"

/// `<AZURE-DEVOPS-ORG>`: what guides put where a name of one's own belongs.
namespace signalbox::actions {

/// The first placeholder of a text, with its brackets; empty: there is none. Between the brackets
/// stand letters, digits and `_ - . :` or spaces, and what follows is no closing tag, so `<b>` is
/// one and `</b>` and `<a@b.c>` are none.
std::string_view placeholder_in(std::string_view text);

/// A finding for each text of an invocation method's members that has one; pointers into it. What
/// templates fill in is not looked at.
std::vector<Detail> find_placeholders(const json::Value& method);

}  // namespace signalbox::actions
