add_test(NAME architecture.includes
  COMMAND /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/architecture/check.py" "${CMAKE_SOURCE_DIR}")
