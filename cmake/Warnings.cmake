# Warnings for everything we compile; errors in the `ci` preset only, so that a newer compiler's
# opinion never stops a person who only wants to build.
option(SIGNALBOX_WARNINGS_AS_ERRORS "Treat compiler warnings as errors" OFF)

add_library(signalbox_warnings INTERFACE)
target_compile_options(signalbox_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual
    $<$<BOOL:${SIGNALBOX_WARNINGS_AS_ERRORS}>:-Werror>)
# GCC 12 is wrong about both in optimised std::variant and std::string code (its bug 105651 and others).
target_compile_options(signalbox_warnings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized -Wno-restrict>)

add_library(signalbox_c_warnings INTERFACE)
target_compile_options(signalbox_c_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow $<$<BOOL:${SIGNALBOX_WARNINGS_AS_ERRORS}>:-Werror>)
