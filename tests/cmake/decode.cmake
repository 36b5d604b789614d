find_package(Boost REQUIRED COMPONENTS json)
lenne_tests(decode lenne_decode lenne_processing Boost::json)

# cmake -DLENNE_BENCH=ON, in a release build
if(LENNE_BENCH)
  find_package(benchmark REQUIRED)
  add_executable(bench_decode "${CMAKE_CURRENT_SOURCE_DIR}/bench/decode_bench.cpp")
  target_link_libraries(bench_decode PRIVATE lenne_decode lenne_options benchmark::benchmark)
endif()
