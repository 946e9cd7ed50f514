# `@MODEL@-selftest` and `@MODEL@-example` for this machine.
function(add_program program)
  file(GLOB sources CONFIGURE_DEPENDS ${program}/*.c)
  add_executable(@MODEL@-${program} ${sources} platform/platform.c)
  target_include_directories(@MODEL@-${program} PRIVATE platform)
  target_link_libraries(@MODEL@-${program} PRIVATE @MODEL@::@MODEL@)
endfunction()

add_program(selftest)
add_program(example)
add_test(NAME @MODEL@-selftest COMMAND @MODEL@-selftest)
