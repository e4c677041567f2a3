// A note, but no signalbox_plugin_v1.
#include "note_only.hpp"

NOTE_ONLY(note, TEST_DESCRIPTOR("no-entry", 1))
