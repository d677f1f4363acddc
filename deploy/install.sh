#!/bin/sh
# Installs Footnote on a server: deploy/install.sh PREFIX
#
# Creates a virtual environment in PREFIX with the packages of deploy/requirements.lock, and exports
# the embedding model to PREFIX/cache. Afterwards Footnote needs no network. The Dockerfile runs this
# script. If you run it yourself, set XDG_CACHE_HOME=PREFIX/cache for the server, as
# deploy/footnote.service does.
set -eu
prefix=$1
source=$(cd "$(dirname "$0")/.." && pwd)

"${PYTHON:-python3}" -m venv "$prefix"
# pip refuses packages whose hash differs from the lock, and installs only wheels.
"$prefix/bin/python" -m pip install --quiet --no-deps --require-hashes --only-binary :all: \
    --requirement "$source/deploy/requirements.lock"
"$prefix/bin/python" -m pip install --quiet --no-deps --no-build-isolation "$source"

# The first use of the model exports it to ONNX. Do it now, so that the server starts fast.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && XDG_CACHE_HOME="$prefix/cache" "$prefix/bin/rag" index "$source/seeds")
chmod -R a+rX "$prefix"
