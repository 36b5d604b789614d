# The deterministic simulator: tests/sim. lenne_sim is the program build/<preset>/sim_universe.
# Universes are lived through by optimised code: with sanitizers each takes ten times as long.
option(LENNE_SIMULATOR "Build the simulator and its tests" ON)
if(NOT LENNE_SIMULATOR)
  # Then that of the release build, which tests/run.sh builds first.
  add_test(NAME sim.release COMMAND "${CMAKE_SOURCE_DIR}/build/release/tests/tests_sim")
  set_tests_properties(sim.release PROPERTIES TIMEOUT 600 COST 150)
  return()
endif()
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_SOURCE_DIR}/tests/sim/*.cpp")
list(FILTER sources EXCLUDE REGEX "_test\\.cpp$|/main\\.cpp$")
add_library(lenne_sim_universe STATIC ${sources})
target_link_libraries(lenne_sim_universe PUBLIC lenne_app PRIVATE lenne_options)
target_include_directories(lenne_sim_universe PUBLIC "${CMAKE_SOURCE_DIR}/tests/sim")
lenne_precompile(lenne_sim_universe lenne_base)

add_executable(lenne_sim "${CMAKE_SOURCE_DIR}/tests/sim/main.cpp")
target_link_libraries(lenne_sim PRIVATE lenne_sim_universe lenne_options)
set_target_properties(lenne_sim PROPERTIES OUTPUT_NAME sim_universe RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")

add_executable(tests_sim "${CMAKE_SOURCE_DIR}/tests/sim/universe_test.cpp")
target_link_libraries(tests_sim PRIVATE lenne_sim_universe tests_main)
lenne_precompile_tests(tests_sim)
target_compile_definitions(tests_sim PRIVATE LENNE_SIM_PROGRAM="$<TARGET_FILE:lenne_sim>")
gtest_discover_tests(tests_sim TEST_PREFIX "sim." DISCOVERY_MODE PRE_TEST PROPERTIES TIMEOUT 600)
