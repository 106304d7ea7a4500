# Run at build time: writes version.cpp when the commit has changed.
execute_process(COMMAND git -C ${SOURCE} rev-parse --short=12 HEAD OUTPUT_VARIABLE TOKENMARK_COMMIT
                OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  set(TOKENMARK_COMMIT unknown)
else()
  execute_process(COMMAND git -C ${SOURCE} diff --quiet HEAD RESULT_VARIABLE changed)
  if(changed)
    string(APPEND TOKENMARK_COMMIT "+")
  endif()
endif()
configure_file(${SOURCE}/base/version.cpp.in ${OUTPUT})
