#!/usr/bin/env bash
# Make .venv with the given Python and put the pinned uv into it. Without uv, install.sh falls back to pip.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}

fail() { echo "setup: $1" >&2; exit 1; }

command -v "$python" >/dev/null || fail "no $python on this machine: install Python 3.11 or 3.12 (Debian: apt install python3 python3-venv)."
version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
case $version in
    3.11 | 3.12 | 3.13) ;;
    *) fail "Python $version will not do: 3.11, 3.12 or 3.13 is needed (make setup PYTHON=python3.11)." ;;
esac
"$python" -c 'import venv, ensurepip' 2>/dev/null ||
    fail "this Python cannot make a virtual environment: install Debian's package python3-venv (apt install python3-venv)."

"$python" -m venv .venv || fail "python3 -m venv failed; the lines above say why."
.venv/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-uv.lock 2>.venv/uv.log ||
    echo "setup: uv could not be installed (.venv/uv.log says why); going on with pip, which is slower."
