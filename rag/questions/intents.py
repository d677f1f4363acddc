"""Recognises greetings, thanks, and requests to list, summarise or compare documents."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from index import DEFAULT_LANGUAGE, DocumentRecord
from rag.questions.parse import find_content_terms
from rag.questions.smalltalk import SmallTalkKind, recognise_small_talk

RequestKind = SmallTalkKind | Literal["list", "summary", "comparison"]

_LIST = re.compile(
    r"^(?:(?:please |can you )?(?:list|show|name)(?: me)?(?: all)?(?: (?:of )?(?:the|your|my))? "
    r"(?:documents|files|sources)|(?:what|which) (?:documents|files|sources) "
    r"(?:do you (?:have|know)|are (?:there|indexed)|have you(?: got| read)?)"
    r"|what (?:can|do) you know(?: about)?|what can i ask(?: you)?(?: about)?)\W*$",
    re.IGNORECASE,
)
_SUMMARY = re.compile(
    r"^(?:please |can you |could you )*(?:summari[sz]e|sum up|give (?:me )?an? (?:short |brief )?"
    r"(?:summary|overview) of|what is)(?P<name>.*)$",
    re.IGNORECASE,
)
_COMPARISON = re.compile(
    r"^(?:please |can you |could you )*(?:compare (?P<a>.+?) (?:and|with|to) (?P<b>.+?)"
    r"|(?:what (?:is|are) )?the differences? between (?P<c>.+?) and (?P<d>.+?)"
    r"|how do (?P<e>.+?) and (?P<f>.+?) (?:differ|compare))\W*$",
    re.IGNORECASE,
)
_ABOUT = re.compile(r"^(?P<name>.+?) about\W*$", re.IGNORECASE)
_ALL = re.compile(
    r"^(?:it|this|that|them|(?:all |all of )?(?:the |these |your |my )?"
    r"(?:documents?|files?|sources?|everything))?\W*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Request:
    """A request. `documents` are the documents to list, to summarise or to compare.

    `language` (ISO 639-1) is the language of a greeting or of thanks.
    """

    kind: RequestKind
    documents: tuple[DocumentRecord, ...] = ()
    language: str = DEFAULT_LANGUAGE

    @property
    def writable(self) -> bool:
        """Whether a chat model may write the answer: for a summary or comparison of documents."""
        return self.kind in ("summary", "comparison") and bool(self.documents)


def recognise_request(
    text: str, documents: Sequence[DocumentRecord], *, written: bool = False
) -> Request | None:
    """Return the request; None if the text is a question about the documents' content.

    A comparison of documents is a request only if the answer is `written` by a chat model.
    Otherwise it is a question: quotations compare what is found.
    """
    text = " ".join(text.split())
    small_talk = recognise_small_talk(text)
    if small_talk is not None:
        kind, language = small_talk
        return Request(kind, language=language)
    if _LIST.match(text):
        return Request("list", tuple(documents))
    compared = _recognise_comparison(text, documents) if written else None
    return compared or _recognise_summary(text, documents)


def _recognise_comparison(text: str, documents: Sequence[DocumentRecord]) -> Request | None:
    """Return a request to compare two documents if the text names one by each side."""
    match = _COMPARISON.match(text)
    if match is None:
        return None
    named = [
        [record for record in documents if _is_named(record, name.strip(), _find_wanted(name))]
        for name in match.groups()
        if name is not None
    ]
    certain = all(len(each) == 1 for each in named) and named[0] != named[1]
    return Request("comparison", (*named[0], *named[1])) if certain else None


def _recognise_summary(text: str, documents: Sequence[DocumentRecord]) -> Request | None:
    """Return a request for a summary if the text names one document or all documents."""
    match = _SUMMARY.match(text)
    if match is None:
        return None
    name = match["name"].strip()
    if text.casefold().startswith("what is"):
        about = _ABOUT.match(name)
        if about is None:
            return None
        name = about["name"]
    elif _ALL.match(name):
        return Request("summary", tuple(documents))
    named = [record for record in documents if _is_named(record, name, _find_wanted(name))]
    return Request("summary", tuple(named)) if named else None


_GENERIC = set(find_content_terms("document file text article report paper page pdf the"))


def _find_wanted(name: str) -> set[str]:
    return set(find_content_terms(name)) - _GENERIC


def _is_named(record: DocumentRecord, name: str, wanted: set[str]) -> bool:
    """Whether a name is a document's path, or all its content words are in title or path."""
    plain = name.strip(" \"'“”?.!").casefold()
    if plain and (plain == record.path.casefold() or record.path.casefold().endswith(f"/{plain}")):
        return True
    return bool(wanted) and wanted <= set(find_content_terms(f"{record.title} {record.path}"))
