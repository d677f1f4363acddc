"""Answers of chat models. The clients are LangChain's; a test server sends scripted texts."""

import asyncio
import re
import sys
import time
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from rag.assistant import Assistant
from rag.errors import FootnoteError
from rag.generation.generative import GenerativeAnswerer
from rag.generation.phrases import find_opening
from rag.generation.templates import load_templates
from rag.langchain import build_chain
from rag.library.library import Library
from rag.questions.parse import parse_question
from rag.retrieval.hybrid import HybridRetriever
from rag.types import Answer, Delta

TEXT = (
    "The lighthouse at Skarv was finished in 1874. Its first keeper was Nora Lind. "
    "She kept twelve goats on the island. The lamp burned oil until 1931."
)
QUESTION = "Who was the first keeper of the lighthouse?"


@pytest.fixture(params=["openai", "ollama"])
def provider(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def connect(connect: Callable[..., Library]) -> Callable[..., Library]:
    """Make a library of one document, with the chat server as its chat model."""
    return partial(connect, texts={"light__txt": TEXT})


def find_number(prompt: str, sentence: str) -> int:
    """Return the number of a sentence in a prompt."""
    line = next(line for line in prompt.splitlines() if line.endswith(sentence))
    return int(line[1 : line.index("]")])


def ask(library: Library, question: str = QUESTION) -> Answer:
    return Assistant(library=library).ask(question)


def test_answer_is_written_by_the_model_and_its_citations_are_exact_spans(
    connect: Callable[..., Library], chat_server: Any, provider: str
) -> None:
    def say(prompt: str) -> list[str]:
        number = find_number(prompt, "Its first keeper was Nora Lind.")
        return ["The first", " keeper was", " Nora Lind", " [", f"{number}", "]."]

    chat_server.script.answer = say
    library = connect(provider)
    answer = ask(library)
    assert answer.text == "The first keeper was Nora Lind. [1]"
    [citation] = answer.citations
    document = library.read_document(citation.document)
    assert document is not None
    assert document.text[citation.start : citation.end] == "Its first keeper was Nora Lind."
    assert (answer.model, answer.refused, answer.unsupported) == (
        f"{provider}:test-model",
        False,
        (),
    )
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (11, 3)
    assert answer.notice == ""


def test_deltas_arrive_while_the_model_writes_and_add_up_to_the_answer(
    connect: Callable[..., Library], chat_server: Any, provider: str
) -> None:
    chat_server.script.tokens = ["Nora Lind", " was the", " first keeper", " [1]", "."]
    chat_server.script.pause = 0.1
    assistant = Assistant(library=connect(provider))
    deltas: list[tuple[float, Delta]] = [
        (time.monotonic(), delta) for delta in assistant.stream(QUESTION)
    ]
    answer = deltas[-1][1].answer
    assert answer is not None
    assert "".join(delta.text for _, delta in deltas) == answer.text
    assert deltas[0][0] < chat_server.script.times[-1]


def test_citation_of_an_unknown_number_is_replaced_by_the_right_source(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["The lamp burned oil until 1931 [77]."]
    answer = ask(connect(), "What did the lamp burn?")
    assert answer.text == "The lamp burned oil until 1931. [1]"
    assert answer.citations[0].sentence == "The lamp burned oil until 1931."


def test_wrong_citation_is_replaced_by_the_sentence_that_supports_the_claim(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    def say(prompt: str) -> list[str]:
        return [f"The lamp burned oil until 1931 [{find_number(prompt, 'on the island.')}]."]

    chat_server.script.answer = say
    answer = ask(connect(), "What did the lamp burn?")
    assert [c.sentence for c in answer.citations] == ["The lamp burned oil until 1931."]


@pytest.mark.parametrize(
    "claim",
    [
        "The lamp burned oil until 1941",
        "The first keeper was Ole Vik",
        "The lamp did not burn oil until 1931",
        "The island is famous for its seabirds and wild orchids",
    ],
)
def test_unsupported_claim_is_marked_and_left_out_in_strict_mode(
    connect: Callable[..., Library], chat_server: Any, claim: str
) -> None:
    chat_server.script.tokens = ["Its first keeper was Nora Lind [2]. ", claim, " [1]."]
    answer = ask(connect())
    assert answer.text == f"Its first keeper was Nora Lind. [1] {claim}. [?]"
    [(start, end)] = answer.unsupported
    assert answer.text[start:end] == f"{claim}."
    strict = ask(connect(strict=True))
    assert strict.text.strip() == "Its first keeper was Nora Lind. [1]"
    assert strict.unsupported == ()
    assert "left out" in strict.notice


def test_a_setting_says_how_strict_the_check_is(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    said = "The lamp was fuelled with oil up to 1931."
    chat_server.script.tokens = ["Its first keeper was Nora Lind [2]. ", said]
    assert ask(connect(claim_support=0.01)).unsupported == ()
    assert "[?]" in ask(connect(claim_support=0.999)).written


def test_answer_without_any_supported_claim_is_replaced_by_the_quoted_answer(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["Ole Vik won the", " regatta in Bergen. [1]", " He was 30 [2]."]
    library = connect()
    deltas = list(Assistant(library=library).stream(QUESTION))
    answer = deltas[-1].answer
    assert answer is not None
    assert answer.text.startswith("Its first keeper was Nora Lind. [1]")
    assert answer.model == "extractive"
    assert "nothing that the documents support" in answer.notice
    assert answer.written == "Ole Vik won the regatta in Bergen. [?] He was 30. [?]"
    assert sum(deltas, Delta()).text == answer.text
    assert Answer.from_json(answer.to_json()) == answer


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("Based on the information provided in the sentences, the", "The"),
        ("According to the documents, its", "Its"),
        ("The sentences state that the", "The"),
        ("As mentioned in the text, the", "The"),
    ],
)
def test_opening_phrases_are_removed_before_the_claim_is_checked(
    connect: Callable[..., Library], chat_server: Any, said: str, shown: str
) -> None:
    chat_server.script.tokens = [
        *re.findall(r"\S+\s*|\s+", said),
        " first keeper",
        " was Nora Lind.",
    ]
    for strict in (False, True):
        answer = ask(connect(strict=strict))
        assert answer.text == f"{shown} first keeper was Nora Lind. [1]"
        assert [c.sentence for c in answer.citations] == ["Its first keeper was Nora Lind."]
        assert answer.unsupported == ()


def test_according_to_a_person_is_not_an_opening_phrase() -> None:
    for sentence in ("According to the mayor, it rained.", "In 1874 it was finished."):
        found = (find_opening(sentence[:end]) for end in range(1, len(sentence)))
        assert next(length for length in found if length is not None) == 0


def test_citations_are_added_if_the_model_writes_none(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["Nora Lind was the first keeper. ", "She kept twelve goats."]
    answer = ask(connect())
    assert answer.text == "Nora Lind was the first keeper. [1] She kept twelve goats. [2]"
    assert [c.sentence for c in answer.citations] == [
        "Its first keeper was Nora Lind.",
        "She kept twelve goats on the island.",
    ]
    assert [span.outcome for span in answer.checked] == ["supported", "supported"]
    assert [answer.text[span.start : span.end] for span in answer.checked] == [
        "Nora Lind was the first keeper.",
        "She kept twelve goats.",
    ]


@pytest.mark.parametrize(
    "said",
    [
        "The documents do not mention who built the lighthouse.",
        "I cannot find the answer in the given sentences.",
        "I'm sorry, but the provided text does not contain this information.",
        "Based on the sentences, there is no information about it.",
        "The name is not specified in the sentences.",
        "Die Dokumente enthalten dazu keine Angaben.",
        "Les documents ne mentionnent pas son nom.",
        "Los documentos no lo mencionan.",
    ],
)
def test_refusal_in_other_words_is_recognised(
    connect: Callable[..., Library], chat_server: Any, said: str
) -> None:
    chat_server.script.tokens = re.findall(r"\S+\s*", said)
    answer = ask(connect())
    assert (answer.refused, answer.unsupported, answer.citations) == (True, (), ())
    assert answer.closest


def test_supported_claim_beside_a_refusal_is_an_answer(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = [
        "Its first keeper was Nora Lind. ",
        "The documents do not mention her age.",
    ]
    answer = ask(connect())
    assert answer.text == (
        "Its first keeper was Nora Lind. [1] The documents do not mention her age."
    )
    assert (answer.refused, answer.unsupported) == (False, ())


def test_refusal_in_the_words_of_the_prompt_is_recognised(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["The documents", " do not say."]
    answer = ask(connect())
    assert answer.refused
    assert answer.text == "The documents do not say."
    assert answer.citations == ()
    assert answer.closest


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ({"refusals": 99, "status": 401}, "key"),
        ({"refusals": 99, "status": 404}, "does not know"),
        ({"refusals": 99, "status": 500}, "failed"),
        ({"tokens": ["The first keeper was"], "breaks": True}, "closed the connection"),
        ({"tokens": []}, "said nothing"),
        ({"tokens": ["The goats ate grass. "], "endless": True}, "failed"),
    ],
)
def test_answer_is_quoted_with_the_reason_if_the_model_fails(
    connect: Callable[..., Library], chat_server: Any, script: dict[str, Any], reason: str
) -> None:
    for name, value in script.items():
        setattr(chat_server.script, name, value)
    assistant = Assistant(library=connect())
    deltas = list(assistant.stream(QUESTION))
    answer = deltas[-1].answer
    assert answer is not None
    assert answer.model == "extractive"
    assert "Nora Lind" in answer.text
    assert answer.citations
    assert "openai:test-model" in answer.notice
    assert reason in answer.notice
    restart = next(n for n, delta in enumerate(deltas) if delta.restart)
    assert "".join(delta.text for delta in deltas[restart:]) == answer.text


def test_a_refusal_without_the_model_is_not_said_to_be_quoted(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = []
    answer = ask(connect(), "What is the price of a hotel room in Oslo?")
    assert answer.refused
    assert "said nothing" in answer.notice
    assert "refused without it" in answer.notice
    assert "quoted" not in answer.notice


@pytest.mark.parametrize("silence", ["stalls", "hangs"])  # without and with signs of life
def test_silent_server_times_out_and_the_answer_is_quoted(
    connect: Callable[..., Library],
    chat_server: Any,
    provider: str,
    silence: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("rag.generation.chat_models.TIMEOUT", 0.3)
    setattr(chat_server.script, silence, True)
    answer = ask(connect(provider))
    chat_server.script.gone.set()
    chat_server.script.hangs = False
    assert answer.model == "extractive"
    assert "Nora Lind" in answer.text
    assert "it was silent for 0.3 s" in answer.notice
    assert len(chat_server.script.requests) <= 1  # the client did not wait once more


def test_conversation_continues_with_quoted_answers_if_the_server_stops(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["Its first keeper was Nora Lind [2]."]
    assistant = Assistant(library=connect())
    assert assistant.ask(QUESTION).model == "openai:test-model"
    chat_server.stop()
    for question in ("And what did she keep on the island?", "When was it finished?"):
        answer = assistant.ask(question)
        assert answer.model == "extractive"
        assert "cannot be reached" in answer.notice
        assert not answer.refused
    assert len(assistant.history) == 3


def test_rejected_request_is_retried(connect: Callable[..., Library], chat_server: Any) -> None:
    chat_server.script.tokens = ["Its first keeper was Nora Lind [2]."]
    chat_server.script.refusals = 2
    assert ask(connect()).model == "openai:test-model"
    assert len(chat_server.script.requests) == 3


@pytest.mark.parametrize("tokens", [["Its first keeper was Nora Lind [2]. "], []])
def test_closing_the_stream_cancels_the_request(
    connect: Callable[..., Library], chat_server: Any, provider: str, tokens: list[str]
) -> None:
    chat_server.script.tokens = tokens
    chat_server.script.hangs = True
    deltas = Assistant(library=connect(provider)).stream(QUESTION)
    next(deltas)
    deltas.close()
    assert chat_server.script.gone.wait(10)


def test_follow_up_questions_are_rewritten_by_the_model(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    def say(prompt: str) -> list[str]:
        if "Follow-up:" in prompt:
            return ["How many goats did Nora Lind keep?"]
        return ["She kept twelve goats on the island [1]."]

    chat_server.script.answer = say
    assistant = Assistant(library=connect())
    assistant.ask(QUESTION)
    assistant.ask("And how many did she keep?")
    assert assistant.history[-1].standalone == "How many goats did Nora Lind keep?"
    assert "Question: How many goats did Nora Lind keep?" in chat_server.script.prompts[-1]


@pytest.mark.parametrize(
    "written",
    [
        "I am sorry for the confusion, please ask again.",
        "Question: And how many goats did she keep? Answer: Nora Lind.",
        "And how many goats did she keep: she kept twelve [1].",
    ],
)
def test_rewritten_question_that_asks_something_else_is_not_used(
    connect: Callable[..., Library], chat_server: Any, written: str
) -> None:
    chat_server.script.answer = lambda prompt: [
        written if "Follow-up:" in prompt else "She kept twelve goats on the island."
    ]
    assistant = Assistant(library=connect())
    assistant.ask(QUESTION)
    answer = assistant.ask("And how many goats did she keep?")
    assert written not in assistant.history[-1].standalone
    assert "And how many goats did she keep?" in assistant.history[-1].standalone
    assert answer.text.startswith("She kept twelve goats on the island. [1]")


@pytest.mark.parametrize(
    ("name", "settings", "remedy"),
    [
        ("llama", {}, "provider:model"),
        ("nobody:model", {}, "provider:model"),
        ("anthropic:some-model", {}, r"footnote-rag\[anthropic\]"),
        ("openai:some-model", {"chat_base_url": None}, "set OPENAI_API_KEY"),
    ],
)
def test_missing_part_of_a_chat_model_is_reported_in_one_line(
    connect: Callable[..., Library],
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    settings: dict[str, Any],
    remedy: str,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    monkeypatch.setitem(sys.modules, "langchain_anthropic", None)  # as if it were not installed
    library = connect(**settings, chat_model=name)
    with pytest.raises(FootnoteError, match=remedy) as error:
        Assistant(library=library)
    assert "\n" not in str(error.value)


def test_summary_is_written_by_the_model_and_quoted_if_the_model_fails(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["The lighthouse at Skarv was finished in 1874 [1]."]
    assistant = Assistant(library=connect())
    answer = assistant.ask("Summarise the document light")
    assert answer.text == "The lighthouse at Skarv was finished in 1874. [1]"
    assert answer.model == "openai:test-model"
    assert "three to six sentences" in chat_server.script.prompts[-1]
    chat_server.stop()
    quoted = assistant.ask("Summarise the document light")
    assert quoted.model == "extractive"
    assert "cannot be reached" in quoted.notice
    assert quoted.citations


def test_each_assistant_can_use_its_own_model(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["Its first keeper was Nora Lind [2]."]
    library = connect()
    assert Assistant(library=library).ask(QUESTION).model == "openai:test-model"
    other = Assistant(library=library, chat_model="openai:another-model").ask(QUESTION)
    assert other.model == "openai:another-model"
    assert chat_server.script.requests[-1]["model"] == "another-model"
    assert Assistant(library=library, chat_model="extractive").ask(QUESTION).model == "extractive"


def test_chain_with_a_model_answers_by_invoke_batch_and_ainvoke(
    connect: Callable[..., Library], chat_server: Any
) -> None:
    chat_server.script.tokens = ["Its first keeper", " was Nora Lind [2]."]
    library = connect()
    asked = {"question": parse_question(QUESTION), "documents": None}
    chat = library.models.chat()
    assert chat is not None
    with library.snapshot() as snapshot:
        encoder = library.models.encoder(snapshot)
        answerer = GenerativeAnswerer(chat, "test", encoder, load_templates())
        chain = build_chain(HybridRetriever(snapshot, encoder), answerer)
        whole = chain.invoke(asked)
        assert whole.text == "Its first keeper was Nora Lind. [1]"
        texts = [each.text for each in chain.batch([asked, asked])]
        assert texts == [whole.text, whole.text]
        assert asyncio.run(chain.ainvoke(asked)).text == whole.text
