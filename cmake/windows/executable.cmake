# rectify.exe itself: version and manifest, no symbols in releases.
set(CMAKE_RC_FLAGS "-I${CMAKE_SOURCE_DIR}/cmake/windows")
enable_language(RC)
configure_file(${CMAKE_SOURCE_DIR}/cmake/windows/rectify.rc.in ${CMAKE_BINARY_DIR}/rectify.rc @ONLY)
set_property(SOURCE ${CMAKE_BINARY_DIR}/rectify.rc PROPERTY
  OBJECT_DEPENDS ${CMAKE_SOURCE_DIR}/cmake/windows/rectify.manifest)

function(windows_executable target)
  target_sources(${target} PRIVATE ${CMAKE_BINARY_DIR}/rectify.rc)
  # -municode: wmain
  target_link_options(${target} PRIVATE -municode $<$<CONFIG:Release>:-s>)
endfunction()
