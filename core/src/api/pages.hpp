#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "journal/journal.hpp"

/// Pages for a browser: whole documents without script, every text escaped.
namespace signalbox::api {

std::string runs_html(const journal::RunPage& page);
/// `lines` are the last ones of its log; how many stand before them is said. `approval` is approval_html() of
/// the run.
std::string run_html(const journal::Run& run, const std::vector<journal::Attempt>& attempts,
                     const std::vector<journal::LogLine>& lines, const std::string& approval);
std::string rejections_html(const journal::RejectionPage& page);

/// A text as it stands in a page.
std::string escaped_html(std::string_view text);

}  // namespace signalbox::api
