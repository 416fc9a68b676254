# Everything from a fresh clone: each target makes what it needs, in a virtual environment of its own.
PYTHON ?= python3
BIN := .venv/bin
# uv installs what uv.lock says, hashes checked, and takes nothing away: all targets share .venv.
UV := uv==0.13.9
OLD := imgpipe needs Python 3.11 or newer; say which, as in: make $(MAKECMDGOALS) PYTHON=python3.12
SYNC := UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv sync --quiet --locked --inexact --python $(BIN)/python

.PHONY: demo quick test prove aws check bench dist clean

# As many tests at once as there are cores; those of one file share what it sets up.
PYTEST := $(BIN)/python -m pytest --numprocesses auto --dist loadfile

demo: .venv/installed
	$(BIN)/imgpipe demo

quick: .venv/installed-dev
	$(PYTEST) --quiet tests/handler tests/imgpipe

test: .venv/installed-dev
	$(PYTEST)

prove: .venv/installed-dev
	$(PYTEST) -m prove

# The whole journey through a real account, which IMGPIPE_JOURNEY_ACCOUNT must name.
aws: .venv/installed-dev
	$(BIN)/python -m scripts.journey

check: .venv/installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.smoke

bench: .venv/installed-dev
	$(BIN)/python -m bench $(PICTURES)

dist: .venv/installed
	rm -rf dist
	$(BIN)/uv build --quiet

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/uv:
	@$(PYTHON) -c 'import sys; sys.exit("$(OLD)" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet $(UV)
	touch $@

.venv/installed: .venv/uv pyproject.toml uv.lock
	$(SYNC) --extra local --no-dev
	touch $@

.venv/installed-dev: .venv/uv pyproject.toml uv.lock
	$(SYNC) --extra local
	touch $@
