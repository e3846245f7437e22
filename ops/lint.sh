#!/usr/bin/env bash
# What must hold before a landing; every check runs, and one that fails makes the whole fail.
set -uo pipefail
cd "$(dirname "$0")/.."
bin=.venv/bin
failed=()

check() {
    echo "lint: $1"
    "${@:2}" || failed+=("$1")
}

# A production environment of nothing but invented values: the deployment check reads settings, it connects to nothing.
deployment() {
    env SECRET_KEY="$("$bin/python" -c 'import secrets; print(secrets.token_urlsafe(50))')" \
        ALLOWED_HOSTS=registry.example DATABASE_URL=postgres://nobody@localhost/none REDIS_URL=redis://localhost:6379/0 \
        "$bin/python" manage.py check --deploy --fail-level WARNING
}

check "ruff format" "$bin/ruff" format --check .
check "ruff check" "$bin/ruff" check .
check "import rules" "$bin/lint-imports" --no-cache
check "types" "$bin/mypy"
check "migrations" "$bin/python" manage.py makemigrations --check --dry-run
check "deployment" deployment

if [ ${#failed[@]} -gt 0 ]; then
    echo "lint: failed: ${failed[*]}" >&2
    exit 1
fi
echo "lint: all good"
