cmake_minimum_required(VERSION 3.20.0)
list(APPEND ZEPHYR_EXTRA_MODULES ${CMAKE_CURRENT_SOURCE_DIR}/../..)
find_package(Zephyr REQUIRED HINTS $ENV{ZEPHYR_BASE})
project(@MODEL@_@PROGRAM@ LANGUAGES C)

file(GLOB sources CONFIGURE_DEPENDS src/*.c)
target_sources(app PRIVATE ${sources})
target_include_directories(app PRIVATE src)
