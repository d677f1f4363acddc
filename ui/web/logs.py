"""Logs in JSON lines, for log collectors. They contain no text of documents."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

_LONGEST = 500  # characters of a message; the rest is cut off


class JsonFormatter(logging.Formatter):
    """Formats a record as one line: time, level, logger, message, and the record's `fields`.

    For an exception, the line has the exception's type and code locations. It leaves out the
    exception's message, which may quote a document.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line of JSON."""
        line: dict[str, Any] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage()[:_LONGEST],
            **getattr(record, "fields", {}),
        }
        if record.exc_info and record.exc_info[0]:
            kind, _, trace = record.exc_info
            line["error"] = kind.__name__
            line["at"] = [f"{f.filename}:{f.lineno}" for f in traceback.extract_tb(trace)][-8:]
        return json.dumps(line, ensure_ascii=False)


def log_as_json() -> None:
    """Write all logs to standard error as JSON, including one line for each question."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("footnote", "index", "rag", "ui"):
        logging.getLogger(name).setLevel(logging.INFO)
