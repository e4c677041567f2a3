# signalbox_add_plugin(<id> SOURCES … [SETTINGS file.json]): a target plugin, in C or C++, as a module that
# exports one symbol and nothing else. `azure-pipelines` becomes the target and the file
# signalbox_azure_pipelines.so. Where testing is enabled, the conformance kit becomes a test of it,
# `conformance.<id>`; SETTINGS is what it connects with, where the schema alone does not tell.
function(signalbox_add_plugin id)
    cmake_parse_arguments(plugin "" "SETTINGS" "SOURCES" ${ARGN})
    string(REPLACE "-" "_" stem "${id}")
    set(target signalbox_${stem})
    add_library(${target} MODULE ${plugin_SOURCES})
    target_link_libraries(${target} PRIVATE signalbox::sdk)
    get_property(languages GLOBAL PROPERTY ENABLED_LANGUAGES)
    if("CXX" IN_LIST languages)
        target_compile_features(${target} PRIVATE cxx_std_17)
    endif()
    set_target_properties(${target} PROPERTIES
        PREFIX "" SUFFIX ".so" OUTPUT_NAME ${target}
        CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON C_VISIBILITY_PRESET hidden)
    if(SIGNALBOX_PLUGIN_OUTPUT_DIRECTORY)
        set_target_properties(${target} PROPERTIES
            LIBRARY_OUTPUT_DIRECTORY ${SIGNALBOX_PLUGIN_OUTPUT_DIRECTORY})
    endif()
    target_compile_options(${target} PRIVATE
        $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fno-gnu-unique>)
    target_link_options(${target} PRIVATE
        -Wl,--version-script=${SIGNALBOX_PLUGIN_MAP} -Wl,-z,relro -Wl,-z,now -Wl,--exclude-libs,ALL)
    if(NOT SIGNALBOX_SANITIZE)  # a sanitizer's runtime comes from the host program
        target_link_options(${target} PRIVATE -Wl,-z,defs)
    endif()
    set_property(TARGET ${target} APPEND PROPERTY LINK_DEPENDS ${SIGNALBOX_PLUGIN_MAP})

    if(CMAKE_TESTING_ENABLED AND SIGNALBOX_CONFORMANCE)
        set(settings)
        if(plugin_SETTINGS)
            get_filename_component(settings_file ${plugin_SETTINGS} ABSOLUTE)
            set(settings --settings ${settings_file})
        endif()
        add_test(NAME conformance.${id}
            COMMAND ${SIGNALBOX_CONFORMANCE} ${settings} $<TARGET_FILE:${target}>)
        set_tests_properties(conformance.${id} PROPERTIES LABELS fast TIMEOUT 300)
    endif()
endfunction()
set(SIGNALBOX_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/plugin.map CACHE INTERNAL "")
# In an installation: beside the package's own prefix, which may lie anywhere.
find_program(SIGNALBOX_CONFORMANCE signalbox-conformance NO_CACHE
    HINTS ${CMAKE_CURRENT_LIST_DIR}/../../../bin ${CMAKE_CURRENT_LIST_DIR}/../../../../bin)
