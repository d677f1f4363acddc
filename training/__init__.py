"""How the reader was trained: from openly licensed questions to the weights in `rag/reader/`.

Not part of the wheel. `docs/reader.md` names the data and says how to repeat it.
"""
