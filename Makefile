# Privacy Desk. Two commands are enough: `make run` and `make test`; `make` alone lists the rest.

# make PYTHON=/path/to/python3.12 setup   takes that Python
# make PORT=9000 run                      takes that port
# make TESTS="tests/law -x" test          runs only those tests
PYTHON ?=
PORT ?= $(or $(PRIVACYDESK_PORT),8000)
TESTS ?=
export PYTHON

.DEFAULT_GOAL := help
.PHONY: help setup run test test-packages lint types check bench bench-understanding model teach lock clean screenshots
MAKEFLAGS += --no-print-directory

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-20s %s\n", $$1, $$2 }' Makefile

setup: ## make .venv from the lock file, with .venv/bin/privacydesk in it
	@scripts/setup.sh

run: setup model ## start the practice set-up on http://127.0.0.1:8000 (PORT=...)
	@PRIVACYDESK_PRACTICE=on PRIVACYDESK_PORT=$(PORT) exec .venv/bin/privacydesk run

test: setup test-packages model ## install what the tests need and run all of them (TESTS="tests/law -x")
	@.venv/bin/python -m pytest $(TESTS)

lint: setup ## ruff
	@.venv/bin/ruff check .

types: setup ## mypy --strict
	@.venv/bin/mypy

check: lint types test ## lint, types and test

bench: setup model ## measure: turns a second, latency, understanding
	@.venv/bin/python -m tests.bench

bench-understanding: setup model ## measure: what is understood, beside two plain baselines
	@.venv/bin/python -m tests.bench_understanding

teach: setup ## teach the network anew after the phrases changed much (half an hour; needs torch)
	@scripts/teach.sh

model: setup ## train the intent model where its data is newer
	@scripts/model.sh

lock: setup ## write both lock files anew from pyproject.toml
	@scripts/lock.sh

screenshots: setup test-packages model ## pictures of every screen under build/screenshots
	@.venv/bin/python -m tests.screenshots

clean: ## remove .venv, the model, build output and caches; data/ and .env stay
	rm -rf .venv intents/model build *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .schemathesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The browser tests need these; where they cannot be installed, the other tests still run.
test-packages:
	@scripts/debian.sh chromium fonts-noto-core fonts-noto-cjk || echo "Going on without; tests that need them will say so."
