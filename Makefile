# `make demo` and `make test` are all one needs; both set up .venv first.
#
#   PYTHON=python3.12   the Python to make .venv with (3.11 or newer)
#   JOBS=2              how many tests run side by side
#   ARGS="-k seam"      passed on to pytest, the demo, the simulation or the benchmark
#   SEEDS=5000          how many days to simulate

JOBS ?= 2
SEEDS ?= 5000
ARGS ?=
BIN := .venv/bin

.DEFAULT_GOAL := help
.PHONY: help demo test lint format simulate bench soak clean

help:
	@echo "make demo      record a simulated venue, watch it, query what was recorded"
	@echo "make test      run the tests"
	@echo "make lint      check style, types and the direction of imports"
	@echo "make format    let ruff mend what it can"
	@echo "make simulate  simulate days of a whole recorder, with faults, by SEEDS"
	@echo "make bench     measure side by side with other recorders"
	@echo "make soak      run the tests that take many minutes"
	@echo "make clean     remove .venv and what tools left behind (never data/)"

# What is installed depends on these files only: the package itself is installed editable.
SETUP := pyproject.toml constraints.txt tools/venv

.venv/ready: $(SETUP)
	@tools/venv
	@touch $@

.venv/ready-dev: $(SETUP)
	@tools/venv dev
	@touch .venv/ready $@

demo: .venv/ready
	@$(BIN)/argus demo $(ARGS)

test: .venv/ready-dev
	@$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

# All of them have their say, even if the first one complains.
lint: .venv/ready-dev
	@failed=0; \
	$(BIN)/ruff check || failed=1; \
	$(BIN)/ruff format --check || failed=1; \
	$(BIN)/mypy || failed=1; \
	$(BIN)/lint-imports --no-logo || failed=1; \
	exit $$failed

format: .venv/ready-dev
	@$(BIN)/ruff check --fix-only --exit-zero
	@$(BIN)/ruff format

simulate: .venv/ready-dev
	@$(BIN)/python -m tests.simulation --seeds $(SEEDS) --workers $(JOBS) $(ARGS)

bench: .venv/ready-dev
	@$(BIN)/python -m benchmarks.ingest $(ARGS)

soak: .venv/ready-dev
	@$(BIN)/python -m pytest -m soak -n 0 --timeout 0 $(ARGS)

clean:
	rm -rf .venv build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
