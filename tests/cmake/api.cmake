find_package(yaml-cpp REQUIRED)
lenne_tests(api lenne_api lenne_storage_memory yaml-cpp)
target_sources(tests_api PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/unit/api/client.cpp")
