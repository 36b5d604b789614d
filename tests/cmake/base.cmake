lenne_tests(base lenne_base)
