"""Questions about folders of documents -> groups of windows, as the retriever finds them.

Such a collection is a folder with `questions.jsonl` and the documents in `sets/NAME/`. A line has
`set` (NAME), `question`, `documents` (names of files) and `evidence`: excerpts that a complete
answer needs, each from one sentence, list item, table row or line of code. A question without
evidence has no answer in its set.
"""

from __future__ import annotations

import json
import logging
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing
from functools import cache
from pathlib import Path
from typing import Any

from index import AUTO_MODEL, Snapshot, WordEmbeddings, open_snapshot, update_index
from index.encoders.load import load_encoder
from rag.questions.parse import parse_question
from rag.reader.encoding import encode_window
from rag.reader.model import READ, entitle, find_windows
from rag.retrieval.hybrid import CANDIDATES, HybridRetriever, make_evidence
from rag.types import NO_SIGNALS, Evidence
from training.windows import Window

QUESTIONS = "questions.jsonl"
_RIGHT = 2  # windows with an answer that are shown with a question
_WRONG = 4  # windows without one: an answer is looked for in about six windows
_MAX_TOKENS = 192  # of a window
_LONG = 165  # tokens; longer windows are shown only if there are no others, because they are slow

log = logging.getLogger("training")

_Told = tuple[Evidence, list[str], list[str]]
"""A sentence, its words, and its words without markup."""


def read_groups(folder: Path, words: WordEmbeddings) -> list[list[Window]]:
    """Return the windows of each question: some that answer it, and the first wrong ones found.

    Questions whose evidence is in no sentence are omitted.
    """
    lines = (folder / QUESTIONS).read_text("utf-8").splitlines()
    rows: list[dict[str, Any]] = [json.loads(line) for line in lines]
    load = cache(load_encoder)
    groups: list[list[Window]] = []
    with tempfile.TemporaryDirectory() as temporary:
        for name in dict.fromkeys(row["set"] for row in rows):
            store = Path(temporary, name)
            update_index(store, [folder / "sets" / name], model=AUTO_MODEL, load=load)
            with closing(open_snapshot(store)) as snapshot:
                retriever = HybridRetriever(snapshot, load(snapshot.manifest.model.name))
                asked = [row for row in rows if row["set"] == name]
                told = _read_documents(snapshot)
                made = [_make_group(row, told, retriever, words) for row in asked]
            groups += [group for group in made if group]
            log.info("%s: %d of %d questions", name, sum(map(bool, made)), len(asked))
    return groups


def _make_group(
    row: Mapping[str, Any],
    told: Mapping[str, Sequence[_Told]],
    retriever: HybridRetriever,
    words: WordEmbeddings,
) -> list[Window]:
    question = parse_question(row["question"])
    found = retriever.find_evidence(question, CANDIDATES)[:READ]
    excerpts = [split_words(each) for each in row["evidence"]]
    right = {
        (item.document, item.around, item.position): item
        for name in row["documents"]
        for item, *forms in told.get(name, ())
        if any(is_part(excerpt, words) for excerpt in excerpts for words in forms)
    }
    if row["evidence"] and not right:
        return []
    known = {(item.document, item.around, item.position) for item in found}
    missed = [item for place, item in right.items() if place not in known]
    windows: list[Window] = []
    for evidence in (found, missed):
        titles = {(item.document, item.around): entitle(item) for item in evidence}
        for passage, first, last in find_windows(evidence):
            shown = passage[1][first:last]
            tokens = encode_window(words, question.text, titles[passage], shown, _MAX_TOKENS)
            numbers = range(len(tokens.sentences))
            answers = frozenset(n for n in numbers if (*passage, first + n) in right)
            if tokens.sentences:
                windows.append(Window(tokens, answers, True, None))
    windows.sort(key=lambda window: len(window.tokens.ids) > _LONG)
    answering = [window for window in windows if window.right]
    wrong = [window for window in windows if not window.right]
    if right and not answering:
        return []
    return [*answering[:_RIGHT], *wrong[:_WRONG]]


def _read_documents(snapshot: Snapshot) -> dict[str, list[_Told]]:
    """Return the sentences of each file by its name, with their words."""
    told: dict[str, list[_Told]] = {}
    for record in snapshot.documents:
        mine = told.setdefault(Path(record.path).name, [])
        for number in snapshot.sentences_of(record.path):
            stored = snapshot.sentence(number)
            first = snapshot.sentences_in(stored.passage).start
            around = snapshot.readable_in(stored.passage)
            item = make_evidence(stored, NO_SIGNALS, around, number - first)
            mine.append((item, split_words(stored.text), split_words(stored.readable)))
    return told


def is_part(excerpt: Sequence[str], sentence: Sequence[str]) -> bool:
    """Return whether an excerpt and a sentence overlap enough for the sentence to be right.

    The sentence has the words of the excerpt in order, perhaps with the names of a table's columns
    between them; or it is a part of the excerpt, and at least half of it.
    """
    rest = iter(sentence)
    if excerpt and all(word in rest for word in excerpt):
        return len(sentence) <= 4 * len(excerpt) + 40
    return 2 * len(sentence) >= len(excerpt) and f" {' '.join(sentence)} " in (
        f" {' '.join(excerpt)} "
    )


def split_words(text: str) -> list[str]:
    """Return the words of a text in lower case, without punctuation and markup."""
    return re.findall(r"[^\W_]+", text.casefold())
