# Finds the SDK by PICO_SDK_PATH, in the environment or given to CMake; replace this file by the one of your SDK if you like.
if(NOT PICO_SDK_PATH)
  set(PICO_SDK_PATH "$ENV{PICO_SDK_PATH}")
endif()
if(NOT EXISTS "${PICO_SDK_PATH}/pico_sdk_init.cmake")
  message(FATAL_ERROR "PICO_SDK_PATH is '${PICO_SDK_PATH}', where no Pico SDK is")
endif()
include("${PICO_SDK_PATH}/pico_sdk_init.cmake")
