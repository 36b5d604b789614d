# Language, warnings, linker and compiler cache: the same for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()
find_program(MOLD mold)
if(MOLD)
  add_link_options(-fuse-ld=mold)
endif()

add_library(lenne_options INTERFACE)
target_include_directories(lenne_options INTERFACE "${CMAKE_SOURCE_DIR}")
target_compile_options(lenne_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough -Wunused-result -Werror)
# Cheap bounds checks of the standard library stay on in release: input comes by radio.
target_compile_definitions(lenne_options INTERFACE _GLIBCXX_ASSERTIONS)

find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
