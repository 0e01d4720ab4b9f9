# Warnings, hardening and sanitizers for every target, carried by one interface library.
add_library(rectify_flags INTERFACE)
target_compile_definitions(rectify_flags INTERFACE _GNU_SOURCE _FILE_OFFSET_BITS=64)
target_include_directories(rectify_flags INTERFACE ${CMAKE_SOURCE_DIR}/runner)
target_compile_options(rectify_flags INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
  -fstack-protector-strong -fno-strict-aliasing
  # Temporary names of the build tree never reach the binary: same sources, same bytes.
  -ffile-prefix-map=${CMAKE_SOURCE_DIR}=.)
if(RECTIFY_WERROR)
  target_compile_options(rectify_flags INTERFACE -Werror)
endif()
if(RECTIFY_SANITIZE)
  target_compile_options(rectify_flags INTERFACE
    -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer -g)
  target_link_options(rectify_flags INTERFACE -fsanitize=address,undefined)
else()
  target_compile_options(rectify_flags INTERFACE
    $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()
if(RECTIFY_FUZZ)
  target_compile_options(rectify_flags INTERFACE -fsanitize=fuzzer-no-link -g)
endif()
include(CheckPIESupported)
check_pie_supported()
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
if(WIN32)
  target_link_options(rectify_flags INTERFACE -fstack-protector-strong) # its library
else()
  target_link_options(rectify_flags INTERFACE -Wl,-z,relro,-z,now,-z,noexecstack)
endif()
