lenne_tests(ingest lenne_ingest)
