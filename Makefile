# Everything sets itself up: Python 3.11 or newer and make are all that has to be there.
# `make demo`, `make test`, `make bench`, `make lint`. The second time is quick.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready

.PHONY: demo test test-packages chaos bench soak fuzz sample lint format clean

demo: $(READY)
	@$(BIN)/python -m bridge demo $(ARGS)

test: $(READY) test-packages
	@$(BIN)/python -m pytest -n auto --dist worksteal $(ARGS)

fuzz: $(READY)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check atheris
	@$(BIN)/python fuzz/run.py --seconds 600 $(ARGS)

sample: $(READY)
	@$(BIN)/python -m benchmarks.sample $(ARGS)

# The long fault campaign: writes docs/reliability.md. `make test` runs a short one.
SEEDS ?= 1000
chaos: $(READY) test-packages
	@$(BIN)/python -m tests.chaos --seeds $(SEEDS) $(ARGS)

bench: $(READY)
	@$(BIN)/python -m benchmarks $(ARGS)

# Twenty-four days of mirroring in half an hour: do memory and open files stay as they are?
soak: $(READY) test-packages
	@$(BIN)/python -m benchmarks.soak $(ARGS)

lint: $(READY)
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

format: $(READY)
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

# The environment: what uv.lock says, or what pyproject.toml asks for where uv cannot be had.
$(READY): pyproject.toml $(wildcard uv.lock) .ci/setup
	@PYTHON="$(PYTHON)" VENV="$(VENV)" .ci/setup
	@touch $@

# Servers that some tests run against. Without them those tests are skipped, and say so.
test-packages:
	@.ci/test-packages

clean:
	rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
