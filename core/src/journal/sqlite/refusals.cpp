#include "journal/sqlite/refusals.hpp"

#include <string>

namespace signalbox::journal::sqlite {

Error closed_error() {
    return Error{"journal_unavailable",
                 "The journal is closed because Signalbox is stopping; try again once it is back."};
}

Error busy_error(std::string_view kind, std::size_t limit) {
    return Error{"journal_busy", "The journal has " + std::to_string(limit) + " " +
                                     std::string(kind) +
                                     " waiting, which is the most it takes; try again later."};
}

}  // namespace signalbox::journal::sqlite
