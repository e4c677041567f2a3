// Two notes: nobody can say which of them holds.
#include "note_only.hpp"

NOTE_ONLY(first, TEST_DESCRIPTOR("two-notes", 1))
NOTE_ONLY(second, TEST_DESCRIPTOR("two-notes", 1))
