lenne_tests(app lenne_app)
target_sources(tests_app PRIVATE "${CMAKE_CURRENT_SOURCE_DIR}/unit/app/town.cpp")
