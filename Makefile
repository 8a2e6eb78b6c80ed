PYTHON ?= python3

.PHONY: run test bench

run:
	@$(PYTHON) deploy/setup.py run
