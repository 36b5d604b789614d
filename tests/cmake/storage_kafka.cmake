# One process for all its tests: they share one real broker, which the program starts and stops. It needs Java and Maven.
file(GLOB sources CONFIGURE_DEPENDS "${CMAKE_CURRENT_SOURCE_DIR}/integration/storage/kafka/*_test.cpp")
add_executable(tests_storage_kafka ${sources})
target_link_libraries(tests_storage_kafka PRIVATE lenne_storage_kafka lenne_storage_rocksdb lenne_storage_memory tests_main)
lenne_precompile_tests(tests_storage_kafka)
target_compile_definitions(tests_storage_kafka PRIVATE
  LENNE_SOURCE_DIR="${CMAKE_SOURCE_DIR}" LENNE_BINARY_DIR="${CMAKE_BINARY_DIR}")
add_test(NAME storage_kafka COMMAND tests_storage_kafka)
set_tests_properties(storage_kafka PROPERTIES TIMEOUT 600 LABELS kafka RESOURCE_LOCK broker COST 200)
