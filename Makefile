# Everything a developer runs. Needs make and a Python 3.11 or newer; the rest comes into .venv by itself.
#
#   make demo     rent, use and give back a simulated GPU            make lint    style and formatting
#   make test     the test suite                                     make types   both type checkers, strictly
#   make docs     build the site into site/                          make sync    regenerate what is generated
#   make bench    speed against other clients                        make clean   delete what was built
#   make seeds    the long simulations (SEEDS=10000)                 make fuzz    property tests, many examples

VENV := .venv
PY := $(VENV)/bin/python
STAMP := $(VENV)/installed-for.toml
SEEDS ?= 10000
ARGS ?=

# Where a Python is looked for; the first that runs (a shim may not), is new enough and can make an environment.
PYTHON ?= python3.13 python3.12 python3.11 python3
FITS := import ensurepip, sys; sys.exit(sys.version_info < (3, 11))

.DEFAULT_GOAL := help
.PHONY: help venv demo test lint types docs bench seeds fuzz sync clean

help:
	@sed -n '/^#  /s/^#  //p' Makefile

# The stamp is a copy of the pyproject.toml that was installed: no copy means a half-built environment, which is
# built anew; another copy means that the packages changed; the same copy means that nothing is left to do.
venv:
	@if cmp -s pyproject.toml $(STAMP) && $(PY) -c ''; then exit 0; fi; \
	set -e; \
	if ! { test -f $(STAMP) && $(PY) -c ''; }; then \
		for python in $(PYTHON) none; do "$$python" -c '$(FITS)' >/dev/null 2>&1 && break; done; \
		test "$$python" != none || { echo 'None of these is a Python >= 3.11 with venv: $(PYTHON)'; exit 1; }; \
		rm -rf $(VENV); \
		"$$python" -m venv $(VENV); \
	fi; \
	$(PY) -m pip install --quiet --editable '.[dev,docs,notebook]'; \
	cp pyproject.toml $(STAMP)

demo: venv
	$(PY) examples/quickstart.py

# ARGS go to pytest; RUN lets .ci/run measure the coverage of this very command.
test: venv
	$(PY) $(RUN) -m pytest -n auto $(ARGS)

lint: venv
	$(PY) -m ruff check
	$(PY) -m ruff format --check

types: venv
	$(PY) -m mypy
	$(PY) -m pyright

docs: venv
	NO_MKDOCS_2_WARNING=1 $(PY) -m mkdocs build --strict

bench: venv
	$(PY) -m pip install --quiet --editable '.[bench]'
	$(PY) benchmarks/run.py $(ARGS)

seeds: venv
	SEEDS=$(SEEDS) $(PY) -m pytest -n auto -m seeds $(ARGS)

fuzz: venv
	$(PY) -m pytest -n auto -m hypothesis --hypothesis-profile=fuzz $(ARGS)

sync: venv
	$(PY) tools/unasync.py
	$(PY) tools/exports.py
	$(PY) tools/docs_tables.py

clean:
	rm -rf site dist build .coverage* .pytest_cache .mypy_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.*' -prune -exec rm -rf {} +
