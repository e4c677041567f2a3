# One variable, applied to the whole tree: a plugin and its host must share a sanitizer.
set(SIGNALBOX_SANITIZE "" CACHE STRING "address (with undefined), thread, or empty")
if(SIGNALBOX_SANITIZE STREQUAL "address")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=undefined
                        -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(SIGNALBOX_SANITIZE STREQUAL "thread")
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer)
    add_link_options(-fsanitize=thread)
elseif(NOT SIGNALBOX_SANITIZE STREQUAL "")
    message(FATAL_ERROR "SIGNALBOX_SANITIZE is '${SIGNALBOX_SANITIZE}'; accepted: address, thread, or empty")
endif()
