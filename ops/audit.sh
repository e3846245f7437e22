#!/usr/bin/env bash
# Ask the advisory services about every locked package. What could not be asked is said, and never counts as passed.
set -uo pipefail
cd "$(dirname "$0")/.."
pip_audit=pip-audit==2.10.1
status=0

# --strict: a package that the service does not answer for fails the audit, instead of being passed over.
for lock in requirements.lock requirements-dev.lock requirements-uv.lock; do
    echo "audit: $lock"
    .venv/bin/uv tool run --quiet --from "$pip_audit" pip-audit --strict --require-hashes --disable-pip -r "$lock" || status=1
done

echo "audit: package-lock.json"
npm=.venv/bin/npm
[ -x "$npm" ] || npm=$(command -v npm) || { echo "audit: no npm here, so the front end's packages were not asked about"; status=1; }
[ -n "${npm:-}" ] && { "$npm" audit --package-lock-only || status=1; }

if [ $status -ne 0 ]; then
    echo "audit: NOT PASSED: an advisory was found, or a service could not be asked; the lines above say which." >&2
fi
exit $status
