"""Detects the language of a text, which selects the stemmer and the rules for sentence ends.

Languages are ISO 639-1 codes. The model is py3langid's (Lui and Baldwin, ACL 2012), which knows
97 languages.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from index.types import Block

DEFAULT_LANGUAGE = "en"
STEMMERS = {
    "ar": "arabic",
    "ca": "catalan",
    "da": "danish",
    "de": "german",
    "el": "greek",
    "en": "english",
    "es": "spanish",
    "et": "estonian",
    "eu": "basque",
    "fi": "finnish",
    "fr": "french",
    "hu": "hungarian",
    "id": "indonesian",
    "it": "italian",
    "lt": "lithuanian",
    "nl": "dutch",
    "no": "norwegian",
    "pl": "polish",
    "pt": "portuguese",
    "ro": "romanian",
    "ru": "russian",
    "sv": "swedish",
    "tr": "turkish",
}
"""Language -> the name of its Snowball stemmer."""

_MAX_CHARACTERS = 4_000  # characters that are classified: more do not change the result
_MIN_CHARACTERS = 60  # letters; a shorter text (a name, a heading) is not classified
_MIN_PROBABILITY = 0.9  # lowest probability that is accepted
# These words are a sixth of English prose and do not occur in other languages. A text with enough
# of them is English; the model, which takes most of a second to load, is not needed.
_ENGLISH = frozenset({"the", "of", "and", "to"})
_ENGLISH_SHARE = 0.1


def detect_language(text: str, blocks: Sequence[Block] = ()) -> str:
    """Return the language of a document, or `DEFAULT_LANGUAGE` if it is not certain.

    If the document has enough prose, only its paragraphs and list items are classified.
    """
    prose: list[str] = []
    length = 0
    for block in blocks:
        if block.kind in ("paragraph", "item") and length < _MAX_CHARACTERS:
            prose.append(text[block.start : min(block.end, block.start + _MAX_CHARACTERS)])
            length += len(prose[-1])
    sample = " ".join(prose) if length >= _MIN_CHARACTERS else text[:_MAX_CHARACTERS]
    if sum(map(str.isalpha, sample)) < _MIN_CHARACTERS:
        return DEFAULT_LANGUAGE
    words = sample[:_MAX_CHARACTERS].casefold().split()
    if sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words):
        return "en"
    language, likelihood = _load_model().classify(sample[:_MAX_CHARACTERS])
    return str(language) if likelihood >= _MIN_PROBABILITY and language else DEFAULT_LANGUAGE


@cache
def _load_model() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
