if(LENNE_BENCH)
  add_executable(bench_year "${CMAKE_CURRENT_SOURCE_DIR}/bench/year.cpp")
  target_link_libraries(bench_year PRIVATE lenne_simulate lenne_options "${LENNE_JEMALLOC}")  # as the program
endif()
