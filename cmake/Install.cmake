# cmake --install: components sdk (headers, what plugins are built with), core (the library), program.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/signalbox)

if(BUILD_SHARED_LIBS AND TARGET signalbox_program)
    set_target_properties(signalbox_program PROPERTIES INSTALL_RPATH "\$ORIGIN/../${CMAKE_INSTALL_LIBDIR}")
endif()

set_target_properties(signalbox_sdk PROPERTIES EXPORT_NAME sdk)
install(TARGETS signalbox_sdk EXPORT signalbox-sdk)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/sdk/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT sdk)
install(EXPORT signalbox-sdk NAMESPACE signalbox:: DESTINATION ${package_dir}
    FILE signalbox-sdk-targets.cmake COMPONENT sdk)
install(FILES ${PROJECT_SOURCE_DIR}/cmake/SignalboxAddPlugin.cmake ${PROJECT_SOURCE_DIR}/cmake/plugin.map
    DESTINATION ${package_dir} COMPONENT sdk)

set_target_properties(signalbox_core PROPERTIES EXPORT_NAME core)
install(TARGETS signalbox_core EXPORT signalbox-core
    ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT core
    LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT core NAMELINK_COMPONENT core)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/core/include/ DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT core)
install(EXPORT signalbox-core NAMESPACE signalbox:: DESTINATION ${package_dir}
    FILE signalbox-core-targets.cmake COMPONENT core)
if(NOT BUILD_SHARED_LIBS)
    install(FILES ${PROJECT_SOURCE_DIR}/cmake/LinkDependencies.cmake DESTINATION ${package_dir} COMPONENT core)
endif()

# Both components bring the package's own two files, because either may be installed alone.
configure_package_config_file(${PROJECT_SOURCE_DIR}/cmake/signalbox-config.cmake.in
    ${PROJECT_BINARY_DIR}/package/signalbox-config.cmake INSTALL_DESTINATION ${package_dir}
    NO_SET_AND_CHECK_MACRO NO_CHECK_REQUIRED_COMPONENTS_MACRO)
write_basic_package_version_file(${PROJECT_BINARY_DIR}/package/signalbox-config-version.cmake
    COMPATIBILITY SameMajorVersion)
foreach(component sdk core)
    install(FILES ${PROJECT_BINARY_DIR}/package/signalbox-config.cmake
        ${PROJECT_BINARY_DIR}/package/signalbox-config-version.cmake
        DESTINATION ${package_dir} COMPONENT ${component})
endforeach()

# pkg-config's files find their own folder, so that an installation can be moved.
file(RELATIVE_PATH pc_to_prefix /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
foreach(component sdk core)
    configure_file(${PROJECT_SOURCE_DIR}/cmake/signalbox-${component}.pc.in
        ${PROJECT_BINARY_DIR}/package/signalbox-${component}.pc @ONLY)
    install(FILES ${PROJECT_BINARY_DIR}/package/signalbox-${component}.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT ${component})
endforeach()

if(TARGET signalbox_program)
    install(TARGETS signalbox_program RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
    install(TARGETS signalbox_conformance RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT sdk)
    install(DIRECTORY ${SIGNALBOX_PLUGIN_OUTPUT_DIRECTORY}/ DESTINATION ${CMAKE_INSTALL_LIBDIR}/signalbox/plugins
        COMPONENT program FILES_MATCHING PATTERN "*.so")
endif()
