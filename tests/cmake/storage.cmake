lenne_tests(storage lenne_storage_memory lenne_storage_rocksdb)
target_sources(tests_storage PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/fuzz/storage/position_fuzz.cpp")
