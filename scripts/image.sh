#!/bin/sh
# Builds the image with Buildah, where there is no Docker and no registry that has its base:
#   sh scripts/image.sh <name> [target]
#   sh scripts/image.sh base
# The second makes the base alone. It is made of Debian's packages once, and stands in for the one that
# the Dockerfile names.
set -eu
cd "$(dirname "$0")/.."
name=$1 target=${2:-playledger} base=localhost/playledger-base
export BUILDAH_ISOLATION=chroot # containers may be forbidden where builds are allowed

if ! buildah inspect --type image "$base" >/dev/null 2>&1; then
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    mmdebstrap --quiet --variant=minbase --hook-dir=/usr/share/mmdebstrap/hooks/merged-usr \
        --include=usr-is-merged,python3,python3-venv,python-is-python3,ca-certificates \
        --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
        --dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$folder/base.tar"
    printf 'FROM scratch\nADD base.tar /\nENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt PIP_CERT=/etc/ssl/certs/ca-certificates.crt\n' \
        | buildah build --quiet -f - -t "$base" "$folder" >/dev/null
fi

[ "$name" != base ] || exit 0

# This machine's certificates, in case that it has any of its own.
before=$(buildah images --quiet "$name" 2>/dev/null || true)
buildah build --pull-never --build-arg BASE="$base" --volume /etc/ssl/certs:/etc/ssl/certs:ro \
    --target "$target" -f deploy/Dockerfile --ignorefile deploy/Dockerfile.dockerignore -t "$name" .
after=$(buildah images --quiet "$name")
[ "$before" = "" ] || [ "$before" = "$after" ] || buildah rmi "$before" >/dev/null 2>&1 || true
