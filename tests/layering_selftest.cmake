# cmake -DSCRIPT=layering.cmake -DDIR=SCRATCH -P layering_selftest.cmake: the layering test must
# accept a clean tree and name each violation planted in it.
cmake_minimum_required(VERSION 3.22)

set(rows [=[
rectify_layer(base LIBRARIES m)
rectify_layer(formats USES base)
rectify_layer(host USES formats base)
rectify_layer(net USES base)
rectify_layer(actions USES net base)
rectify_layer(script USES host formats base)
rectify_layer(engine USES script base)
rectify_layer(report USES base)
]=])

function(clean_tree)
  file(REMOVE_RECURSE ${DIR})
  file(WRITE ${DIR}/cmake/layers.cmake "${rows}")
  file(WRITE ${DIR}/runner/main.c "#include \"cli/cli.h\"\n")
  file(WRITE ${DIR}/runner/base/str.c [=[
#include "base/str.h"
/* strcpy() and sprintf() in prose; fopen( too. */
static const char *text = "system(1) /* no */ gets(";
int my_system(int strtok_like);
]=])
  file(WRITE ${DIR}/runner/formats/pe.c "#include \"base/str.h\"\n#include \"formats/pe.h\"\n")
  file(WRITE ${DIR}/runner/host/live_win.c "#include <windows.h>\nFILE *f = fopen(p, m);\n")
  file(WRITE ${DIR}/runner/script/lua.c "#include <lua.h>\n#include \"host/host.h\"\n")
endfunction()

function(run_on_tree out code)
  execute_process(COMMAND ${CMAKE_COMMAND} -DROOT=${DIR} -P ${SCRIPT}
                  RESULT_VARIABLE result OUTPUT_VARIABLE stdout ERROR_VARIABLE stderr)
  set(${out} "${stdout}${stderr}" PARENT_SCOPE)
  set(${code} ${result} PARENT_SCOPE)
endfunction()

# The tree with `content` added as `file` must fail and say `says`.
function(expect file content says)
  clean_tree()
  file(APPEND ${DIR}/${file} "${content}\n")
  run_on_tree(output code)
  string(FIND "${output}" "${says}" at)
  if(code EQUAL 0 OR at EQUAL -1)
    message(FATAL_ERROR "${file} with ${content}: exit ${code}, wanted \"${says}\" in:\n${output}")
  endif()
endfunction()

clean_tree()
run_on_tree(output code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "a clean tree is refused:\n${output}")
endif()

expect(runner/base/str.c "#include \"formats/pe.h\"" "base may not include formats/")
expect(runner/script/bind.c "#include \"net/http.h\"" "script may not include net/")
expect(runner/script/bind.c "# include \"actions/gate.h\"" "script may not include actions/")
expect(runner/report/json.c "#include \"host/host.h\"" "report may not include host/")
expect(runner/engine/engine.c "#include <lua.h>" "only script may include lua.h")
expect(runner/engine/engine.c "#include <lauxlib.h>" "only script may include lauxlib.h")
expect(runner/host/live.c "#include <windows.h>" "only *_win.c and *_win.h files may include windows.h")
expect(runner/host/live.c "#include \"file.h\"" "include without its folder")
expect(runner/formats/pe.c "int f(void) { return open(p, 0); }" "open() is banned")
expect(runner/formats/pe.c "void *g = mmap(0);" "mmap() is banned")
expect(runner/other/x.c "int x;" "runner/other: no row in cmake/layers.cmake")
expect(cmake/layers.cmake "rectify_layer(script USES net)" "script may not use net")
expect(cmake/layers.cmake "rectify_layer(report USES base host)" "report may not use host")
foreach(name strcpy strcat sprintf strtok gets atoi alloca system popen gmtime localtime)
  expect(runner/host/x.c "int x = (int)${name}(y)" "${name}() is banned")
endforeach()
file(REMOVE_RECURSE ${DIR})
