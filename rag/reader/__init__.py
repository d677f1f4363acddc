"""The reader: a small cross-encoder that looks at a question and the sentences it may be about.

Trained for this project from the bundled embedding model; `docs/reader.md` says on what, how to
repeat it, and what it brings.
"""

from rag.reader.encoding import Tokens, encode_window
from rag.reader.model import Reader, load_reader
from rag.reader.outputs import Reading

__all__ = ["Reader", "Reading", "Tokens", "encode_window", "load_reader"]
