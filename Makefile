# Everything from a fresh clone: each target makes what it needs, in a virtual environment of its own.
PYTHON ?= python3
BIN := .venv/bin
# uv installs what uv.lock says, hashes checked, and takes nothing away: all targets share .venv.
UV := uv==0.13.9
OLD := imgpipe needs Python 3.11 or newer; say which, as in: make $(MAKECMDGOALS) PYTHON=python3.12
SYNC := UV_PROJECT_ENVIRONMENT=.venv $(BIN)/uv sync --quiet --locked --inexact --python $(BIN)/python

.PHONY: demo quick test prove aws check audit bench dist clean

# Two tests at once for each core, as those of whole pipelines wait more than they compute; those of
# one file share what it sets up. The long files come first, as tests/conftest.py puts them.
WORKERS ?= $(shell $(PYTHON) -c 'import os; print(2 * (os.cpu_count() or 1))')
PYTEST = $(BIN)/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

demo: .venv/installed
	$(BIN)/imgpipe demo

quick: WORKERS := $(shell $(PYTHON) -c 'import os; print(os.cpu_count() or 1)')
quick: .venv/installed-dev
	$(PYTEST) --quiet -m 'not slow and not prove' tests/handler tests/imgpipe

test: .venv/installed-dev
	$(PYTEST)

# Hours. Writes bench/reliability.md; PROOFS=tests/... runs those again, and leaves the others'.
prove: .venv/installed-prove
	$(PYTEST) -p bench.reliability -m prove --timeout 0 $(PROOFS)

# The whole journey through a real account, which IMGPIPE_JOURNEY_ACCOUNT must name.
aws: .venv/installed-dev
	$(BIN)/python -m scripts.journey

check: .venv/installed-dev
	$(BIN)/uv lock --quiet --check
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m scripts.smoke

# What is known against a version that is locked here or goes into the layer; asks PyPI.
AUDIT := $(BIN)/uv tool run pip-audit==2.10.1 --require-hashes --disable-pip
audit: .venv/uv
	$(BIN)/uv export --quiet --locked --all-extras --all-groups --no-emit-project --output-file .venv/audited.txt
	$(AUDIT) --requirement .venv/audited.txt
	$(AUDIT) --requirement imgpipe/package/layer-requirements.txt

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

.venv/installed-prove: .venv/installed-dev
	$(SYNC) --extra local --group fuzz
	touch $@
