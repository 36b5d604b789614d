add_library(tests_network_harness STATIC "${CMAKE_SOURCE_DIR}/tests/unit/network/harness.cpp")
target_link_libraries(tests_network_harness PUBLIC lenne_network PRIVATE lenne_options)
lenne_precompile(tests_network_harness lenne_base)
lenne_tests(network tests_network_harness lenne_network)
