# `@MODEL@-selftest` and `@MODEL@-example` for the board, and the same with `-emulator` behind their names.
@HOT@
function(add_image program machine flags)
  set(image @MODEL@-${program}${machine})
  file(GLOB sources CONFIGURE_DEPENDS ${program}/*.c)
  list(TRANSFORM ARGN PREPEND platform/ OUTPUT_VARIABLE platform)
  add_executable(${image} ${sources} ${platform})
  set_target_properties(${image} PROPERTIES SUFFIX .elf)
  target_compile_options(${image} PRIVATE
    $<$<COMPILE_LANGUAGE:C>:-Os;-ffreestanding;-ffunction-sections;-fdata-sections;-fno-tree-loop-distribute-patterns;-DSELFTEST_APART>
    ${flags})
  target_include_directories(${image} PRIVATE platform)
  if(machine STREQUAL "")
    set(script board.ld)
  else()
    set(script emulator.ld)
  endif()
  set(folder ${CMAKE_CURRENT_SOURCE_DIR}/platform)
  target_link_options(${image} PRIVATE -nostdlib -L${folder} -T${script} -Wl,--gc-sections -Wl,--defsym=stack_bytes=@STACK_BYTES@)
  target_link_libraries(${image} PRIVATE @MODEL@::@MODEL@ gcc)
  set_target_properties(${image} PROPERTIES LINK_DEPENDS "${folder}/${script};${folder}/sections.ld")
endfunction()

foreach(program selftest example)
  add_image(${program} "" "@BOARD_FLAGS@" @BOARD_SOURCES@)
  add_image(${program} "-emulator" "@EMULATOR_FLAGS@" @EMULATOR_SOURCES@)
endforeach()
@TEST@
