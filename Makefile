# Two commands for everybody: 'make run' brings the product up, 'make test' proves it. 'make bench' measures it.
PYTHON ?= python3
CONFIG ?= config.yaml
BIN = .venv/bin

.PHONY: help run test bench setup-test lock

help:
	@echo "make run    install what is missing and start server and kiosk with an invented hospital"
	@echo "make test   install what the tests need and run the whole suite"
	@echo "make bench  print the measured figures (see docs/measurements.md)"
	@echo "make lock   resolve the Python packages anew after a change of pyproject.toml"

run:
	@$(PYTHON) deploy/setup.py
	@exec $(BIN)/python deploy/up.py $(CONFIG)

setup-test:
	@$(PYTHON) deploy/setup.py --test

test: setup-test
	@echo "[1/4] ruff: lint and format"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo "[2/4] mypy --strict"
	@$(BIN)/mypy --no-error-summary
	@echo "[3/4] import-linter: who may import whom"
	@$(BIN)/lint-imports > var/log/imports.log || { cat var/log/imports.log; exit 1; }
	@echo "[4/4] pytest"
	@$(BIN)/pytest

bench: setup-test
	@$(BIN)/python bench/run.py

lock:
	@deploy/lock.sh
