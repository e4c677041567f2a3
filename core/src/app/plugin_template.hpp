#pragma once

#include <string_view>
#include <vector>

namespace signalbox::app {

struct TemplateFile {
    std::string_view name;
    std::string_view text;
};

/// The files of sdk/template, as they were when this program was built.
const std::vector<TemplateFile>& plugin_template();

}  // namespace signalbox::app
