#!/bin/sh
# Resolves pyproject.toml into deploy/requirements/: exact versions with hashes, no index or download address.
set -eu
cd "$(dirname "$0")/.."
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools"
"$tools/bin/pip" install --quiet pip-tools
resolve() {
    "$tools/bin/pip-compile" --quiet --generate-hashes --strip-extras --allow-unsafe --no-header \
        --no-emit-index-url --no-emit-find-links --no-emit-trusted-host "$@" pyproject.toml
}
resolve --output-file deploy/requirements/run.txt
resolve --extra test --constraint deploy/requirements/run.txt --output-file deploy/requirements/test.txt
