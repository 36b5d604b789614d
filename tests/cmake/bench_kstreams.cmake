if(LENNE_BENCH)
  add_executable(bench_kstreams "${CMAKE_CURRENT_SOURCE_DIR}/bench/kstreams.cpp")
  target_link_libraries(bench_kstreams PRIVATE lenne_processing lenne_storage_kafka lenne_storage_rocksdb lenne_options
    "${LENNE_JEMALLOC}")  # as the program
  set_target_properties(bench_kstreams PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}")
endif()
