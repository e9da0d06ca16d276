# Two commands on a fresh machine: `make demo` runs the main job offline, `make test` runs every test.
# All that they need is installed into .venv here; nothing is written outside this folder.

PYTHON ?= python3
BIN := .venv/bin
READY := .venv/.ready
# It must work with a home folder that can't be written.
export PIP_NO_CACHE_DIR := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

# Where there is no Chromium, the tests of the report in a browser are left out, and make says so.
NO_BROWSER = $$($(BIN)/python -m tests.harness.browser >/dev/null || echo --ignore=tests/e2e/test_report_in_browser.py)

.PHONY: demo test test-wheel cover fuzz fuzz-parsers lint types floors check docs screenshots man bench-model hooks lock clean help

help: ## Show the targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/'

$(READY): pyproject.toml requirements/dev.txt
	"$(PYTHON)" -m venv .venv
	@# The lock is complete: resolving again would only let pip prefer a newer release to a pinned one (pip < 23.3, extras).
	$(BIN)/python -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt
	$(BIN)/python -m pip install --quiet --no-deps --no-build-isolation -e .
	$(BIN)/python -m pip check
	@# What pip installs it compiles, but not this checkout: the first programs and workers would each do it at once.
	$(BIN)/python -m compileall -q src
	@touch $(READY)

demo: $(READY) ## Run the main job on an invented organization, offline
	@$(BIN)/python -m namehold demo

test: $(READY) ## Run all tests
	@$(BIN)/python -m pytest -n auto $(NO_BROWSER)

cover: $(READY) ## Run all tests and fail if fewer lines and branches are covered than before
	@$(BIN)/python -m pytest -n auto $(NO_BROWSER) --cov --cov-report=term:skip-covered

fuzz: $(READY) ## Run the property and fault tests with more and new random examples
	@HYPOTHESIS_PROFILE=fuzz NAMEHOLD_STRESS=10 $(BIN)/python -m pytest -n auto tests/property tests/contract/publish/test_apply_under_faults.py

MINUTES ?= 30
fuzz-parsers: $(READY) ## Read valid inputs from outside that were changed, MINUTES=30 for each parser, and say what failed
	@$(BIN)/python -m tests.fuzz --minutes $(MINUTES)

test-wheel: $(READY) ## Run the tests against the built wheel, in a fresh environment without the source
	@folder=$$(mktemp -d) && trap 'rm -rf "$$folder"' EXIT && set -e \
	&& $(BIN)/python -m build --no-isolation --outdir "$$folder" . >/dev/null \
	&& "$(PYTHON)" -m venv "$$folder/venv" \
	&& "$$folder/venv/bin/python" -m pip install --quiet --require-hashes --no-deps -r requirements/dev.txt \
	&& "$$folder/venv/bin/python" -m pip install --quiet --no-deps "$$folder"/*.whl \
	&& NAMEHOLD_FROM="$$folder" "$$folder/venv/bin/python" -m pytest -n auto $(NO_BROWSER) tests/unit tests/contract tests/e2e

lint: $(READY)
	@$(BIN)/python -m ruff check .
	@$(BIN)/python -m ruff format --check .
	@$(BIN)/typos
	@$(BIN)/zizmor --offline --quiet --no-progress .github action.yml

types: $(READY)
	@$(BIN)/python -m mypy

floors: $(READY)
	@$(BIN)/lint-imports

check: lint types floors test ## Run the linters, the type and layer checks, and all tests

screenshots: $(READY) ## Make the pictures of the report in docs/pictures anew, in a Chromium
	@$(BIN)/python -m docs.make_screenshots

docs: $(READY) ## Build the documentation site into site/
	@$(BIN)/python docs/make_site.py

man: $(READY) ## Write the manual page namehold.1
	@$(BIN)/python docs/make_man.py namehold.1

LIST ?=
bench-model: $(READY) ## Ask a real small language model, twice; LIST=FILE is a complete list of the index's names
	@$(BIN)/python -m bench.model --folder .bench-model $(if $(LIST),--list "$(LIST)")

hooks: $(READY) ## Run the linters before each commit from now on
	@$(BIN)/pre-commit install

lock: $(READY) ## Write requirements/*.txt again, with hashes and without any index's address
	$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements/dev.txt
	$(BIN)/python -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --constraint requirements/dev.txt pyproject.toml -o src/namehold/data/schedule/requirements.txt

clean:
	rm -rf .venv .nox site .namehold .mypy_cache .ruff_cache .pytest_cache .hypothesis
