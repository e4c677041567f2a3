# What a program that links the core as a static library must link too. Installed beside the package's
# config file, so that the build and the package cannot drift apart.
find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(Poco 1.11 REQUIRED COMPONENTS Foundation Net NetSSL)
find_package(SQLite3 3.40 REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(libyaml REQUIRED IMPORTED_TARGET yaml-0.1)
pkg_check_modules(libisal REQUIRED IMPORTED_TARGET libisal)
pkg_check_modules(re2 REQUIRED IMPORTED_TARGET re2)
# jq 1.6 has no file for pkg-config.
find_path(jq_INCLUDE_DIR jq.h REQUIRED)
find_library(jq_LIBRARY jq REQUIRED)
mark_as_advanced(jq_INCLUDE_DIR jq_LIBRARY)
if(NOT TARGET jq::jq)
    add_library(jq::jq UNKNOWN IMPORTED)
    set_target_properties(jq::jq PROPERTIES IMPORTED_LOCATION ${jq_LIBRARY}
        INTERFACE_INCLUDE_DIRECTORIES ${jq_INCLUDE_DIR})
endif()
