# Code objects of the GPUs' kernels: each list of kernels (TOKENMARK_GPU_MODULES, headers in kernels/gpu) is compiled for
# itself, and the results are linked into what launches them. TOKENMARK_GPU_IMAGES_FROM: the folder `plugins` of another
# build, whose images are taken instead.
set(TOKENMARK_GPU_IMAGES_FROM "" CACHE PATH "take the kernels' code objects from the folder plugins of another build")

# tokenmark_gpu_image(OUTPUT FILE SOURCE_SUFFIX .cu MODULE name COMMENT text COMMAND …)  adds the command that makes FILE out
# of a source that includes the module's header; it ends in the options that name the source and FILE.
function(tokenmark_gpu_image)
  cmake_parse_arguments(ARG "" "OUTPUT;SUFFIX;MODULE;COMMENT" "COMMAND" ${ARGN})
  if(TOKENMARK_GPU_IMAGES_FROM)
    get_filename_component(vendor ${CMAKE_CURRENT_BINARY_DIR} NAME)
    get_filename_component(name ${ARG_OUTPUT} NAME)
    set(ready ${TOKENMARK_GPU_IMAGES_FROM}/${vendor}/${name})
    add_custom_command(OUTPUT ${ARG_OUTPUT} DEPENDS ${ready} COMMAND ${CMAKE_COMMAND} -E copy ${ready} ${ARG_OUTPUT} VERBATIM)
    return()
  endif()
  set(source ${CMAKE_CURRENT_BINARY_DIR}/${ARG_MODULE}${ARG_SUFFIX})
  file(GENERATE OUTPUT ${source} CONTENT "#include \"kernels/gpu/${ARG_MODULE}.h\"\n")
  add_custom_command(OUTPUT ${ARG_OUTPUT} DEPENDS ${source} DEPFILE ${ARG_OUTPUT}.d
    COMMAND ${ARG_COMMAND} -I${tokenmark_SOURCE_DIR} -MD -MF ${ARG_OUTPUT}.d -o ${ARG_OUTPUT} ${source}
    COMMENT "${ARG_COMMENT}" VERBATIM)
endfunction()

# tokenmark_gpu_images(TARGET NAME FILE…)  links files into TARGET as `const void* const NAME[]`, which ends at NAME_end.
function(tokenmark_gpu_images target name)
  tokenmark_link_files(${target} ${name} FALSE ${ARGN})
endfunction()

# tokenmark_gpu_sources(TARGET NAME FILE…)  links texts, each as its name from the source tree's root on and its content: two
# strings that end with 0 each in `const char* const NAME[]`, which ends at NAME_end.
function(tokenmark_gpu_sources target name)
  tokenmark_link_files(${target} ${name} TRUE ${ARGN})
endfunction()

function(tokenmark_link_files target name are_texts)
  set(assembly ${CMAKE_CURRENT_BINARY_DIR}/${name}.S)
  set(table "")
  set(text "  .section .rodata\n")
  set(number 0)
  foreach(file ${ARGN})
    string(APPEND text "  .balign 64\n${name}_${number}:\n  .incbin \"${file}\"\n")
    if(are_texts)
      file(RELATIVE_PATH path ${tokenmark_SOURCE_DIR} ${file})
      string(APPEND text "  .byte 0\n${name}_${number}_path:\n  .asciz \"${path}\"\n")
      string(APPEND table "  .quad ${name}_${number}_path\n")
    endif()
    string(APPEND table "  .quad ${name}_${number}\n")
    math(EXPR number "${number} + 1")
  endforeach()
  string(APPEND text "  .section .data.rel.ro, \"aw\"\n  .balign 8\n  .globl ${name}\n  .hidden ${name}\n${name}:\n${table}")
  string(APPEND text "  .globl ${name}_end\n  .hidden ${name}_end\n${name}_end:\n  .section .note.GNU-stack, \"\", %progbits\n")
  file(GENERATE OUTPUT ${assembly} CONTENT "${text}")
  target_sources(${target} PRIVATE ${assembly})
  set_source_files_properties(${assembly} PROPERTIES GENERATED ON OBJECT_DEPENDS "${ARGN}")
endfunction()
