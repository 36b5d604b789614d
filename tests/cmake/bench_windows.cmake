if(LENNE_BENCH)
  add_executable(bench_windows "${CMAKE_CURRENT_SOURCE_DIR}/bench/windows_bench.cpp")
  target_link_libraries(bench_windows PRIVATE lenne_processing lenne_storage_rocksdb lenne_options benchmark::benchmark
    "${LENNE_JEMALLOC}")  # as the program
endif()
