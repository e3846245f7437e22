#!/usr/bin/env bash
# Install one group of the hashed lock into .venv: runtime, dev, front (Node) or bench (the peers).
set -euo pipefail
cd "$(dirname "$0")/.."
group=$1
export UV_PROJECT_ENVIRONMENT="$PWD/.venv" UV_PYTHON_DOWNLOADS=never UV_NO_PROGRESS=1
export UV_SYSTEM_CERTS=1 # the machine's own certificate authorities: many offices have one
export PIP_DISABLE_PIP_VERSION_CHECK=1

case $group in
    runtime) groups=(--no-default-groups) lock=requirements.lock ;;
    *) groups=(--no-default-groups --group "$group") lock=requirements-$group.lock ;;
esac

echo "setup: installing the $group packages from the lock"
# --inexact: a later group must not remove an earlier one, nor uv itself.
if [ -x .venv/bin/uv ]; then
    .venv/bin/uv sync --quiet --frozen --inexact --python .venv/bin/python "${groups[@]}" 2>.venv/uv.log && exit 0
    echo "setup: uv could not install them (.venv/uv.log says why)"
fi
if [ -f "$lock" ]; then
    echo "setup: installing them with pip, which is slower"
    .venv/bin/python -m pip install --quiet --require-hashes -r "$lock" && exit 0
fi
echo "setup: the $group packages could not be installed; the lines above say why (no network, or no wheel for this machine)." >&2
exit 1
