#include "app/options.hpp"

#include <algorithm>

#include "app/text.hpp"

namespace signalbox::app {

std::optional<std::string> Options::value(std::string_view name) const {
    for (const auto& [key, text] : given_) {
        if (key == name) return text;
    }
    return std::nullopt;
}

std::vector<std::string> Options::values(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [key, text] : given_) {
        if (key == name) found.push_back(text);
    }
    return found;
}

std::string Options::value_or(std::string_view name, std::string_view otherwise) const {
    return value(name).value_or(std::string(otherwise));
}

class OptionParser {
  public:
    OptionParser(const Command& command, const std::vector<std::string>& words)
        : command_(command), words_(words) {}

    Result<Options> parse() {
        while (at_ < words_.size()) {
            const std::string& word = words_[at_++];
            Result<Done> taken = Done{};
            if (word == "--") {
                options_.arguments_.insert(options_.arguments_.end(), words_.begin() + at_,
                                           words_.end());
                break;
            }
            if (word == "--help" || word == "-h") {
                options_.help_wanted_ = true;
            } else if (word.starts_with("--")) {
                taken = take_long(std::string_view(word).substr(2));
            } else if (word.size() > 1 && word.front() == '-') {
                taken = take_short(word);
            } else {
                options_.arguments_.push_back(word);
            }
            if (!taken) return taken.error();
        }
        if (options_.help_wanted_) return std::move(options_);
        if (const auto counted = check_arguments(); !counted) return counted.error();
        return std::move(options_);
    }

  private:
    Error usage(const std::string& message) const {
        return Error{"usage",
                     message + " (see: signalbox help " + std::string(command_.name) + ")"};
    }

    Result<Done> take_long(std::string_view text) {
        const std::size_t equals = text.find('=');
        const std::string_view name = text.substr(0, equals);
        for (const Option& option : command_.options) {
            if (option.name != name) continue;
            if (equals == text.npos) return take_value(option, std::nullopt);
            return take_value(option, std::string(text.substr(equals + 1)));
        }
        return unknown("--" + std::string(name), name);
    }

    Result<Done> take_short(std::string_view word) {
        for (const Option& option : command_.options) {
            if (option.letter == 0 || option.letter != word[1]) continue;
            if (word.size() == 2) return take_value(option, std::nullopt);
            if (!option.value.empty()) return take_value(option, std::string(word.substr(2)));
        }
        // Only the letter is shown: what follows it may be a value.
        return unknown(std::string(word.substr(0, 2)), "");
    }

    Result<Done> take_value(const Option& option, std::optional<std::string> value) {
        const std::string shown = "--" + std::string(option.name);
        const bool is_switch = option.value.empty();
        if (is_switch && value) return usage(shown + " takes no value");
        if (!is_switch && !value) {
            if (at_ == words_.size()) {
                return usage(shown + " needs a value: " + shown + " " + std::string(option.value));
            }
            value = words_[at_++];
        }
        if (!option.repeatable && options_.has(option.name)) {
            return usage(shown + " is given more than once");
        }
        options_.given_.emplace_back(option.name, value.value_or(""));
        return Done{};
    }

    Error unknown(const std::string& shown, std::string_view name) const {
        std::vector<std::string_view> accepted = {"help"};
        for (const Option& option : command_.options)
            accepted.push_back(option.name);
        const std::string_view meant = name.empty() ? "" : nearest(name, accepted);
        std::string message = "'" + std::string(command_.name) + "' has no option " + shown;
        if (!meant.empty()) message += "; did you mean --" + std::string(meant) + "?";
        return usage(message);
    }

    Result<Done> check_arguments() const {
        const auto& given = options_.arguments_;
        for (std::size_t i = 0; i < command_.arguments.size(); ++i) {
            const Argument& argument = command_.arguments[i];
            const std::string name(argument.name);
            if (i >= given.size() && argument.required) return usage(name + " is missing");
            if (i < given.size() && given[i].empty()) return usage(name + " is empty");
        }
        const bool open = !command_.arguments.empty() && command_.arguments.back().repeatable;
        if (given.size() > command_.arguments.size() && !open) {
            return usage("'" + std::string(command_.name) + "' does not take the argument '" +
                         given[command_.arguments.size()] + "'");
        }
        return Done{};
    }

    const Command& command_;
    const std::vector<std::string>& words_;
    std::size_t at_ = 0;
    Options options_;
};

Result<Options> parse_options(const Command& command, const std::vector<std::string>& words) {
    return OptionParser(command, words).parse();
}

}  // namespace signalbox::app
