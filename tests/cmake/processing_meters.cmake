lenne_tests(processing/meters lenne_meters)
