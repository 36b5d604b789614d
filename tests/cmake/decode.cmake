find_package(Boost REQUIRED COMPONENTS json)
lenne_tests(decode lenne_decode Boost::json)
