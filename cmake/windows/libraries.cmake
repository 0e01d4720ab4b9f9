# The outside libraries of a Windows build, static, as cmake/windows/libraries.sh made them; under the
# names that the native build's have.
function(windows_library target file include)
  find_library(found_${file} NAMES ${file} REQUIRED)
  add_library(${target} STATIC IMPORTED)
  set_target_properties(${target} PROPERTIES
    IMPORTED_LOCATION ${found_${file}}
    INTERFACE_INCLUDE_DIRECTORIES "${RECTIFY_WINDOWS_LIBRARIES}/${triplet}/include${include}")
  if(ARGN)
    set_target_properties(${target} PROPERTIES INTERFACE_LINK_LIBRARIES "${ARGN}")
  endif()
endfunction()

windows_library(ZLIB::ZLIB z "")
windows_library(OpenSSL::Crypto crypto "" ws2_32 gdi32 crypt32 advapi32 user32)
windows_library(PkgConfig::LIBARCHIVE archive "" ZLIB::ZLIB bcrypt)
set_property(TARGET PkgConfig::LIBARCHIVE PROPERTY INTERFACE_COMPILE_DEFINITIONS LIBARCHIVE_STATIC)
windows_library(PkgConfig::LIBDEFLATE deflate "")
windows_library(PkgConfig::LUA lua5.4 /lua5.4)
windows_library(PkgConfig::PCRE2 pcre2-8 "")
set_property(TARGET PkgConfig::PCRE2 PROPERTY INTERFACE_COMPILE_DEFINITIONS PCRE2_STATIC)
windows_library(PkgConfig::JANSSON jansson "")
windows_library(PkgConfig::LIBCURL curl "" ZLIB::ZLIB ws2_32 crypt32 bcrypt secur32 advapi32)
set_property(TARGET PkgConfig::LIBCURL PROPERTY INTERFACE_COMPILE_DEFINITIONS CURL_STATICLIB)

# winpthreads, of mingw-w64 itself.
add_library(Threads::Threads INTERFACE IMPORTED)
set_target_properties(Threads::Threads PROPERTIES INTERFACE_LINK_LIBRARIES winpthread)

# Windows' own, for every layer that asks the system.
target_link_libraries(rectify_flags INTERFACE ntdll bcrypt advapi32)

# As on Linux, where the headers lie in the compiler's own folder.
target_include_directories(rectify_flags SYSTEM INTERFACE ${RECTIFY_WINDOWS_LIBRARIES}/${triplet}/include)
# This compiler does not see that err_set() is always false; the native ones look for the same.
target_compile_options(rectify_flags INTERFACE -Wno-maybe-uninitialized)
