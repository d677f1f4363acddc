import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.documents import html, markdown
from index.documents import text as plain
from index.documents.content import Content, ContentError
from index.text.sentences import MAX_CHARACTERS, split_sentences
from index.types import Block, Sentence

WORDS = st.sampled_from(
    "Dr. Smith e.g. 3.14 NATO “Go!” he said. Really? No… (See p. 5.) u.s. – … end. * # > | `x` "
    "été 你好。 שלום 🙂 A.B. 1. 2) ... \u2028 \u00a0".split(" ")
)
TEXTS = st.lists(st.one_of(WORDS, st.sampled_from(["\n", "\n\n", " ", "  ", "\t"]))).map(" ".join)
ANY_TEXT = st.one_of(TEXTS, st.text(max_size=300))


def check_spans(text: str, blocks: tuple[Block, ...], sentences: tuple[Sentence, ...]) -> None:
    """Assert that spans are ordered, do not overlap, are trimmed, and lie in one block each."""
    position = 0
    for sentence in sentences:
        piece = text[sentence.start : sentence.end]
        assert sentence.start >= position
        assert piece and piece == piece.strip()
        assert any(map(str.isalnum, piece))
        assert len(piece) <= MAX_CHARACTERS
        assert any(b.start <= sentence.start and sentence.end <= b.end for b in blocks)
        position = sentence.end


def gaps(text: str, sentences: tuple[Sentence, ...]) -> str:
    edges = [0, *(edge for s in sentences for edge in (s.start, s.end)), len(text)]
    return "".join(text[a:b] for a, b in zip(edges[::2], edges[1::2], strict=True))


@given(ANY_TEXT)
def test_every_character_of_a_text_is_in_one_sentence_or_in_a_gap_without_words(text: str) -> None:
    blocks = tuple(plain.find_blocks(text))
    sentences = split_sentences(text, blocks)
    check_spans(text, blocks, sentences)
    assert not any(map(str.isalnum, gaps(text, sentences)))


@given(ANY_TEXT)
def test_markdown_sentences_cover_the_text(text: str) -> None:
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    blocks = tuple(markdown.find_blocks(text))
    check_spans(text, blocks, split_sentences(text, blocks))


@given(ANY_TEXT)
def test_html_sentences_cover_the_text(text: str) -> None:
    try:
        content: Content = html.load(
            f"<p>{text}</p><ul><li>{text}".encode("utf-8", "ignore"), "a.html"
        )
    except ContentError:
        return  # control characters: not text
    check_spans(content.text, content.blocks, split_sentences(content.text, content.blocks))


def test_abbreviations_and_quotations_do_not_end_a_sentence() -> None:
    text = 'Dr. Weiss met Mr. Kay at 3.14 p.m. on Monday. "Is it true?" she asked. It was.'
    pieces = [text[s.start : s.end] for s in split_sentences(text, [Block(0, len(text))])]
    assert pieces[0] == "Dr. Weiss met Mr. Kay at 3.14 p.m. on Monday."
    assert pieces[-1] == "It was."


def test_very_long_text_is_split_between_words() -> None:
    text = "word " * 1000
    sentences = split_sentences(text, [Block(0, len(text))])
    assert len(sentences) > 5
    assert all(set(text[s.start : s.end].split()) == {"word"} for s in sentences)


def test_headings_are_not_split() -> None:
    text = "Is it? Yes. Part 2"
    assert len(split_sentences(text, [Block(0, len(text), "heading", 1)])) == 1


def pieces(text: str, language: str = "en") -> list[str]:
    spans = split_sentences(text, [Block(0, len(text))], language)
    return [text[span.start : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("We use ASP.NET Core and README.MD files.", "en"),
        ("The logging.Logger class writes config.YAML.", "en"),
        ("See No. 5 and approx. 3 items, Vol. 3, and Eq. 4 too.", "en"),
        ("Under Art. 12 and Sec. IV it is so.", "en"),
        ("It costs 1,000.50 euros, max. 5 min. a day.", "en"),
        ("Das gilt gem. Art. 12 Abs. 3 und für die 2. Auflage.", "de"),
        ("M. Dupont est là, env. 3 euros.", "fr"),
        ("Costó aprox. 3 euros.", "es"),
        ("1. Open the valve.", "en"),
    ],
)
def test_a_name_or_an_abbreviation_does_not_end_a_sentence(text: str, language: str) -> None:
    assert pieces(text, language) == [text]
    assert pieces(f"{text} Then it ends.", language) == [text, "Then it ends."]


def test_sentences_after_numbers_and_short_words_still_end() -> None:
    assert pieces("It was 5 p.m. They left at 6. I stayed.") == [
        "It was 5 p.m.",
        "They left at 6.",
        "I stayed.",
    ]
    assert pieces("这是一个句子。这是第二个句子！", "zh") == ["这是一个句子。", "这是第二个句子！"]


@pytest.mark.parametrize("mark", ["*", "**", "***", "_", "__", "~~"])
def test_the_end_of_emphasis_belongs_to_the_sentence_that_it_ends(mark: str) -> None:
    assert pieces(f"{mark}Take care.{mark} Then go. {mark}Stop!{mark}") == [
        f"{mark}Take care.{mark}",
        "Then go.",
        f"{mark}Stop!{mark}",
    ]
    definition = f"{mark}What is it?{mark}: the rate of a year."
    assert pieces(definition) == [definition]
    assert pieces(f"Take care. {mark}Then{mark} go.") == ["Take care.", f"{mark}Then{mark} go."]
