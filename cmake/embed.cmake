# Built-in Lua library and policies, compiled into the binary so that it runs with no files beside
# it.  cmake/embed_files.cmake writes one C file from lua/**.lua (but not lua/api) and
# policies/**.lua.
file(GLOB_RECURSE embedded CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lua/*.lua
     ${CMAKE_SOURCE_DIR}/policies/*.lua)
list(FILTER embedded EXCLUDE REGEX "/lua/api/")
list(SORT embedded)
set(embedded_c ${CMAKE_BINARY_DIR}/embedded.c)
add_custom_command(
  OUTPUT ${embedded_c}
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} "-DFILES=${embedded}" -DOUT=${embedded_c}
          -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  DEPENDS ${embedded} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
  VERBATIM)
target_sources(rectify_script PRIVATE ${embedded_c})
