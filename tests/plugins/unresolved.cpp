// It calls a function that no library has. Opened lazily it would load, and die in the middle of a
// run.
#include "note_only.hpp"

NOTE_ONLY(note, TEST_DESCRIPTOR("unresolved", 1))

extern "C" signalbox_answer signalbox_test_nowhere_to_be_found(signalbox_plugin* plugin);

extern "C" __attribute__((visibility("default"))) signalbox_answer signalbox_plugin_v1(
    const signalbox_host*, signalbox_plugin* plugin) {
    return signalbox_test_nowhere_to_be_found(plugin);
}
