# One static library per folder of runner/.  A folder links only what it may include, so that the
# layers of docs/design.md section 3 hold at link time; tests/layering.cmake checks the includes.
#   base -> model -> formats -> host -> trust -> net -> actions | script -> engine -> report -> cli
function(rectify_layer name)
  cmake_parse_arguments(ARG "" "" "USES;LIBRARIES" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/runner/${name}/*.c)
  if(WIN32)
    list(FILTER sources EXCLUDE REGEX "_posix\\.c$")
  else()
    list(FILTER sources EXCLUDE REGEX "_win\\.c$")
  endif()
  add_library(rectify_${name} STATIC ${sources})
  target_link_libraries(rectify_${name} PUBLIC rectify_flags)
  foreach(layer IN LISTS ARG_USES)
    target_link_libraries(rectify_${name} PUBLIC rectify_${layer})
  endforeach()
  target_link_libraries(rectify_${name} PRIVATE ${ARG_LIBRARIES})
endfunction()

# Loaded by the first run that needs them (base/library.h); a static Windows program has them inside.
foreach(name LIBARCHIVE LIBCURL)
  add_library(late_${name} INTERFACE)
  if(WIN32)
    target_link_libraries(late_${name} INTERFACE PkgConfig::${name})
  else()
    target_include_directories(late_${name} INTERFACE ${${name}_INCLUDE_DIRS})
    target_link_libraries(late_${name} INTERFACE ${CMAKE_DL_LIBS} Threads::Threads)
  endif()
endforeach()

rectify_layer(base LIBRARIES PkgConfig::PCRE2 OpenSSL::Crypto m)
rectify_layer(model USES base LIBRARIES PkgConfig::JANSSON)
rectify_layer(formats USES model base
  LIBRARIES PkgConfig::LIBDEFLATE OpenSSL::Crypto Threads::Threads)
rectify_layer(host USES formats model base LIBRARIES late_LIBARCHIVE Threads::Threads)
rectify_layer(trust USES host formats model base LIBRARIES OpenSSL::Crypto Threads::Threads)
rectify_layer(net USES base LIBRARIES late_LIBCURL ZLIB::ZLIB)
rectify_layer(actions USES net trust host formats model base LIBRARIES OpenSSL::Crypto)
rectify_layer(script USES trust host formats model base LIBRARIES PkgConfig::LUA m)
rectify_layer(engine USES script actions net trust host formats model base)
rectify_layer(report USES model base)
rectify_layer(cli USES report engine script actions net trust host formats model base
  LIBRARIES PkgConfig::LUA late_LIBARCHIVE PkgConfig::LIBDEFLATE OpenSSL::Crypto)
