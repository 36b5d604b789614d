# At the end, when integration.cmake has said how a program test is run.
cmake_language(DEFER CALL lenne_program_test acceptance /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/acceptance/acceptance_test.py")
cmake_language(DEFER CALL lenne_program_test frames /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/frames/frames_test.py")
