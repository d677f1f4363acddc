PYTHON ?= python3
RAG := .venv/bin/rag
READY := .venv/.ready

.PHONY: chat test lint format bench install clean

chat: install          ## index the documents and open the chat window
	$(RAG) index
	$(RAG) chat

test: install          ## run all tests
	.venv/bin/python -m pytest -n 2 --dist worksteal

lint: install          ## what pre-commit and CI run
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports

bench: install         ## measure what benchmarks/ measures; figures.json and plots are made anew
	.venv/bin/python -m pip install --quiet --no-deps --requirement benchmarks/requirements.txt
	.venv/bin/python -m benchmarks

install: $(READY)      ## make .venv from the lock

$(READY): requirements.lock pyproject.toml
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Footnote needs Python 3.11 or later")'
	$(PYTHON) -m venv --clear .venv
	.venv/bin/python -m pip install --quiet --no-compile --no-deps --requirement requirements.lock
	.venv/bin/python -m pip install --quiet --no-deps --editable .
	touch $(READY)

clean:                 ## remove what was made here; documents stay
	rm -rf .venv .rag dist
