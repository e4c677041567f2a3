# signalbox_add_plugin(<id> SOURCES …): a target plugin as a module that exports one symbol and nothing
# else. `azure-pipelines` becomes signalbox_azure_pipelines.so.
function(signalbox_add_plugin id)
    cmake_parse_arguments(plugin "" "" "SOURCES" ${ARGN})
    string(REPLACE "-" "_" stem "${id}")
    set(target signalbox_${stem})
    add_library(${target} MODULE ${plugin_SOURCES})
    target_link_libraries(${target} PRIVATE signalbox::sdk)
    target_compile_features(${target} PRIVATE cxx_std_17)
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
endfunction()
set(SIGNALBOX_PLUGIN_MAP ${CMAKE_CURRENT_LIST_DIR}/plugin.map CACHE INTERNAL "")
