# Language, warnings, linker and compiler cache: the same for every target.
set(CMAKE_CXX_STANDARD 23)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

if(CMAKE_UNITY_BUILD)  # a file that is included is no header here
  add_compile_options(-Wno-subobject-linkage)
endif()
option(LENNE_PRECOMPILE "Parse the large headers of others once, not in every file" OFF)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
  if(LENNE_PRECOMPILE)  # what ccache asks for with precompiled headers
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${CCACHE})
    add_compile_options(-fpch-preprocess)
  endif()
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

set(LENNE_PRECOMPILED <algorithm> <array> <chrono> <functional> <map> <memory> <optional> <ranges> <string> <unordered_map> <variant>
  <vector> <fmt/format.h> <google/protobuf/generated_message_util.h> <google/protobuf/map.h> <google/protobuf/message.h>)
# lenne_precompile(<target> <first> headers…): with LENNE_PRECOMPILE, <first> precompiles the headers and every other target uses its copy.
# Files still include what they use: the dev build does without.
function(lenne_precompile target first)
  if(LENNE_PRECOMPILE AND target STREQUAL first)
    target_precompile_headers(${target} PRIVATE ${ARGN})
  elseif(LENNE_PRECOMPILE)
    target_precompile_headers(${target} REUSE_FROM ${first})
  endif()
endfunction()
