# Run by cpack once it has made the zip: made again, with its files in order and no time zone in it, for
# cpack takes files as the folder lists them and zip keeps local time.
file(GLOB_RECURSE names RELATIVE ${CPACK_TEMPORARY_DIRECTORY} ${CPACK_TEMPORARY_DIRECTORY}/*)
list(SORT names)
set(ENV{TZ} UTC)
execute_process(
  COMMAND ${CMAKE_COMMAND} -E tar cf ${CPACK_PACKAGE_FILES} --format=zip -- ${names}
  WORKING_DIRECTORY ${CPACK_TEMPORARY_DIRECTORY} COMMAND_ERROR_IS_FATAL ANY)
