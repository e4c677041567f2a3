# Why each one: docs/decisions/0001-dependencies.md. On Debian 12: scripts/install-deps.sh.
include(LinkDependencies)
find_package(Poco 1.11 REQUIRED COMPONENTS JSON Util)
find_package(Boost 1.81 REQUIRED)  # headers only: Beast, JSON, DLL

# Imported targets are seen in their own folder and below. A project that adds this one with
# add_subdirectory links them from above.
get_directory_property(imported IMPORTED_TARGETS)
foreach(target IN LISTS imported)
    set_target_properties(${target} PROPERTIES IMPORTED_GLOBAL TRUE)
endforeach()
