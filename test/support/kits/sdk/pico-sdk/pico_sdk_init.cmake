# As much of the Pico SDK as the kit uses, for the emulated machine. $ENV{MACHINE}/machine.cmake says what that is.
include($ENV{MACHINE}/machine.cmake)
set(PICO_STUB ${CMAKE_CURRENT_LIST_DIR})

function(pico_sdk_init)
  add_library(pico_stdlib INTERFACE)
  target_include_directories(pico_stdlib INTERFACE ${PICO_STUB}/include)
  target_sources(pico_stdlib INTERFACE ${PICO_STUB}/pico.c)
  target_include_directories(pico_stdlib INTERFACE ${MACHINE_SDK})
  target_link_libraries(pico_stdlib INTERFACE ${MACHINE_OBJECTS})
  target_link_options(pico_stdlib INTERFACE ${MACHINE_LINK})
  add_library(hardware_clocks INTERFACE)
endfunction()

function(pico_enable_stdio_uart image on)
endfunction()

function(pico_enable_stdio_usb image on)
endfunction()

function(pico_add_extra_outputs image)
  set_target_properties(${image} PROPERTIES SUFFIX .elf)
  add_custom_command(TARGET ${image} POST_BUILD COMMAND arm-none-eabi-objcopy -O binary ${image}.elf ${image}.bin)
endfunction()
