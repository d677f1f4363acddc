"""A piece of evidence that tests modify with `replace`."""

from index import Place
from rag.types import Evidence, Signals

EVIDENCE = Evidence(
    document="a.txt",
    title="A",
    start=0,
    end=5,
    sentence="One.",
    place=Place(),
    score=0.9,
    readable="One.",
    around=("One.",),
    position=0,
    role="statement",
    signals=Signals(2.0, 0.5, 0.5, 0.5, 0.5, 0.0),
)
