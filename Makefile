PYTHON ?= python3
PORT ?= 8000
SANDBOX_PORT ?= 8900
TEST_DATABASE_URL ?= postgres:///test
TEST_REDIS_URL ?= redis://127.0.0.1:6379/15

PY := .venv/bin/python
BIN := .venv/bin
PIP_INSTALL := $(PY) -m pip install --quiet --disable-pip-version-check --require-hashes
PYTEST := $(PY) -m pytest -n 2
export PATH := $(CURDIR)/.venv/bin:$(PATH)
# Tests start a hundred processes: each would compile all of this again.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help setup run test test-services check bench format lock licences sbom audit browser lighthouse screenshots
.PHONY: first-minute

help: ## What can be made
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 18

setup: .venv/.base .env var/.static ## Everything `make run` needs; starts nothing

run: setup ## The dashboard on http://127.0.0.1:$(PORT), with a worker and a sandbox API
	@$(PY) -m dashboard.run --port $(PORT) --sandbox-port $(SANDBOX_PORT)

test: .venv/.dev .env var/.static browser ## Every test
	$(PYTEST) --cov --cov-report=term --cov-fail-under=95

test-services: .venv/.dev browser ## Every test, on the PostgreSQL and Redis of TEST_DATABASE_URL and TEST_REDIS_URL
	TEST_DATABASE_URL=$(TEST_DATABASE_URL) TEST_REDIS_URL=$(TEST_REDIS_URL) $(PYTEST)

check: .venv/.dev .env var/.static ## Lint, security, types, layers, migrations, deployment, templates, licences
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/bandit --quiet --configfile pyproject.toml --recursive connectors_app dashboard manage.py
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(PY) manage.py makemigrations --check --dry-run
	$(PY) manage.py lintmigrations --settings tests.settings --quiet ok ignore --warnings-as-errors
	SECRET_KEY=$$($(PY) -c 'import secrets; print(secrets.token_urlsafe(60))') SITE_URL=https://dashboard.example \
	  ALLOWED_HOSTS=dashboard.example BIGDATA_API_BASE_URL=https://api.bigdata.com DEBUG=false \
	  $(PY) manage.py check --deploy --fail-level WARNING
	$(BIN)/djlint templates --lint --quiet
	@$(MAKE) --no-print-directory licences >/dev/null

bench: .venv/.dev .env var/.static browser ## How fast it is, on SQLite and PostgreSQL; takes a quarter of an hour
	@$(PY) -m bench

format: .venv/.dev ## Put code into shape
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock: .venv/.dev ## Resolve the dependencies anew
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header \
	  pyproject.toml --output-file requirements/base.txt
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-strip-extras --no-header --extra dev \
	  --constraint requirements/base.txt pyproject.toml --output-file requirements/dev.txt

# Of what the dashboard runs with. huey's licence (MIT) is in its files and not in its metadata.
licences: .venv/.dev ## The licences of its packages; fails where one is not on the list of what may be used
	@$(BIN)/pip-licenses --from=mixed --with-urls --partial-match --ignore-packages huey \
	  --allow-only='MIT;BSD;Apache;ISC;Mozilla Public License 2.0;PSF-2.0;LGPL-3.0-only' \
	  --packages $$(sed -nE 's/^([A-Za-z0-9._-]+).*==.*/\1/p' requirements/base.txt)

sbom: .venv/.dev ## var/sbom.json: its packages and their hashes, as CycloneDX
	@mkdir -p var
	$(PY) -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible --of JSON --output-file var/sbom.json \
	  requirements/base.txt

audit: .venv/.dev ## Known vulnerabilities of its packages; needs the internet, and fetches pip-audit
	$(BIN)/uv tool run pip-audit --require-hashes --disable-pip --requirement requirements/base.txt
	$(BIN)/uv tool run pip-audit --require-hashes --disable-pip --requirement requirements/dev.txt

lighthouse: .venv/.dev .env var/.static browser ## Lighthouse's scores of the pages people see first; needs npm
	$(PY) -m bench.lighthouse_pages

screenshots: .venv/.dev .env var/.static browser ## The pictures of docs/img/, from the seeded demo
	$(PY) -m bench.screenshots

first-minute: .venv/.dev .env var/.static browser ## From a fresh start to a copied inbox address, as somebody who reads nothing
	$(PY) -m bench.first_minute

browser: # Chromium, for the browser tests
	@sh tests/browser/install_chromium.sh

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed: make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)" >&2; exit 1; }
	$(PYTHON) -m venv .venv

.venv/.base: requirements/base.txt | .venv/bin/python
	$(PIP_INSTALL) -r requirements/base.txt
	@touch $@

.venv/.dev: requirements/dev.txt .venv/.base
	$(PIP_INSTALL) -r requirements/dev.txt
	@touch $@

.env: | .venv/bin/python
	@umask 077 && $(PY) dashboard/fresh_env.py > .env.new && mv .env.new .env
	@echo "Wrote .env with fresh secrets."

var/.static: $(shell find static -type f) .venv/.base .env
	@$(PY) manage.py collectstatic --no-input --clear --verbosity 0
	@touch $@
