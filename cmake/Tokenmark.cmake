# The project's own CMake vocabulary: one way to make a library and one way to make a test.

add_library(tokenmark_options INTERFACE)
target_compile_options(tokenmark_options INTERFACE
  -Wall -Wextra -Werror $<$<COMPILE_LANGUAGE:CXX>:-Woverloaded-virtual -Wno-missing-field-initializers>)
target_include_directories(tokenmark_options INTERFACE ${tokenmark_SOURCE_DIR})
if(TOKENMARK_SANITIZE)
  target_compile_options(tokenmark_options INTERFACE
    -fsanitize=${TOKENMARK_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer -g1
    -Wno-error)  # g++ 12 gives false alarms under sanitizers; without them every warning is an error
  target_link_options(tokenmark_options INTERFACE -fsanitize=${TOKENMARK_SANITIZE})
endif()

# tokenmark_library(NAME SOURCES a.cpp … [PUBLIC lib …] [PRIVATE lib …])
# A static library of one folder. PUBLIC: libraries whose headers its own headers include.
function(tokenmark_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_link_libraries(${name} PUBLIC tokenmark_options ${ARG_PUBLIC} PRIVATE ${ARG_PRIVATE})
endfunction()

# For code whose own speed does not matter, such as tests and the reading of options: a third less time to compile.
function(tokenmark_compile_quickly target)
  target_compile_options(${target} PRIVATE $<$<CONFIG:Release>:-O1>)
endfunction()

# tokenmark_test(NAME SOURCES a.cpp … LIBRARIES lib … [LABELS label …] [TIMEOUT seconds] [PARALLEL])
# A GoogleTest program registered with ctest as one test. LABELS: slow; peers (drives outside clients); ssh; fuzz
# (reads foreign input: also built and run under the sanitizers, target foreign_input_tests). PARALLEL: may run beside other
# such tests; all others have the machine to themselves, since many measure time.
add_custom_target(foreign_input_tests)
function(tokenmark_test name)
  cmake_parse_arguments(ARG "PARALLEL" "TIMEOUT" "SOURCES;LIBRARIES;LABELS;ARGUMENTS" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE tokenmark_options ${ARG_LIBRARIES} GTest::gtest GTest::gmock GTest::gtest_main)
  tokenmark_compile_quickly(${name})
  target_compile_definitions(${name} PRIVATE
    TOKENMARK_SOURCE_DIR="${CMAKE_SOURCE_DIR}" TOKENMARK_SHARED_DATA="${CMAKE_SOURCE_DIR}/../shared/data")
  add_test(NAME ${name} COMMAND ${name} ${ARG_ARGUMENTS} WORKING_DIRECTORY ${CMAKE_BINARY_DIR})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  if(CMAKE_CROSSCOMPILING)  # under emulation
    math(EXPR ARG_TIMEOUT "${ARG_TIMEOUT} * 10")
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT} LABELS "${ARG_LABELS}")
  if(NOT ARG_PARALLEL)
    set_tests_properties(${name} PROPERTIES RUN_SERIAL ON)
  endif()
  if("fuzz" IN_LIST ARG_LABELS)
    add_dependencies(foreign_input_tests ${name})
  endif()
endfunction()
