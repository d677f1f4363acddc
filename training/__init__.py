"""Training of the reader: from openly licensed questions to the weights in `rag/reader/`.

This package is not part of the wheel. `docs/reader.md` lists the data and describes the steps.
"""
