# Two commands do everything: `make run` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
.DEFAULT_GOAL := help

# The first Python on the path that is new enough; `make PYTHON=/path/to/python3 run` names another.
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: help run test test-real lint check eval bench audit lock clean
help: ## list the commands
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*##/\t/' | expand -t 12

run: $(VENV)/run.stamp ## install what is missing, fetch and check the models, open the app
	@$(BIN)/coach model pull --quiet || echo "Coach opens without a model: it uses rules and hand-written questions."
	@$(BIN)/coach run

test: $(VENV)/test.stamp ## install what is missing, run the unit tests (the fake model, under two minutes)
	@$(BIN)/python -m pytest -n auto
	@echo "Not run here: the tests marked 'real' (true model, Chroma, Chromium). Run them with: make test-real"

test-real: $(VENV)/test.stamp ## run the tests with the true model, Chroma and Chromium
	@$(BIN)/coach model pull --quiet
	@$(BIN)/python -m pytest -m real --timeout 900 tests

lint: $(VENV)/test.stamp ## ruff and mypy
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint test ## ruff, mypy and the unit tests

eval: $(VENV)/run.stamp ## how often the judge is right: five-fold on the development rows, then rows that it was never fitted on
	@$(BIN)/coach model pull --quiet
	@$(BIN)/coach eval data/judgement/*.jsonl --folds 5
	@$(BIN)/coach eval data/heldout/*.jsonl

bench: $(VENV)/run.stamp ## how fast the coach is, against the bare model and a plain chat on this machine; run nothing else beside it
	@$(BIN)/coach model pull --quiet
	@$(BIN)/coach bench --growth

audit: $(VENV)/test.stamp ## look up the pinned packages in a database of known vulnerabilities, or say that none can be reached
	@$(BIN)/python .ci/audit.py requirements.lock

lock: $(VENV)/test.stamp ## pin the newest versions that pyproject.toml allows, with hashes
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --upgrade --no-header --no-annotate pyproject.toml --extra build -o requirements.lock
	@$(BIN)/uv pip compile -q --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --extra build --extra dev -c requirements.lock -o requirements-dev.lock

clean: ## remove the environment (models and your journal stay)
	rm -rf $(VENV)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Coach needs Python 3.11 or newer. Install it, or run: make PYTHON=/path/to/python3 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "Python's venv module is missing. On Debian: apt-get install python3-venv"; exit 1; }

# llama-cpp-python is compiled here: some minutes on two cores, once (pip keeps the result).
$(VENV)/run.stamp: requirements.lock pyproject.toml | $(VENV)/bin/python
	@command -v c++ >/dev/null || { echo "A C++ compiler is needed to build llama.cpp. On Debian: apt-get install g++"; exit 1; }
	@echo "Installing (the first time this compiles llama.cpp, which takes some minutes) …"
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/test.stamp: $(VENV)/run.stamp requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --require-hashes -r requirements-dev.lock
	@touch $@
