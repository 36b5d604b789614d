lenne_tests(processing/privacy lenne_privacy)
