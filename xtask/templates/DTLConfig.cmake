# The CMake package of dtl: find_package(DTL) gives these targets.
#   DTL::dtl      the shared library, for C and C++
#   DTL::static   the same as an archive
#   DTL::fortran  the Fortran modules, compiled with the project's compiler; there when the project enables Fortran

get_filename_component(DTL_PREFIX "${CMAKE_CURRENT_LIST_DIR}/../../.." ABSOLUTE)

if(NOT TARGET DTL::dtl)
  add_library(DTL::dtl SHARED IMPORTED)
  set_target_properties(DTL::dtl PROPERTIES
    IMPORTED_LOCATION "${DTL_PREFIX}/lib/@soname@"
    IMPORTED_SONAME "@soname@"
    INTERFACE_INCLUDE_DIRECTORIES "${DTL_PREFIX}/include")
endif()

if(NOT TARGET DTL::static)
  add_library(DTL::static STATIC IMPORTED)
  set_target_properties(DTL::static PROPERTIES
    IMPORTED_LOCATION "${DTL_PREFIX}/lib/libdtl.a"
    INTERFACE_INCLUDE_DIRECTORIES "${DTL_PREFIX}/include"
    INTERFACE_LINK_LIBRARIES "pthread;dl;m")
endif()

get_property(DTL_LANGUAGES GLOBAL PROPERTY ENABLED_LANGUAGES)
if("Fortran" IN_LIST DTL_LANGUAGES AND NOT TARGET DTL::fortran)
  add_library(dtl_fortran STATIC@fortran_sources@)
  set_target_properties(dtl_fortran PROPERTIES
    Fortran_MODULE_DIRECTORY "${CMAKE_CURRENT_BINARY_DIR}/dtl_modules"
    POSITION_INDEPENDENT_CODE ON)
  target_include_directories(dtl_fortran PUBLIC "${CMAKE_CURRENT_BINARY_DIR}/dtl_modules")
  target_link_libraries(dtl_fortran PUBLIC DTL::dtl)
  add_library(DTL::fortran ALIAS dtl_fortran)
endif()
