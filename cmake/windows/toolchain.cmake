# Cross-building for Windows with Debian's gcc-mingw-w64 (presets windows-x64 and windows-x86).
# RECTIFY_WINDOWS_ARCH is x86_64 or i686; RECTIFY_WINDOWS_LIBRARIES is what libraries.sh filled.
set(CMAKE_SYSTEM_NAME Windows)
set(RECTIFY_WINDOWS_ARCH x86_64 CACHE STRING "x86_64 or i686")
set(default "$ENV{RECTIFY_WINDOWS_LIBRARIES}")
if(NOT default)
  get_filename_component(default ${CMAKE_CURRENT_LIST_DIR}/../../build/windows-libraries ABSOLUTE)
endif()
set(RECTIFY_WINDOWS_LIBRARIES "${default}" CACHE PATH "folder that cmake/windows/libraries.sh filled")
list(APPEND CMAKE_TRY_COMPILE_PLATFORM_VARIABLES RECTIFY_WINDOWS_ARCH RECTIFY_WINDOWS_LIBRARIES)
set(triplet ${RECTIFY_WINDOWS_ARCH}-w64-mingw32)
find_program(CMAKE_C_COMPILER NAMES ${triplet}-gcc-win32 ${triplet}-gcc REQUIRED)
find_program(CMAKE_RC_COMPILER NAMES ${triplet}-windres REQUIRED)

# windows.h without wincrypt.h, whose macros have names of OpenSSL's types.  Windows 7 SP1 and Server
# 2008 R2 are the oldest that the program runs on; the compiler's default is Windows 10.
set(CMAKE_C_FLAGS_INIT "-D_WIN32_WINNT=0x0601 -DWINVER=0x0601 -D__USE_MINGW_ANSI_STDIO=1 -DUNICODE -D_UNICODE -DWIN32_LEAN_AND_MEAN")
if(RECTIFY_WINDOWS_ARCH STREQUAL i686)
  set(CMAKE_SYSTEM_PROCESSOR x86)
  string(APPEND CMAKE_C_FLAGS_INIT " -march=i686 -msse2 -mstackrealign -D__MINGW_USE_VC2005_COMPAT")
  set(entropy "")
else()
  set(CMAKE_SYSTEM_PROCESSOR AMD64)
  # windows.h would parse every intrinsic of x86: half a second a file, same objects without.
  string(APPEND CMAKE_C_FLAGS_INIT " -D_X86INTRIN_H_INCLUDED")
  set(entropy "-Wl,--high-entropy-va")
endif()
set(CMAKE_EXE_LINKER_FLAGS_INIT
    "-static -Wl,--gc-sections -Wl,--no-insert-timestamp -Wl,--dynamicbase -Wl,--nxcompat ${entropy} -Wl,--major-subsystem-version,6 -Wl,--minor-subsystem-version,1 -Wl,--major-os-version,6 -Wl,--minor-os-version,1")

set(CMAKE_FIND_ROOT_PATH ${RECTIFY_WINDOWS_LIBRARIES}/${triplet} /usr/${triplet})
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
