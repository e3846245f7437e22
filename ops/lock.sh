#!/usr/bin/env bash
# Renew uv.lock, and export it with hashes for the pip fallback. pip has no groups, so each group is a file.
set -euo pipefail
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
export UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1

"$uv" lock "$@"
echo "uv==$("$uv" --version | cut -d" " -f2)" | "$uv" pip compile - --generate-hashes --universal --no-header --no-annotate --quiet --output-file requirements-uv.lock
export_group() { "$uv" export --quiet --frozen --no-emit-project --no-header --format requirements-txt --output-file "$1" "${@:2}"; }
export_group requirements.lock --no-default-groups
export_group requirements-dev.lock --no-default-groups --group dev
export_group requirements-front.lock --only-group front
