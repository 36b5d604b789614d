lenne_tests(proto lenne_proto)
