#include "app/completion.hpp"

#include <map>
#include <ostream>

#include "app/commands.hpp"

namespace signalbox::app {
namespace {

constexpr std::string_view kScript = R"(    *)
      ;;
  esac
  case $word in
    -*) COMPREPLY=($(compgen -W "$options" -- "$word")) ;;
    *)
      if [ -n "$words" ]; then
        COMPREPLY=($(compgen -W "$words" -- "$word"))
      else
        COMPREPLY=($(compgen -f -- "$word"))
      fi
      ;;
  esac
}
complete -o filenames -F _signalbox signalbox
)";

std::string options_of(const Command& command) {
    std::string options = "--help";
    for (const Option& option : command.options)
        options += " --" + std::string(option.name);
    return options;
}

}  // namespace

int run_completion(const Options&, const Tools& tools) {
    std::string first;
    std::map<std::string, std::string> second;  // the words after a group's name
    std::string cases;
    for (const Command& command : commands()) {
        const std::string name(command.name);
        const std::size_t space = name.find(' ');
        const std::string group = name.substr(0, space);
        if (space == std::string::npos) {
            first += " " + name;
            cases += "    '" + name + " '*) words= options='" + options_of(command) + "' ;;\n";
            continue;
        }
        if (second.count(group) == 0) first += " " + group;
        second[group] += " " + name.substr(space + 1);
        cases += "    '" + name + " '*) words= options='" + options_of(command) + "' ;;\n";
    }
    for (const auto& [group, words] : second)
        cases += "    '" + group + " '*) words='" + words.substr(1) + "' ;;\n";
    tools.context.out << "# bash completion for signalbox; use: source <(signalbox completion)\n"
                         "_signalbox() {\n"
                         "  local word=${COMP_WORDS[COMP_CWORD]} words options\n"
                         "  words='help"
                      << first << "' options='--help --version'\n"
                      << "  case \"${COMP_WORDS[*]:1:COMP_CWORD-1} \" in\n"
                      << cases << kScript;
    return exit_code::success;
}

}  // namespace signalbox::app
