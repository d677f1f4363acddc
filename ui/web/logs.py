"""Logs as lines of JSON, for machines that gather them. They hold no document's text."""

from __future__ import annotations

import json
import logging
import sys
import traceback
from datetime import UTC, datetime
from typing import Any

_LONGEST = 500  # characters of a message


class JsonFormatter(logging.Formatter):
    """A line for each record: time, level, logger, message, and a record's own fields.

    Of an exception the kind and the places in the code are told, not its message: that may quote
    what was being read.
    """

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as one line."""
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
    """From now on write all logs, those of questions included, as JSON to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    for name in ("footnote", "index", "rag", "ui"):
        logging.getLogger(name).setLevel(logging.INFO)
