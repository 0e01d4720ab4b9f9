# rectify.exe itself: version and manifest, no symbols in releases.
set(CMAKE_RC_FLAGS "-I${CMAKE_SOURCE_DIR}/cmake/windows")
enable_language(RC)
configure_file(${CMAKE_SOURCE_DIR}/cmake/windows/rectify.rc.in ${CMAKE_BINARY_DIR}/rectify.rc @ONLY)
set_property(SOURCE ${CMAKE_BINARY_DIR}/rectify.rc PROPERTY
  OBJECT_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/windows/rectify.manifest)

# Texts of event log entries, and the numbers of them for C.  The same options, the same bytes.
find_program(RECTIFY_WINDMC NAMES ${RECTIFY_WINDOWS_ARCH}-w64-mingw32-windmc REQUIRED)
set(events ${CMAKE_BINARY_DIR}/events)
add_custom_command(
  OUTPUT ${events}/cli/events.h ${events}/events.rc ${events}/events_english.bin
  COMMAND ${CMAKE_COMMAND} -E make_directory ${events}/cli
  COMMAND ${RECTIFY_WINDMC} -h ${events}/cli -r ${events} ${CMAKE_SOURCE_DIR}/cmake/windows/events.mc
  DEPENDS ${CMAKE_SOURCE_DIR}/cmake/windows/events.mc
  VERBATIM)
target_sources(rectify_cli PRIVATE ${events}/cli/events.h)
target_include_directories(rectify_cli PRIVATE ${events})

function(windows_executable target)
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/rectify.rc ${events}/events.rc)
  set_property(SOURCE ${events}/events.rc PROPERTY COMPILE_OPTIONS -I${events})
  # -municode: wmain
  target_link_options(${target} PRIVATE -municode $<$<CONFIG:Release>:-s>)
endfunction()
