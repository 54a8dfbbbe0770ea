#!/bin/sh
# Takes out of an image's packages what nothing of Playledger runs: `sh slim.sh <site-packages>`.
set -eu
cd "$1"

# Tests of packages, and what only compiling against them needs.
find . -type d -name tests -prune -exec rm -r {} +
find . -type f \( -name '*.pyx' -o -name '*.pxd' -o -name '*.pxi' -o -name '*.pyi' \
    -o -name '*.c' -o -name '*.cpp' -o -name '*.h' -o -name '*.hpp' -o -name '*.a' \) -delete
rm -r pyarrow/include pyarrow/src

# Where a browser's debugger would find the UI's sources.
find dagster_webserver -name '*.map' -delete

# Arrow's own network protocol, query plans, S3 and tests: buckets are boto3's.
rm pyarrow/libarrow_flight.so.* pyarrow/libarrow_python_flight.so* pyarrow/_flight.*.so pyarrow/flight.py \
    pyarrow/_substrait.*.so pyarrow/substrait.py \
    pyarrow/libarrow_s3.so.* pyarrow/_s3fs.*.so pyarrow/_pyarrow_cpp_tests.*.so

# The same library under three names: a wheel cannot hold links.
rm pyarrow/libarrow_python*.so pyarrow/libarrow_python*.so.*.*.*

# Of AWS' services only those by which a bucket is reached and logged in to.
find botocore/data -mindepth 1 -maxdepth 1 -type d \
    ! -name s3 ! -name sts ! -name sso ! -name sso-oidc ! -name signin -exec rm -r {} +
