"""The reader: a small cross-encoder that scores sentences together with the question.

It was trained for this project from the bundled embedding model. `docs/reader.md` describes the
training data, how to repeat the training, and the results.
"""

from rag.reader.encoding import Tokens, encode_window
from rag.reader.model import READ, Reader, date_title, load_reader, read_evidence
from rag.reader.network import Network, load_network
from rag.reader.outputs import Reading

__all__ = [
    "READ",
    "Network",
    "Reader",
    "Reading",
    "Tokens",
    "date_title",
    "encode_window",
    "load_network",
    "load_reader",
    "read_evidence",
]
