# One variable, applied to the whole tree: a plugin and its host must share a sanitizer.
set(SIGNALBOX_SANITIZE "" CACHE STRING "address (with undefined), thread, or empty")
if(SIGNALBOX_SANITIZE STREQUAL "address")
    # vptr: the check opens a pipe to probe memory, so out of descriptors it calls a sound object broken.
    add_compile_options(-fsanitize=address,undefined -fno-sanitize=vptr -fno-sanitize-recover=undefined
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(SIGNALBOX_SANITIZE STREQUAL "thread")
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
    add_link_options(-fsanitize=thread)
elseif(NOT SIGNALBOX_SANITIZE STREQUAL "")
    message(FATAL_ERROR "SIGNALBOX_SANITIZE is '${SIGNALBOX_SANITIZE}'; accepted: address, thread, or empty")
endif()

# libFuzzer comes with clang only; everything it drives is instrumented, and sanitized with it.
option(SIGNALBOX_FUZZ "Build the fuzz targets of tests/fuzz with clang's libFuzzer" OFF)
set(SIGNALBOX_FUZZ_SECONDS 600 CACHE STRING "How long each fuzz target runs as a test")
if(SIGNALBOX_FUZZ)
    if(NOT CMAKE_CXX_COMPILER_ID MATCHES Clang)
        message(FATAL_ERROR "SIGNALBOX_FUZZ needs clang; configure with: cmake --preset fuzz")
    endif()
    add_compile_options(-fsanitize=fuzzer-no-link,address,undefined
                        -fno-sanitize-recover=undefined -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
endif()
