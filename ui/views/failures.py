"""Says in the visitor's language, and in plain words, why a file could not be read, or not wholly.

The reasons that come with a `Failure`, and remarks, are for the command line: English, with
technical terms.
"""

from __future__ import annotations

import re

from ui.views.wording import Wording

# The first pattern that a reason matches names the string to show.
_KINDS = (
    ("why_name", "name that is not UTF-8"),
    ("why_password", "is encrypted"),
    ("why_empty", "is empty"),
    ("why_picture", r"^is a (\.heic )?picture$"),
    ("why_no_text", "holds no |too small to hold text"),
    (
        "why_large",
        "is larger than|unpacks to more|holds more than|nested too deeply",
    ),
    ("why_archive", r"is within too many|archive in an archive|packed in an unknown"),
    ("why_slow", r"took longer than|(ended|crashed) its parser|\bmemory\b|MemoryError"),
    ("why_full", "does not fit|No space left"),
    ("why_no_suffix", "has no file suffix"),
    ("why_denied", r"cannot be read \("),
    ("why_gone", "was not found|does not exist"),
    ("why_sent", "^could not be sent"),
    ("why_stopped", "was stopped from outside"),
    ("why_error", "unexpected error"),
    ("why_damaged", "is not |is damaged|is a damaged|cannot be indexed"),
)
_PATTERNS = tuple((key, re.compile(pattern)) for key, pattern in _KINDS)
# All strings whose pattern is in a remark are shown.
_REMARKS = (
    ("remark_pictures", re.compile(r"not read, being pictures|is a picture\b")),
    ("remark_fonts", re.compile("fonts do not say which letters")),
    ("remark_budget", re.compile("has limits: raise RAG_OCR")),
    ("remark_confidence", re.compile("with low confidence")),
    (
        "remark_files",
        re.compile(r"files in it that are not read|is not |is encrypted|is damaged|n archive"),
    ),
)


def explain(reason: str, say: Wording) -> str:
    """Return why a file failed and what to do, in words of the visitor; else the reason itself."""
    key = next((key for key, pattern in _PATTERNS if pattern.search(reason)), None)
    return reason if key is None else say(key)


def explain_remark(remark: str, say: Wording) -> str:
    """Return what could not be read of a file, or not well, in words of the visitor."""
    told = [say(key) for key, pattern in _REMARKS if pattern.search(remark)]
    return " ".join(told or [say("remark_other")])
