# `make demo` trains AANet on a rendered data set, `make test` runs the tests,
# `make lint` checks the code, `make docs` builds the site of the docs. Each first makes
# .venv with the exact tested versions.
# `make test-matrix` tests other versions, in environments of its own (uv makes them).
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
DOCS_READY := $(VENV)/.docs_ready
# Tests run side by side, at most 8 at a time: a process may take 2 GB of memory.
WORKERS ?= auto
ARGS ?=
CHECKED := mmreid tools tests projects configs docs/examples docs/site_pages docs/mkdocs_hooks.py setup.py .ci

.PHONY: env demo test test-matrix lint docs format clean
env: $(READY)

$(READY): requirements/runtime.txt requirements/tests.txt requirements/constraints.txt setup.py
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "mmreid needs Python 3.11 or newer, got %s; name one: make PYTHON=python3.11" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet -r requirements/runtime.txt -r requirements/tests.txt -c requirements/constraints.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	@touch $@

demo: $(READY)
	$(BIN)/python tools/demo.py

test: $(READY)
	$(BIN)/python -m pytest -n $(WORKERS) --maxprocesses 8 --dist worksteal $(ARGS)

test-matrix:
	$(PYTHON) tests/matrix/run_matrix.py $(ARGS)

lint: $(READY)
	$(BIN)/ruff check $(CHECKED)
	$(BIN)/ruff format --check $(CHECKED)
	$(BIN)/mypy
	$(BIN)/codespell

$(DOCS_READY): $(READY) requirements/docs.txt
	$(BIN)/python -m pip install --quiet -r requirements/docs.txt -c requirements/constraints.txt
	@touch $@

# Warnings are errors, and so is a link that leads nowhere. The variable silences the
# theme's word on its successor.
docs: $(DOCS_READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict
	@echo 'The site is in build/site: open build/site/index.html, or for its search'
	@echo '$(BIN)/python -m http.server --directory build/site'

format: $(READY)
	$(BIN)/ruff check --fix $(CHECKED)
	$(BIN)/ruff format $(CHECKED)

clean:
	rm -rf $(VENV) build dist *.egg-info work_dirs

# Builds what is uploaded, uses it in an environment of its own, and says what to upload.
.PHONY: release
release:
	$(PYTHON) .ci/release.py $(ARGS)
