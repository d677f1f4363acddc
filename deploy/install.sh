#!/bin/sh
# Installs Footnote for a server: deploy/install.sh PREFIX
#
# A virtual environment in PREFIX, at the versions and hashes of deploy/requirements.lock, and the embedding model as
# it is run in PREFIX/cache; afterwards nothing needs the network. The Dockerfile runs this, and so
# may you (then set XDG_CACHE_HOME=PREFIX/cache, as deploy/footnote.service does).
set -eu
prefix=$1
source=$(cd "$(dirname "$0")/.." && pwd)

"${PYTHON:-python3}" -m venv "$prefix"
# What does not have the hash that the lock names is not installed; nor is what would be built here.
"$prefix/bin/python" -m pip install --quiet --no-deps --require-hashes --only-binary :all: \
    --requirement "$source/deploy/requirements.lock"
"$prefix/bin/python" -m pip install --quiet --no-deps --no-build-isolation "$source"

# The first use of the model makes its quick form; here, so that the server starts at once.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && XDG_CACHE_HOME="$prefix/cache" "$prefix/bin/rag" index "$source/seeds")
chmod -R a+rX "$prefix"
