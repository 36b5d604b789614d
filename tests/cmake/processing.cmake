lenne_tests(processing lenne_processing lenne_storage_memory)
target_include_directories(tests_processing PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/unit/processing")
