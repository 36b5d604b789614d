find_package(yaml-cpp REQUIRED)
lenne_tests(api lenne_api lenne_storage_memory yaml-cpp)
