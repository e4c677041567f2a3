#pragma once

#include <cstddef>
#include <string_view>

#include "signalbox/result.hpp"

namespace signalbox::journal::sqlite {

/// `journal_unavailable`: the journal was closed before the call.
Error closed_error();
/// `journal_busy`: `limit` calls of this kind wait already.
Error busy_error(std::string_view kind, std::size_t limit);

}  // namespace signalbox::journal::sqlite
