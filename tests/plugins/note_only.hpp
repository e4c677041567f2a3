#pragma once

#include "descriptors.hpp"
#include "signalbox/plugin/target.hpp"

/// A note without the rest of a plugin.
#define NOTE_ONLY(name, text)                                \
    __attribute__((section(SIGNALBOX_NOTE_SECTION), used,    \
                   aligned(4))) static constexpr auto name = \
        signalbox::plugin::detail::make_note(text);
