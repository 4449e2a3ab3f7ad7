# The doors of the project. Each makes .venv and installs what it needs before it opens;
# `make` alone lists them. Needs Python 3.11 or later and make.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help report lab train test slow bench faults accuracy check format notebooks lock system clean

# Where packages come from is this machine's business (indexes, proxies, certificates, caches);
# where they go, and which, is ours. So of pip's and uv's settings only the first kind passes.
FETCHING := PIP_INDEX_URL PIP_EXTRA_INDEX_URL PIP_FIND_LINKS PIP_NO_INDEX PIP_TRUSTED_HOST \
  PIP_CERT PIP_CLIENT_CERT PIP_PROXY PIP_CONFIG_FILE PIP_CACHE_DIR PIP_RETRIES \
  PIP_DEFAULT_TIMEOUT PIP_TIMEOUT PIP_KEYRING_PROVIDER \
  UV_INDEX% UV_DEFAULT_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS UV_NO_INDEX UV_OFFLINE \
  UV_CACHE_DIR UV_CONFIG_FILE UV_NATIVE_TLS UV_SYSTEM_CERTS UV_INSECURE_HOST UV_HTTP% \
  UV_KEYRING_PROVIDER UV_LINK_MODE UV_CONCURRENT% UV_NO_PROGRESS
unexport $(filter-out $(FETCHING),$(filter PIP_% UV_%,$(.VARIABLES)))
unexport PYTHONPATH PYTHONHOME PYTHONSTARTUP PYTHONWARNINGS VIRTUAL_ENV CONDA_PREFIX MAKEFLAGS
export PIP_USER := 0
# A company's own certificates lie in the system's store, which uv reads only when told to.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt /etc/pki/tls/certs/ca-bundle.crt),)
export UV_SYSTEM_CERTS ?= 1
endif

# make PYTHON=/path/to/python3.12 names another one.
PYTHONS := $(if $(PYTHON),'$(PYTHON)',python3.13 python3.12 python3.11 python3)
JOBS ?= 2

RUN := .venv/bin/python
PYTEST := $(RUN) -m pytest -rs --numprocesses $(JOBS) --dist loadfile
INSTALL := .venv/bin/uv pip install --python $(RUN) --build-constraints requirements-test.lock
NOTEBOOKS := $(wildcard notebooks/*.ipynb notebooks/*/*.ipynb)

## report     render the sample's monthly report and say where it is (ARGS="--open")
report: .venv/.use
	@.venv/bin/nps-kit report $(ARGS)

## lab        explore the notebooks in JupyterLab
lab: .venv/.use
	@.venv/bin/nps-kit lab $(ARGS)

## train      teach how a score works, in the browser (ARGS="--data my.csv")
train: .venv/.use
	@.venv/bin/nps-kit train $(ARGS)

## test       run every test but the slow ones, and compare every notebook (JOBS=2)
test: .venv/.test system
	@$(PYTEST) -m "not slow" $(ARGS)
	@test -z "$(NOTEBOOKS)" || $(PYTEST) -o addopts= -o filterwarnings=default \
	  --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg $(NOTEBOOKS)

## slow       run the slow tests: Spark, long simulations
slow: .venv/.test
	@$(RUN) tests/tools.py chromium java postgres
	@$(RUN) -m pytest -rs -m slow $(ARGS)

## bench      measure coverage, cost and how fast an explorer answers (ARGS="--rows 1000000")
bench: .venv/.test
	@$(RUN) bench/coverage.py
	@$(RUN) bench/imports.py
	@$(RUN) bench/segments.py
	@$(RUN) bench/tally.py $(ARGS)
	@$(RUN) bench/drivers.py $(ARGS)
	@$(RUN) bench/importing.py
	@$(RUN) bench/redaction.py --comments 20000 --runs 1
	@$(RUN) bench/variants.py
	@$(RUN) bench/explorer.py
	@$(RUN) bench/what_if.py

## faults     break reports on schedule 200 times over, and count what held (ARGS="--rounds 20")
faults: .venv/.test
	@$(RUN) bench/faults.py $(ARGS)

## accuracy   simulate how often every method is right, for docs/accuracy.md (ARGS="--effort 0.1")
accuracy: .venv/.test
	@$(RUN) bench/accuracy --write $(ARGS)

## check      look at form, lint and types; changes nothing
check: .venv/.test
	@$(RUN) -m ruff format --check .
	@$(RUN) -m ruff check .
	@$(RUN) -m mypy

## format     put files, notebooks too, into form
format: .venv/.test
	@$(RUN) -m ruff check --fix-only --quiet .
	@$(RUN) -m ruff format .

## notebooks  run every notebook afresh, in place (ARGS="notebooks/30_touchpoints.ipynb")
notebooks: .venv/.test
	@$(RUN) tests/refresh_notebooks.py $(or $(ARGS),$(NOTEBOOKS))

## lock       pin what pyproject.toml asks for (ARGS="--upgrade")
lock: .venv/.uv
	@$(LOCK) $(ARGS) --output-file requirements.lock
	@cat requirements.lock requirements-test.lock > .venv/all.lock
	@$(LOCK) $(ARGS) --extra test --constraints requirements.lock --output-file .venv/all.lock
	@$(ONLY_NEW) requirements.lock .venv/all.lock > requirements-test.lock

LOCK := .venv/bin/uv pip compile pyproject.toml --universal --python-version 3.11 \
  --generate-hashes --no-header --quiet
# Of the second lock, the packages whose first line is not in the first.
ONLY_NEW := awk '/^[A-Za-z0-9]/ { take = !($$0 in first); if (NR == FNR) first[$$0] } \
  NR != FNR && take'

## system     find or install what tests need beyond Python: a browser, a database
system: .venv/.test
	@$(RUN) tests/tools.py chromium postgres

## clean      remove .venv and what tools left behind; never reports or data
clean:
	@rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis dist
	@find nps_kit tests bench notebooks -name __pycache__ -prune -exec rm -rf {} +

help:
	@echo "make ..."
	@sed -n 's/^## /  /p' Makefile

# The environment, in four steps, each with a stamp: made, uv in it, enough to use, enough to test.
# It is made again where the checkout was moved or copied, or its Python is gone.
ifneq ($(shell test -x $(RUN) && cat .venv/.made 2>/dev/null),$(CURDIR))
.PHONY: .venv/.made
endif
.venv/.made:
	@old=; bare=; \
	for python in $(PYTHONS); do \
	  version=$$("$$python" -Ic 'import platform; print(platform.python_version())' 2>/dev/null) \
	    || continue; \
	  if ! "$$python" -Ic 'import sys; sys.exit(sys.version_info < (3, 11))'; then \
	    old="$$python is $$version"; \
	  elif ! "$$python" -Ic 'import ensurepip, venv' 2>/dev/null; then \
	    bare="$$python ($$version) lacks venv (on Debian and Ubuntu: apt-get install python3-venv)"; \
	  else \
	    echo "Making .venv with Python $$version"; \
	    "$$python" -Im venv --clear .venv && pwd -P > $@; exit; \
	  fi; \
	done; \
	echo "nps_kit needs Python 3.11 or later, with venv: $${bare:-$${old:-none was found}}." \
	  "To name another: make PYTHON=/path/to/python3.12" >&2; exit 1

.venv/.uv: requirements-test.lock .venv/.made
	@sed -n '/^uv==/,/[^\\]$$/p' requirements-test.lock > .venv/uv.lock
	@$(RUN) -m pip install --quiet --disable-pip-version-check --only-binary :all: \
	  --require-hashes --no-deps -r .venv/uv.lock
	@touch $@

.venv/.use: requirements.lock pyproject.toml .venv/.uv
	@echo "Installing what using it needs"
	@$(INSTALL) --quiet --compile-bytecode --require-hashes -r requirements.lock
	@$(INSTALL) --quiet --no-deps --editable .
	@touch $@

.venv/.test: requirements-test.lock .venv/.use
	@echo "Installing what testing adds"
	@$(INSTALL) --quiet --compile-bytecode --require-hashes -r requirements.lock \
	  -r requirements-test.lock
	@touch $@
