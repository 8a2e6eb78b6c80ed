# Two commands for everybody: 'make run' brings the product up, 'make test' proves it. 'make bench' measures it.
PYTHON ?= python3
CONFIG ?= config.yaml
BENCH ?=
WORKERS ?= 2
BIN = .venv/bin
# A program whose byte code is not kept takes twice the time to start.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help run test bench docs setup-test lock

help:
	@echo "make run    install what is missing and start server and kiosk with an invented hospital"
	@echo "make test   install what the tests need and run the whole suite"
	@echo "make bench  print the measured figures (see docs/measurements.md)"
	@echo "make docs   draw the diagram of docs/architecture.md anew from its table"
	@echo "make lock   resolve the Python packages anew after a change of pyproject.toml"

run:
	@$(PYTHON) deploy/setup.py
	@exec $(BIN)/python deploy/up.py $(CONFIG)

setup-test:
	@$(PYTHON) deploy/setup.py --test

test: setup-test
	@echo "[1/3] ruff: lint and format"
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .
	@echo "[2/3] mypy --strict"
	@$(BIN)/mypy --no-error-summary
	@echo "[3/3] pytest"
	@# A file's tests stay in one process: they share servers, a database cluster, a card reader's daemon.
	@$(BIN)/pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

bench: setup-test
	@$(BIN)/python bench/run.py $(BENCH)

docs:
	@$(BIN)/python docs/draw.py

lock:
	@deploy/lock.sh
