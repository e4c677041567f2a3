#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "plugins/plugin.hpp"

namespace signalbox::dispatch {

// The forms in which a text stands in what is sent, and in which it may come back.
std::string in_json(std::string_view text);  ///< within a JSON string
std::string percent_encoded(std::string_view text);

/// Takes out of a target's words what it was sent and nobody may see. A value type.
class Censor {
  public:
    /// Values under four bytes are left where they are: they would blot out ordinary words.
    void add(std::string_view value);
    /// In this form only.
    void add_form(std::string form);
    /// As add(), and what follows the scheme of credentials such as `Bearer abc`.
    void add_header(std::string_view value);

    /// Each of the values as ***.
    void censor(std::string& text) const;
    void censor(plugins::Verdict& verdict) const;

  private:
    std::vector<std::string> forms_;  // the longest first
};

}  // namespace signalbox::dispatch
