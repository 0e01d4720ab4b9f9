# Built-in Lua library and policies, compiled into the binary so that it runs with no files beside
# it, and the stubs that document them.  cmake/embed_files.cmake writes one C file of each: from
# lua/**.lua (but not lua/api) and policies/**.lua, and from lua/api/*.lua.
function(rectify_embed name)
  set(out ${CMAKE_BINARY_DIR}/${name}.c)
  add_custom_command(
    OUTPUT ${out}
    COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} "-DFILES=${ARGN}" -DOUT=${out}
            -DNAME=${name} -P ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    DEPENDS ${ARGN} ${CMAKE_SOURCE_DIR}/cmake/embed_files.cmake
    VERBATIM)
  target_sources(rectify_script PRIVATE ${out})
endfunction()

file(GLOB_RECURSE embedded CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lua/*.lua
     ${CMAKE_SOURCE_DIR}/policies/*.lua)
list(FILTER embedded EXCLUDE REGEX "/lua/api/")
list(SORT embedded)
rectify_embed(embedded_file ${embedded})
file(GLOB stubs CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/lua/api/*.lua)
list(SORT stubs)
rectify_embed(embedded_stub ${stubs})
