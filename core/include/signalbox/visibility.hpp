#pragma once

/// What the library shows when it is built as a shared one; everything else stays inside.
#define SIGNALBOX_API __attribute__((visibility("default")))
/// Stays inside although the class around it is shown.
#define SIGNALBOX_INSIDE __attribute__((visibility("hidden")))
