// Built for a major version of the future. Whoever opens it before reading its note is aborted.
#include <cstdlib>

#include "note_only.hpp"

NOTE_ONLY(note, TEST_DESCRIPTOR("newer-major", 2))

namespace {
struct Bomb {
    Bomb() { std::abort(); }
} bomb;
}  // namespace
