# Tests of the whole program as it is shipped: build/release/lenne. tests/run.sh builds it first.
set(LENNE_PROGRAM "${CMAKE_SOURCE_DIR}/build/release/lenne" CACHE FILEPATH "The program that integration tests run")

# They mostly wait: started first (COST), beside the others.
function(lenne_program_test name)
  add_test(NAME integration.${name} COMMAND ${ARGN})
  set_tests_properties(integration.${name} PROPERTIES ENVIRONMENT "LENNE_BIN=${LENNE_PROGRAM}" TIMEOUT 600 COST 100)
endfunction()

lenne_program_test(truth /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/truth/truth_test.py")
lenne_program_test(past /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/truth/past_test.py")
lenne_program_test(flood /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/truth/past_test.py" flood-day)
lenne_program_test(meters /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/truth/meters_test.py")
lenne_program_test(kill /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/kill/kill_test.py")
lenne_program_test(order /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/kill/order_test.py")
lenne_program_test(disk /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/disk/disk_test.py")
lenne_program_test(replay /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/replay/replay_test.py")
lenne_program_test(backfill /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/backfill/backfill_test.py")
lenne_program_test(alerts /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/alerts/alerts_test.py")
lenne_program_test(encoder /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/encoder/encoder_test.py")
lenne_program_test(page bash "${CMAKE_SOURCE_DIR}/tests/integration/browser/run.sh" page)
lenne_program_test(browser bash "${CMAKE_SOURCE_DIR}/tests/integration/browser/run.sh" browser)
lenne_program_test(deploy_files /usr/bin/python3 "${CMAKE_SOURCE_DIR}/tests/integration/deploy/files_test.py")
# On a real broker: one at a time, in one place, so that it is fetched once.
function(lenne_kafka_test name)
  lenne_program_test(kafka_${name} bash "${CMAKE_SOURCE_DIR}/tests/integration/kafka/run.sh" ${ARGN})
  set_property(TEST integration.kafka_${name} APPEND PROPERTY ENVIRONMENT "LENNE_KAFKA_DIR=${CMAKE_BINARY_DIR}/kafka")
  set_tests_properties(integration.kafka_${name} PROPERTIES RESOURCE_LOCK broker LABELS kafka)
endfunction()
foreach(path truth/truth kill/kill kafka/roles kafka/public kafka/outbox kafka/commands kafka/registry kafka/streams
    kafka/security kafka/cluster kafka/storm deploy/processes)
  get_filename_component(test ${path} NAME)
  lenne_kafka_test(${test} ${path}_test.py)
endforeach()
lenne_kafka_test(scram kafka/security_test.py scram)
set_property(TEST integration.kafka_security integration.kafka_scram APPEND PROPERTY ENVIRONMENT LENNE_KAFKA_SECURE=1)
# The last series of versions whose brokers take SCRAM from Debian 12's librdkafka.
set_property(TEST integration.kafka_scram APPEND PROPERTY ENVIRONMENT LENNE_KAFKA_VERSION=3.9.1)
set_property(TEST integration.kafka_cluster APPEND PROPERTY ENVIRONMENT LENNE_KAFKA_NODES=3)
set_tests_properties(integration.kafka_kill integration.kafka_roles integration.kafka_commands integration.kafka_cluster
  integration.kafka_storm PROPERTIES RESOURCE_LOCK "broker;machine")
set_tests_properties(integration.past integration.flood PROPERTIES COST 180)  # computes all the time
set_tests_properties(integration.page PROPERTIES FIXTURES_SETUP page)
set_tests_properties(integration.browser PROPERTIES FIXTURES_REQUIRED page)
# These measure nothing, but they run a server, a region and a browser each: one at a time. The truth, whose
# windows have ten seconds of grace, and the acceptance, which mostly waits, run beside them.
set_tests_properties(integration.kill integration.order integration.disk integration.replay integration.backfill integration.alerts integration.encoder integration.browser
  PROPERTIES RESOURCE_LOCK machine)
