# The program with a list root of the tests, for command lines that need lists of the tests' own.
if(WIN32)
  add_executable(rectify-testroots testroots/list_root.c ${CMAKE_SOURCE_DIR}/runner/main_win.c)
  target_link_options(rectify-testroots PRIVATE -municode)
else()
  add_executable(rectify-testroots testroots/list_root.c ${CMAKE_SOURCE_DIR}/runner/main.c)
endif()
target_link_libraries(rectify-testroots PRIVATE rectify_cli OpenSSL::Crypto)
if(WIN32)
  # What wine/live_kill_test.sh kills where it writes.
  add_executable(rectify-faults wine/faults_win.c ${CMAKE_SOURCE_DIR}/runner/main_win.c)
  target_link_options(rectify-faults PRIVATE -municode -Wl,--wrap=writer_live_open)
  target_link_libraries(rectify-faults PRIVATE rectify_cli)
  add_executable(rectify-owners wine/owners_win.c)
  target_link_libraries(rectify-owners PRIVATE rectify_base)
  return()
endif()

# Tests of the tree itself.
add_test(NAME layering
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -P ${CMAKE_CURRENT_LIST_DIR}/layering.cmake)
add_test(NAME layering.selftest
  COMMAND ${CMAKE_COMMAND} -DSCRIPT=${CMAKE_CURRENT_LIST_DIR}/layering.cmake
          -DDIR=${CMAKE_BINARY_DIR}/layering_selftest
          -P ${CMAKE_CURRENT_LIST_DIR}/layering_selftest.cmake)
set(header_includes ${LUA_INCLUDE_DIRS} ${OPENSSL_INCLUDE_DIR} ${LIBARCHIVE_INCLUDE_DIRS}
    ${LIBDEFLATE_INCLUDE_DIRS})
add_test(NAME headers
  COMMAND ${CMAKE_COMMAND} -DROOT=${CMAKE_SOURCE_DIR} -DCC=${CMAKE_C_COMPILER}
          "-DINCLUDES=${header_includes}" -DSCRATCH=${CMAKE_BINARY_DIR}
          -P ${CMAKE_CURRENT_LIST_DIR}/headers.cmake)
# Hundreds of processes that are killed; sanitizers make each of them slow to start.
if(TARGET engine.kill_test)
  set_tests_properties(unit.engine.kill_test PROPERTIES TIMEOUT 1500)
endif()
