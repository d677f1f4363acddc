"""The routes of OpenAI's protocol, as a FastAPI app that the window's server mounts at ``/v1``.

Errors are raised as `HTTPException`; `ui/web/openai_errors.py` gives them OpenAI's form.
"""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, AsyncIterator, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from typing import Any

from fastapi import Depends, FastAPI, HTTPException, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response, StreamingResponse

from rag.assistant import Assistant
from rag.concurrency.streams import iterate_in_threads
from rag.errors import BusyError, ChatModelError, FootnoteError, QuestionError
from rag.generation.chat_models import list_choices
from rag.library.library import Library
from rag.settings import EXTRACTIVE
from rag.types import Delta
from ui.completions.requests import CompletionRequest, read_conversation
from ui.completions.responses import (
    DONE,
    MODEL,
    WAITING,
    Completion,
    StreamedText,
    describe_model,
    list_models,
    write_event,
)
from ui.web.api_keys import ApiKeys
from ui.web.observation import Observer
from ui.web.openai_errors import describe_error

log = logging.getLogger(__name__)

_ANSWERS = 32  # at the same time; further requests get 429
_FAILED = "answering failed; the reason is in the server's log"


def create_completions_app(library: Library, observer: Observer, keys: ApiKeys | None) -> FastAPI:
    """Return the app. Without `keys` it is open to everyone, like a window without logins."""

    async def check_key(request: Request) -> None:
        if keys is not None and await keys.find_user(request.headers.get("authorization")) is None:
            raise HTTPException(
                401,
                "the key is wrong: use NAME:PASSWORD of a login as the API key",
                {"WWW-Authenticate": "Bearer"},
            )

    app = FastAPI(
        docs_url=None, redoc_url=None, openapi_url=None, dependencies=[Depends(check_key)]
    )
    answering = Answering(library, observer)

    @app.exception_handler(RequestValidationError)
    async def explain(_: Request, error: RequestValidationError) -> JSONResponse:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"][1:])
        return JSONResponse({"detail": f"the request is wrong: {field} ({first['msg']})"}, 400)

    @app.get("/models")
    async def models() -> dict[str, Any]:
        return list_models()

    @app.get("/models/{name:path}")
    async def model(name: str) -> dict[str, Any]:
        _check_model(name)
        return describe_model()

    @app.post("/chat/completions")
    async def complete(asked: CompletionRequest) -> Response:
        _check_model(asked.model)
        return await answering.answer(asked)

    return app


class Answering:
    """Answers requests from a library, each in a thread of its own."""

    def __init__(self, library: Library, observer: Observer) -> None:
        self._library = library
        self._observer = observer
        self._pool = ThreadPoolExecutor(_ANSWERS, thread_name_prefix="completions")
        self._running = 0

    async def answer(self, asked: CompletionRequest) -> Response:
        """Return the response to a request. Raises `HTTPException`."""
        deltas = self._stream(asked)
        with _raise_as_http():
            first = await anext(deltas)  # an error here still decides the status
        if asked.stream:
            return StreamingResponse(
                self._write_events(asked, first, deltas),
                media_type="text/event-stream",
                headers={"cache-control": "no-store"},
            )
        last = first
        with _raise_as_http():
            async with aclosing(deltas):
                async for delta in deltas:
                    last = delta
        return JSONResponse(Completion().write(last.require_answer()))

    async def _stream(self, asked: CompletionRequest) -> AsyncGenerator[Delta, None]:
        if self._running >= _ANSWERS:
            raise BusyError(
                f"{self._running} questions are answered just now", "ask again in a moment"
            )
        self._running += 1
        try:
            async with aclosing(iterate_in_threads(self._begin(asked), self._pool)) as deltas:
                async for delta in deltas:
                    yield delta
        finally:
            self._running -= 1

    def _begin(self, asked: CompletionRequest) -> Generator[Delta, None, None]:
        question, history = read_conversation(asked.messages)
        assistant = Assistant(
            library=self._library, history=history, chat_model=self._choose_answerer(asked)
        )
        yield from self._observer.observe(question, assistant.stream(question))

    def _choose_answerer(self, asked: CompletionRequest) -> str:
        """Return who answers. Raises `ChatModelError` if the request names what is not offered."""
        settings = self._library.settings
        name = asked.answer_model or settings.chat_model
        if name in (EXTRACTIVE, settings.chat_model):
            return name
        if name not in list_choices(settings.chat_model, settings.chat_base_url):
            raise ChatModelError(
                f"answer_model {name[:100]!r} is not offered", "see the list of `rag models`"
            )
        return name

    async def _write_events(
        self, asked: CompletionRequest, first: Delta, deltas: AsyncGenerator[Delta, None]
    ) -> AsyncIterator[str]:
        """Yield the events of a streamed answer. An error in mid-answer is an event, too."""
        completion = Completion()
        writer = asked.answer_model or self._library.settings.chat_model
        text = StreamedText(written=writer != EXTRACTIVE)
        yield completion.write_chunk(role=True)
        try:
            async with aclosing(deltas):
                delta: Delta | None = first
                while delta is not None:
                    if delta.answer is not None:
                        yield completion.write_chunk(text.finish(delta.answer))
                        yield completion.write_end(delta.answer, usage=asked.wants_usage)
                    elif piece := text.add(delta.text, restart=delta.restart):
                        yield completion.write_chunk(piece)
                    elif not delta.text:
                        yield WAITING
                    delta = await anext(deltas, None)
        except FootnoteError as error:
            yield write_event(describe_error(_find_status(error), str(error)))
        except Exception:
            log.exception("answering a question failed")
            yield write_event(describe_error(500, _FAILED))
        yield DONE


def _check_model(name: str) -> None:
    if name != MODEL:
        raise HTTPException(404, f"there is no model {name[:100]!r}; the only one is {MODEL!r}")


def _find_status(error: FootnoteError) -> int:
    if isinstance(error, BusyError):
        return 429
    return 400 if isinstance(error, (QuestionError, ChatModelError)) else 503


@contextmanager
def _raise_as_http() -> Iterator[None]:
    """Turn errors into `HTTPException`. Errors other than `FootnoteError` are only logged."""
    try:
        yield
    except FootnoteError as error:
        status = _find_status(error)
        wait = {"Retry-After": "1"} if status in (429, 503) else None
        raise HTTPException(status, str(error), wait) from error
    except Exception as error:
        log.exception("answering a question failed")
        raise HTTPException(500, _FAILED) from error
