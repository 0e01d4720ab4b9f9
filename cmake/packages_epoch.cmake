# Read by cpack when it starts: the time that the entries of a package have, the last commit's unless
# SOURCE_DATE_EPOCH says another; 1980, where zip's begins, of sources without history.
if(NOT DEFINED ENV{SOURCE_DATE_EPOCH})
  execute_process(COMMAND git -C ${CPACK_RECTIFY_SOURCE} log -1 --format=%ct
    OUTPUT_VARIABLE epoch OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE failed)
  if(failed)
    set(epoch 315619200)
  endif()
  set(ENV{SOURCE_DATE_EPOCH} ${epoch})
endif()
