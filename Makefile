PYTHON ?= python3
RAG := .venv/bin/rag
READY := .venv/.ready
# The tests of faults and of retrieval, which must pass whichever store holds the index.
ON_SERVER := $(addprefix tests/faults/test_,$(addsuffix .py,full_disk kills power_cuts writers_and_readers)) \
	$(addprefix tests/index/test_,$(addsuffix .py,build doctor plans removal repair snapshot)) \
	$(addprefix tests/rag/test_,$(addsuffix .py,assistant evaluation langchain library units))

TORCH_HINT := If it is torch: on Linux x86-64 the lock takes its build for the CPU, which PyPI lacks. Run make with \
	PIP_EXTRA_INDEX_URL=https://download.pytorch.org/whl/cpu

.PHONY: chat test lint format bench audit lock install clean

chat: install          ## index the documents and open the chat window
	$(RAG) index
	$(RAG) chat

test: install          ## run all tests, and those of the index on a Chroma server too
	.venv/bin/python -m pytest -n 3 --dist worksteal
	FOOTNOTE_TEST_STORES=server .venv/bin/python -m pytest -n 3 --dist worksteal $(ON_SERVER)

lint: install          ## what pre-commit and CI run
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: install         ## measure what benchmarks/ measures; figures.json and plots are made anew
	.venv/bin/python -m pip install --quiet --no-deps --requirement benchmarks/requirements.txt
	.venv/bin/python -m benchmarks

audit: install         ## known vulnerabilities and licences of what the lock holds
	.venv/bin/python -m tools.audit

# uv keeps the hashes of a pin that has some, and looks up those of the others.
lock:                  ## give each pin without hashes those of its release, and the server's lock what it shares
	.venv/bin/python -m pip install --quiet --no-deps --only-binary :all: uv==0.13.9
	sed -n 's/^\([A-Za-z][^\\]*\).*/\1/p' requirements.lock | .venv/bin/uv pip compile --quiet --no-deps --universal \
		--python-version 3.11 --only-binary :all: --generate-hashes --no-annotate \
		--custom-compile-command "make lock" --output-file requirements.lock -
	awk -F== 'FNR == NR { if (/^#/) print; else names[$$1]; next } /^[a-z]/ { on = $$1 in names } on' \
		deploy/requirements.lock requirements.lock >deploy/requirements.new
	mv deploy/requirements.new deploy/requirements.lock

install: $(READY)      ## make .venv from the lock, whose hashes are checked

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or later")'
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --no-compile --no-deps --require-hashes --only-binary :all: \
		--requirement requirements.lock || { echo '$(TORCH_HINT)' >&2; exit 1; }
	.venv/bin/python -m pip install --quiet --no-deps --no-build-isolation --editable .
	touch $(READY)

clean:                 ## remove what was made here; documents stay
	rm -rf .venv .rag dist
