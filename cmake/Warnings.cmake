# Warnings for everything we compile; errors in the `ci` preset only, so that a newer compiler's
# opinion never stops a person who only wants to build.
option(SIGNALBOX_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)

add_library(signalbox_warnings INTERFACE)
target_compile_options(signalbox_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<BOOL:${SIGNALBOX_WARNINGS_AS_ERRORS}>:-Werror>)
add_library(signalbox_c_warnings INTERFACE)
target_compile_options(signalbox_c_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow $<$<BOOL:${SIGNALBOX_WARNINGS_AS_ERRORS}>:-Werror>)
