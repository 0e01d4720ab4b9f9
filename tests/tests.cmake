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
# Tests that need sample artefacts link their generator.
foreach(name IN ITEMS engine.products_test engine.events_test engine.hosts_test engine.facts_test)
  if(TARGET ${name})
    target_link_libraries(${name} PRIVATE sample_hosts)
  endif()
endforeach()
# Hundreds of processes that are killed; sanitizers make each of them slow to start.
if(TARGET engine.kill_test)
  set_tests_properties(unit.engine.kill_test PROPERTIES TIMEOUT 1500)
endif()
# The program with a list root of the tests, for command lines that need lists of the tests' own.
add_executable(rectify-testroots ${CMAKE_CURRENT_LIST_DIR}/testroots/main.c)
target_link_libraries(rectify-testroots PRIVATE rectify_cli OpenSSL::Crypto)
