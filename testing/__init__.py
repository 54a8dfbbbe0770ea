"""What tests and benchmarks share: servers to store on, traffic counted, the pipeline in process.

Add here what both need to set up or to measure; neither may import the other. What only tests
share lives in `tests/support`, what a number should be in a test. Nothing of it is installed.
"""
