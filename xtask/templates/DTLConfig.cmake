# The CMake package of dtl: find_package(DTL) gives these targets.
#   DTL::dtl          the shared library, for C and C++
#   DTL::dtl_static   the same as an archive
#   DTL::dtl_fortran  the Fortran modules, compiled with the project's compiler; there when the project enables Fortran

get_filename_component(DTL_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET DTL::dtl)
  add_library(DTL::dtl SHARED IMPORTED)
  set_target_properties(DTL::dtl PROPERTIES
    IMPORTED_LOCATION "${DTL_PREFIX}/lib/@soname@"
    IMPORTED_SONAME "@soname@"
    INTERFACE_INCLUDE_DIRECTORIES "${DTL_PREFIX}/include")
endif()

if(NOT TARGET DTL::dtl_static)
  add_library(DTL::dtl_static STATIC IMPORTED)
  set_target_properties(DTL::dtl_static PROPERTIES
    IMPORTED_LOCATION "${DTL_PREFIX}/lib/libdtl.a"
    INTERFACE_INCLUDE_DIRECTORIES "${DTL_PREFIX}/include"
    # Where the plugins for MPI libraries are: a program with the archive has no other way to know.
    INTERFACE_LINK_OPTIONS "LINKER:-rpath,${DTL_PREFIX}/lib/dtl"
    INTERFACE_LINK_LIBRARIES "pthread;dl;m")
endif()

get_property(DTL_LANGUAGES GLOBAL PROPERTY ENABLED_LANGUAGES)
if("Fortran" IN_LIST DTL_LANGUAGES AND NOT TARGET DTL::dtl_fortran)
  add_subdirectory("${DTL_PREFIX}/share/dtl/fortran" "${CMAKE_CURRENT_BINARY_DIR}/dtl_fortran" EXCLUDE_FROM_ALL)
endif()
