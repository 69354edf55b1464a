# corpuskit: `make` builds raw/ into processed/essays/, `make test` passes the tests. Both set up .venv first.
#
# Truth is corpuskit's digests, not file times: every stage target asks corpuskit, which knows what is up to date and
# says so. Markers lie in processed/.build/$(NAME)/.

PYTHON ?= python3
VENV ?= .venv
NAME ?= essays
RAW ?= raw
PROCESSED ?= processed
WORKERS ?= 0
AGAINST ?=
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DEV := $(VENV)/.ready-dev
CORPUSKIT := $(BIN)/corpuskit
BUILD := --raw $(RAW) --processed $(PROCESSED) --name $(NAME) --workers $(WORKERS) $(AGAINST:%=--against %)

.DEFAULT_GOAL := build
.DELETE_ON_ERROR:
.PHONY: test-slow build ingest clean enrich dedup package verify test check lint types bench bench-quick check-essays lock help distclean \
	gate gate-update docs model

build: $(READY) ## build raw/ into processed/essays/ (the default)
	@$(CORPUSKIT) build $(BUILD) || test $$? -eq 3

ingest clean enrich dedup package: $(READY) ## run the build up to one stage
	@$(CORPUSKIT) $@ $(BUILD) || test $$? -eq 3

verify: $(READY) ## prove that the dataset loads and holds what its card says
	@$(CORPUSKIT) verify $(PROCESSED)/$(NAME)

test: $(DEV) ## run all tests
	@$(BIN)/python -m pytest

test-slow: $(DEV) ## run the tests that take more than 20 seconds (clusters, S3-compatible storage)
	@$(BIN)/python -m pytest -m slow

check: lint types test gate ## lint, types, tests and the gate

gate: $(DEV) ## hold cleaning, copies and metadata to the scores they have reached
	@$(BIN)/python benchmarks/gate.py
	@$(BIN)/python benchmarks/metadata_gate.py

gate-update: $(DEV) ## raise the pinned scores to what is measured (LOWER="NAME …" lowers those named)
	@$(BIN)/python benchmarks/gate.py --update $(LOWER:%=--lower %)
	@$(BIN)/python benchmarks/metadata_gate.py --update $(LOWER:%=--lower %)

lint: $(DEV) ## ruff
	@$(BIN)/ruff check src tests benchmarks

types: $(DEV) ## mypy --strict
	@$(BIN)/mypy

check-essays: $(DEV) ## build the four real essays and hold the result against their gold
	@$(BIN)/python -m pytest tests/test_essays.py -rs

bench: $(DEV) ## print the benchmark tables (RECORD=1 keeps what docs/cleaning.md shows of them)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-bench.lock
	@$(BIN)/python benchmarks/run.py $(if $(RECORD),--record)

bench-quick: $(DEV) ## instructions of the hot loops, start times and memory in two minutes (RECORD=1 keeps them)
	@$(BIN)/python benchmarks/perf/quick.py $(if $(RECORD),--record)

model: $(DEV) ## train the line model from the labelled data (CORPUSKIT_BENCH) and write it, with those of the folds
	@PYTHONPATH=benchmarks $(BIN)/python -m line_model --check
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-model.lock
	@PYTHONPATH=benchmarks $(BIN)/python -m line_model

docs: $(DEV) ## write the generated parts of docs/cleaning.md
	@$(BIN)/python benchmarks/document.py --update

lock: ## write requirements.lock afresh
	$(BIN)/pip freeze --exclude-editable > requirements.lock

help: ## list the targets
	@grep -hE '^[a-z -]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 34

distclean: ## remove the environment and everything built
	rm -rf $(VENV) $(PROCESSED)/.build $(PROCESSED)/$(NAME)

$(VENV)/bin/python:
	$(PYTHON) -m venv $(VENV)

$(READY): pyproject.toml requirements.lock | $(VENV)/bin/python
	@echo "setting up $(VENV)" >&2
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@$(BIN)/python -m compileall -q src
	@touch $@

$(DEV): $(READY) requirements-dev.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -r requirements-dev.lock
	@touch $@
