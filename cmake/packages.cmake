# What is installed, and the packages: `cpack` makes rectify-VERSION-windows-ARCH.zip of a Windows
# build, rectify_VERSION_ARCH.deb of a Linux one.  Same sources, same bytes: packages_epoch.cmake sets the
# time that their entries have, packages_zip.cmake their order.
#
# The program needs none of the files beside it; policies and the Lua library are there to be read.
include(GNUInstallDirs)

# Files that are made while installing, as `command` makes ${out} of ${in}.
function(install_made source destination name command)
  install(CODE "
    set(in \"${CMAKE_SOURCE_DIR}/${source}\")
    set(out \"${CMAKE_BINARY_DIR}/installed/${destination}/${name}\")
    get_filename_component(dir \"\${out}\" DIRECTORY)
    file(MAKE_DIRECTORY \"\${dir}\")
    ${command}
    file(INSTALL DESTINATION \"\${CMAKE_INSTALL_PREFIX}/${destination}\" TYPE FILE FILES \"\${out}\")")
endfunction()

set(maintainer "rectify maintainers <maintainers@rectify.example>")
set(documents README.md CHANGELOG.md SECURITY.md docs/writing-policies.md docs/policy-tests.md docs/design.md)

if(WIN32)
  # As Windows' own editor wants its lines.
  set(crlf "file(READ \"\${in}\" text)
    string(REPLACE \"\\n\" \"\\r\\n\" text \"\${text}\")
    file(WRITE \"\${out}\" \"\${text}\")")
  install(TARGETS rectify RUNTIME DESTINATION .)
  foreach(file IN LISTS documents)
    get_filename_component(folder ${file} DIRECTORY)
    get_filename_component(name ${file} NAME)
    install_made(${file} ./${folder} ${name} "${crlf}")
  endforeach()
  install_made(LICENSE . LICENSE.txt "${crlf}")
  install(FILES docs/bench-rules.svg docs/bench-size.svg DESTINATION docs)
  install(DIRECTORY policies lua DESTINATION . FILES_MATCHING PATTERN *.lua)
  install(DIRECTORY ${RECTIFY_WINDOWS_LIBRARIES}/${triplet}/licences DESTINATION .)
else()
  set(gzip "execute_process(COMMAND gzip -9nc \"\${in}\" OUTPUT_FILE \"\${out}\" COMMAND_ERROR_IS_FATAL ANY)")
  install(TARGETS rectify RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
  install_made(docs/rectify.1 ${CMAKE_INSTALL_MANDIR}/man1 rectify.1.gz "${gzip}")
  # In the form that Debian's tools read; the time is SOURCE_DATE_EPOCH's.
  install_made(CHANGELOG.md ${CMAKE_INSTALL_DOCDIR} changelog.gz "
    string(TIMESTAMP date \"%a, %d %b %Y %H:%M:%S +0000\" UTC)
    file(WRITE \"\${out}.txt\" \"rectify (${PROJECT_VERSION}) unstable; urgency=medium\n\n  * See CHANGELOG.md.\n\n\"
      \" -- ${maintainer}  \${date}\n\")
    execute_process(COMMAND gzip -9nc \"\${out}.txt\" OUTPUT_FILE \"\${out}\" COMMAND_ERROR_IS_FATAL ANY)")
  foreach(file IN LISTS documents)
    get_filename_component(folder ${file} DIRECTORY)
    install(FILES ${file} DESTINATION ${CMAKE_INSTALL_DOCDIR}/${folder})
  endforeach()
  install(FILES docs/bench-rules.svg docs/bench-size.svg DESTINATION ${CMAKE_INSTALL_DOCDIR}/docs)
  install(FILES cmake/debian/copyright DESTINATION ${CMAKE_INSTALL_DOCDIR})
  install(DIRECTORY policies lua DESTINATION ${CMAKE_INSTALL_DATADIR}/rectify FILES_MATCHING PATTERN *.lua)
endif()

set(CPACK_PACKAGE_VENDOR "rectify")
set(CPACK_PACKAGE_CONTACT "${maintainer}")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "checks Windows hosts against policies, live and offline")
set(CPACK_PACKAGE_DESCRIPTION
"Evaluates Lua policies on a mounted Windows volume, an extracted triage
collection or a collection zip: what holds, what does not, what is not known,
and with which evidence. Then it plans the repair, tells the verdicts after
it, does exactly that, and can take it back. Policies on McAfee KB71083 and on
Windows' own certificate trust are built in.")
set(CPACK_PACKAGE_CHECKSUM SHA256)
set(CPACK_PROJECT_CONFIG_FILE ${CMAKE_SOURCE_DIR}/cmake/packages_epoch.cmake)
set(CPACK_RECTIFY_SOURCE ${CMAKE_SOURCE_DIR})
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/packages_folders.cmake)

if(WIN32)
  set(CPACK_GENERATOR ZIP)
  set(arch_x86_64 x64)
  set(arch_i686 x86)
  set(CPACK_PACKAGE_FILE_NAME rectify-${PROJECT_VERSION}-windows-${arch_${RECTIFY_WINDOWS_ARCH}})
  # One folder, of the same name in every version: unpacked over the old one it replaces it.
  set(CPACK_INCLUDE_TOPLEVEL_DIRECTORY OFF)
  set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};rectify;ALL;/rectify")
  set(CPACK_POST_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/cmake/packages_zip.cmake)
else()
  set(CPACK_GENERATOR DEB)
  set(CPACK_STRIP_FILES ON)
  set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
  set(CPACK_DEBIAN_PACKAGE_SECTION admin)
  set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
  # Loaded when something is downloaded or an archive is read (runner/base/library.h), so no link
  # says it; Debian 13 and Ubuntu 24.04 have them under the second names.
  set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "libarchive13 | libarchive13t64, libcurl4 | libcurl4t64")
endif()
include(CPack)
