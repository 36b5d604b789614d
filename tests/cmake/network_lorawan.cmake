lenne_tests(network/lorawan lenne_lorawan)
