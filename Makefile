# The one door: CI and people call the same targets. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PORT   ?= 8123
PYTHON ?= python3
VENV   := .venv
STAMPS := $(VENV)/stamps
PY     := $(VENV)/bin/python

FRONT  := $(wildcard front/*) package.json package-lock.json

.PHONY: help setup run test lint coverage mutation bench fuzz faults audit sbom lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1 \t/' | expand -t 16

setup: $(STAMPS)/runtime $(STAMPS)/front ## build .venv from the hashed lock, and the front end; a second call does nothing

run: setup ## serve the registry on PORT (8123) with its own Redis, worker and sample programme
	@exec $(PY) manage.py runlocal --port "$(PORT)" --with-parent

test: setup $(STAMPS)/dev ## all tests on SQLite and a real Redis, then the database tests on PostgreSQL
	@ops/test.sh

lint: setup $(STAMPS)/dev ## format, lint, import rules, types, migrations, the deployment check
	@ops/lint.sh

coverage: setup $(STAMPS)/dev ## which branches all tests reach; 95 % over all, 100 % of the code that decides (an hour)
	@ops/coverage.sh

mutation: setup $(STAMPS)/dev ## change the code that decides and see whether a test notices: docs/mutation.md (MUTANTS=100 of each room)
	@env -u PYTHONDONTWRITEBYTECODE OMP_NUM_THREADS=1 $(PY) -m tests.mutation

bench: setup $(STAMPS)/dev $(STAMPS)/bench ## times and memory, beside the peers
	@env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest tests/bench tests/permissions/test_timing.py -m bench -rA --no-header

fuzz: setup $(STAMPS)/dev ## 5,000 requests that a fuzzer makes of the API as each kind of person (half an hour)
	@env -u PYTHONDONTWRITEBYTECODE FUZZ_CASES=5000 TEST_DATABASE=postgres $(PY) -m pytest tests/integration/api/test_fuzz.py -n auto -rA --no-header

faults: setup $(STAMPS)/dev ## break workers, queue, database, disk and clock, 20 times each, and write docs/faults.md (two hours)
	@rm -f .local/faults.jsonl; mkdir -p .local
	@for database in postgres sqlite; do env -u PYTHONDONTWRITEBYTECODE FAULT_REPEATS=20 TAMPERINGS=1000 SILENCE_SECONDS=60 FAULTS_FILE=$$PWD/.local/faults.jsonl \
	  TEST_DATABASE=$$database $(PY) -m pytest tests/faults -m "faults and not bench" -rA --no-header --show-capture=no || exit 1; done
	@$(PY) -m tests.faults.table .local/faults.jsonl > docs/faults.md

audit: setup ## ask the advisory services about every locked package; what could not be asked is not passed
	@ops/audit.sh

sbom: setup ## write what the registry is made of, as CycloneDX, to .local/sbom.cdx.json
	@$(PY) ops/sbom.py .local/sbom.cdx.json

lock: $(STAMPS)/venv ## renew uv.lock, and the hashed requirements made from it
	@ops/lock.sh

clean: ## remove all that was built, the local database too
	rm -rf $(VENV) .local node_modules centre/static/vendor

$(STAMPS)/venv: requirements-uv.lock
	@ops/venv.sh "$(PYTHON)" && mkdir -p $(STAMPS) && touch $@

$(STAMPS)/runtime: $(STAMPS)/venv uv.lock requirements.lock
	@ops/install.sh runtime && touch $@

$(STAMPS)/dev: $(STAMPS)/runtime requirements-dev.lock
	@ops/install.sh dev && touch $@

$(STAMPS)/bench: $(STAMPS)/runtime
	@ops/install.sh bench && touch $@

$(STAMPS)/front: $(STAMPS)/runtime $(FRONT)
	@ops/front.sh && touch $@
