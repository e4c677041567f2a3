#pragma once

#include <string>
#include <vector>

#include "journal/journal.hpp"

/// Pages for a browser: whole documents without script, every text escaped.
namespace signalbox::api {

std::string runs_html(const journal::RunPage& page);
std::string run_html(const journal::Run& run, const std::vector<journal::Attempt>& attempts,
                     const std::vector<journal::LogLine>& lines);
std::string rejections_html(const journal::RejectionPage& page);

}  // namespace signalbox::api
