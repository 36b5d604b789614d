lenne_tests(app lenne_app)
