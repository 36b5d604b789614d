lenne_tests(app lenne_app)
find_package(OpenSSL REQUIRED)
# How a cluster is reached is the program's (tokens come by a socket).
target_sources(tests_app PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/unit/app/town.cpp"
  "${CMAKE_SOURCE_DIR}/app/kafka_settings.cpp" "${CMAKE_SOURCE_DIR}/app/access_token.cpp"
  "${CMAKE_SOURCE_DIR}/app/http_client.cpp")
target_link_libraries(tests_app PRIVATE OpenSSL::SSL)
