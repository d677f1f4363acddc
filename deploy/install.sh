#!/bin/sh
# Installs Footnote for a server: deploy/install.sh PREFIX
#
# A virtual environment in PREFIX, at the versions of requirements.lock, and the embedding model as
# it is run in PREFIX/cache; afterwards nothing needs the network. The Dockerfile runs this, and so
# may you (then set XDG_CACHE_HOME=PREFIX/cache, as deploy/footnote.service does).
set -eu
prefix=$1
source=$(cd "$(dirname "$0")/.." && pwd)

"${PYTHON:-python3}" -m venv "$prefix"
# The lock holds the tests' packages too: as constraints it brings only what is asked for.
"$prefix/bin/python" -m pip install --quiet --constraint "$source/requirements.lock" \
    "$source[ui,openai,ollama,mcp]"

# The first use of the model makes its quick form; here, so that the server starts at once.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && XDG_CACHE_HOME="$prefix/cache" "$prefix/bin/rag" index "$source/seeds")
chmod -R a+rX "$prefix"
