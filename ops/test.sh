#!/usr/bin/env bash
# All tests once, and those where the databases differ twice: what needs none, the browser and what is marked so on SQLite,
# all that touches the database on PostgreSQL. BOTH=1 asks everything of both. Each run ends with what it skipped and why.
set -uo pipefail
cd "$(dirname "$0")/.."
python=.venv/bin/python
export DJANGO_SETTINGS_MODULE=tests.settings
# The tests start many Pythons: each would compile the libraries again (6 s) where it may not keep what it compiled.
unset PYTHONDONTWRITEBYTECODE
# One thread for each process: two processes that each want two cores wait for one another.
export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1
result=0
# A file stays in one process, so that what it starts is started once; files in their own order, so that the few long
# ones, which wait more than they compute, do not come last with a core idle. COVERED counts branches meanwhile.
run=("$python" -m ${COVERED:+coverage run -m} pytest -rsfE --tb=short --show-capture=no)
share=(-n auto --maxprocesses 4 --dist loadfile --no-loadscope-reorder)

reason=$("$python" -m tests.postgres) || true
# What one database is enough for is asked of PostgreSQL, which runs in production, where there is one.
here="not bench and not once"
[ -n "$reason" ] && here="not bench"

echo "test: on SQLite and a real Redis"
TEST_DATABASE=sqlite "${run[@]}" -m "$here" "${share[@]}" "$@" || result=1

if [ -n "$reason" ]; then
    echo "test: SKIPPED the PostgreSQL tests: $reason"
else
    echo "test: what touches the database, on PostgreSQL"
    TEST_DATABASE=postgres "${run[@]}" -m "not browser and not bench" "${share[@]}" "$@" || result=1
fi
exit $result
