"""A prompt -> what a chat model writes, each sentence checked against the sentences of its context.

Answers are written this way, and the notes from which the answers to long texts are made.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from index import Encoder
from prompts import read_prompt
from rag.claims import Likeness, prepare_check
from rag.generation.chat_models import stream_message
from rag.generation.context import Context
from rag.generation.messages import add_usage, estimate_usage, get_text
from rag.generation.stream_checker import AnswerWriter
from rag.generation.templates import fill
from rag.questions.parse import Question
from rag.types import Delta
from rag.usage import Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel


@dataclass(frozen=True, slots=True)
class Written:
    """What a model wrote: the checked text, its tokens, and whether it came to its end."""

    text: AnswerWriter
    usage: Usage
    complete: bool


@dataclass(frozen=True, slots=True)
class CheckedWriting:
    """Lets a chat model write. `support` is how strict the check is; see `check_claim`."""

    model: BaseChatModel
    encoder: Encoder
    support: float

    def write(
        self, template: str, asked: Question, context: Context, *, strict: bool, longest: int
    ) -> Generator[Delta, None, Written]:
        """Yield the text as it is checked, and empty deltas while none arrives; return it whole.

        If `strict`, sentences without support are left out. The model is stopped when it has sent
        `longest` characters; then the sentence that it was writing is not checked. Raises what the
        model's client raises.
        """
        refusal = read_prompt("refusal", asked.language)
        prompt = fill(template, sentences=context.render(), question=asked.text, refusal=refusal)
        spent, received = Usage(), 0
        with ThreadPoolExecutor(1) as pool:
            # The sentences are embedded while the model processes the prompt.
            compare = pool.submit(self._prepare, context)
            text = AnswerWriter(
                context,
                compare.result,
                language=asked.language,
                refusal=refusal,
                strict=strict,
                support=self.support,
            )
            with closing(stream_message(self.model, prompt)) as chunks:
                for chunk in chunks:
                    if chunk is None:
                        yield Delta()
                        continue
                    spent = add_usage(spent, chunk)
                    piece = get_text(chunk)
                    for checked in text.feed(piece):
                        yield Delta(checked)
                    received += len(piece)
                    if received > longest:
                        usage = estimate_usage(spent, prompt, received)
                        return Written(text, usage, complete=False)
            for checked in text.close():
                yield Delta(checked)
        return Written(text, spent, complete=True)

    def _prepare(self, context: Context) -> Likeness:
        prepare_check()
        return make_likeness(self.encoder, [item.readable for item in context.sentences])


def make_likeness(encoder: Encoder, sentences: Sequence[str]) -> Likeness:
    """Return a function for the highest cosine similarity of a claim to some of `sentences`.

    Each sentence and each claim is embedded once.
    """
    known = dict(zip(sentences, encoder.encode_questions(sentences), strict=True))
    claims: dict[str, Any] = {}

    def likeness(claim: str, texts: Sequence[str]) -> float:
        if claim not in claims:
            claims.clear()
            claims[claim] = encoder.encode_questions([claim])[0]
        return max((float(known[text] @ claims[claim]) for text in texts), default=0.0)

    return likeness
