"""Text -> its language, as far as stems and sentence ends depend on it.

Languages are ISO 639-1 codes. Py3langid (Lui and Baldwin, ACL 2012, of 97 languages) decides.
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
"""The Snowball stemmer of each language that has one."""

_SAMPLE = 4_000  # characters that are looked at: beyond, nothing changes
_ENOUGH = 60  # fewer say little: a name, a heading
_SURE = 0.9
# Words that make up a sixth of English prose and none of the other languages'. Where they are that
# frequent, the model, which takes most of a second to load, is not asked.
_ENGLISH = frozenset({"the", "of", "and", "to"})
_ENGLISH_SHARE = 0.1


def detect_language(text: str, blocks: Sequence[Block] = ()) -> str:
    """Return the language of a document; `DEFAULT_LANGUAGE` where the text does not tell.

    Headings, table rows and source code are left out if there is prose.
    """
    prose: list[str] = []
    length = 0
    for block in blocks:
        if block.kind in ("paragraph", "item") and length < _SAMPLE:
            prose.append(text[block.start : min(block.end, block.start + _SAMPLE)])
            length += len(prose[-1])
    sample = " ".join(prose) if length >= _ENOUGH else text[:_SAMPLE]
    if sum(map(str.isalpha, sample)) < _ENOUGH:
        return DEFAULT_LANGUAGE
    words = sample[:_SAMPLE].casefold().split()
    if sum(word in _ENGLISH for word in words) >= _ENGLISH_SHARE * len(words):
        return "en"
    language, likelihood = _identifier().classify(sample[:_SAMPLE])
    return str(language) if likelihood >= _SURE and language else DEFAULT_LANGUAGE


@cache
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
