# A component is called as its folder: the one that this project lies in.
get_filename_component(component ${CMAKE_CURRENT_LIST_DIR}/../../.. ABSOLUTE)
get_filename_component(component ${component} NAME)
file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.c)
idf_component_register(SRCS ${sources} INCLUDE_DIRS . PRIV_REQUIRES ${component} esp_hw_support)
