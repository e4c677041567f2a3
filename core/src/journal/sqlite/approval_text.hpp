#pragma once

#include <string>
#include <string_view>

#include "journal/approval.hpp"

namespace signalbox::journal::sqlite {

/// An approval as the column `runs.approval` holds it: a JSON object.
std::string approval_text(const Approval& approval);

/// What approval_text() wrote. A text that is none of ours gives an approval by everybody without a
/// decision, so that nothing is taken for approved.
Approval read_approval(std::string_view text);

}  // namespace signalbox::journal::sqlite
