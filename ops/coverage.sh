#!/usr/bin/env bash
# Which branches the tests reach: all of them, on both databases, with the workers, servers and commands that they start.
# Fails below 95 % over all, and below 100 % of the code that decides.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
mkdir -p .local/coverage
rm -f .local/coverage/data*
export COVERAGE_FILE=$PWD/.local/coverage/data
# The code that decides is named once, for `make mutation`.
deciding=$("$python" -c 'import tomllib; print(",".join(tomllib.load(open("pyproject.toml", "rb"))["tool"]["mutmut"]["only_mutate"]))')
result=0

COVERED=yes ops/test.sh "$@" || result=1
"$python" -m coverage combine --quiet
"$python" -m coverage json --quiet -o .local/coverage/report.json
"$python" -m coverage report --sort=cover --fail-under=95 || result=1
"$python" -m coverage report --show-missing --include "$deciding" --fail-under=100 || result=1
exit $result
