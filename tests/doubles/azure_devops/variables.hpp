#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>

namespace azure_standin {

/// A run's variables, as its steps see them: `$(name)` whatever the case, and as environment
/// variables upper-cased with `_` for `.` and blanks. A name that is no variable is looked up in
/// the stand-in's own environment, which plays the part of the pipeline's secret variables: such
/// values are secret, reach a step only where it asks for them by `$(NAME)`, and are masked in its
/// output. Used by one thread.
class Variables {
  public:
    void set(const std::string& name, const std::string& value, bool secret);

    /// `text` with its macros replaced, also those inside a variable's value.
    std::string expand(const std::string& text);

    /// What every step's environment gets: the variables that are not secret.
    std::map<std::string, std::string> environment();

    /// `line` with the secret values seen so far as `***`.
    std::string masked(std::string line) const;

  private:
    struct Variable {
        std::string name;
        std::string value;
        bool secret = false;
    };

    std::string expand(const std::string& text, int depth);
    std::optional<std::string> lookup(const std::string& name, int depth);

    std::map<std::string, Variable> variables_;  // by lower-cased name
    std::set<std::string> secrets_;
};

}  // namespace azure_standin
