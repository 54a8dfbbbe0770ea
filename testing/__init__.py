"""What tests, benchmarks and the demo share: servers, traffic counted, the pipeline in process.

Add here what two of them need to set up or to measure; none may import another. What only tests
share lives in `tests/support`, what a number should be in a test. Nothing of it is installed.
"""
