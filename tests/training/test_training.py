"""Training data of the reader: questions, sentences that answer them, and negatives."""

import json
import lzma
import random
from pathlib import Path

import numpy as np
import pytest
import torch

from index import MULTILINGUAL_MODEL, WordEmbeddings, load_words
from rag.reader import encode_window
from rag.reader.model import WEIGHTS, load_reader, open_reader
from training import reader as trained
from training.backbone import load_backbone
from training.examples import Collection, Example, Text, read_squad
from training.export import export_reader
from training.headings import read_docs
from training.negatives import find_negatives
from training.reader import Batch, Reader, collate, measure_loss, run_batch, score_sentences, train
from training.retrieved import is_part, read_groups, split_words
from training.scale import match_scale
from training.warm_start import average_weights, load_weights
from training.windows import Window, make_group

PAGE = "Opening hours\nMonday: 9 to 12\nTuesday: closed\nParking is behind the house."


@pytest.fixture(scope="module")
def words() -> WordEmbeddings:
    return load_words(MULTILINGUAL_MODEL)


def write_squad(file: Path, *questions: dict[str, object], context: str = PAGE) -> Path:
    paragraph = {"context": context, "qas": list(questions)}
    data = {"data": [{"title": "House", "paragraphs": [paragraph]}]}
    file.write_bytes(lzma.compress(json.dumps(data).encode()))
    return file


def answer(text: str, context: str = PAGE) -> dict[str, object]:
    return {"text": text, "answer_start": context.index(text)}


def test_all_sentences_of_an_answer_are_positives(tmp_path: Path) -> None:
    asked = {
        "question": "When is it open?",
        "answers": [answer("Monday: 9 to 12"), answer("Tuesday: closed")],
        "level": "sentence",
    }
    (example,) = read_squad(write_squad(tmp_path / "a.squad.json.xz", asked)).examples
    assert (example.sentences, example.level, example.span) == ((1, 2), "sentence", None)


def test_a_passage_label_marks_no_single_sentence(tmp_path: Path) -> None:
    asked = {"question": "When?", "answers": [answer(PAGE[:46])], "level": "passage"}
    (example,) = read_squad(write_squad(tmp_path / "a.squad.json.xz", asked)).examples
    assert (example.sentences, example.level) == ((0, 1, 2), "passage")


def test_a_short_answer_is_marked_in_its_sentence(tmp_path: Path) -> None:
    asked = {"question": "Where can I park?", "answers": [answer("behind the house")]}
    collection = read_squad(write_squad(tmp_path / "a.squad.json.xz", asked))
    (example,) = collection.examples
    assert example.sentences == (3,)
    start, end = example.span or (0, 0)
    assert collection.texts[0].paragraphs[0][3][start:end] == "behind the house"


def test_a_question_without_answer_is_kept_if_marked(tmp_path: Path) -> None:
    impossible = {"question": "Is there a pool?", "answers": [], "is_impossible": True}
    unknown = {"question": "Who lives there?", "answers": []}
    collection = read_squad(write_squad(tmp_path / "a.squad.json.xz", impossible, unknown))
    assert [(e.question, e.sentences) for e in collection.examples] == [("Is there a pool?", ())]


def test_wrapped_lines_do_not_end_a_sentence(tmp_path: Path) -> None:
    context = "The king was old and\nhad three sons, of whom\nthe youngest was kind. He left."
    asked = {"question": "Who was kind?", "answers": [answer("the youngest", context)]}
    found = read_squad(write_squad(tmp_path / "a.squad.json.xz", asked, context=context))
    assert len(found.texts[0].paragraphs[0]) == 2


def test_negatives_come_from_the_same_text_first_and_never_answer() -> None:
    own = Text("House", (("The house is old.", "The old house is red.", "It rains."),))
    other = Text("Car", (("The old car is red.",),))
    example = Example("Which old house is red?", 0, 0, (1,), None, ("red",))
    (found,) = find_negatives(Collection((own, other), (example,)), 4)
    assert found[0] == (0, 0, 0)
    assert (0, 0, 1) not in found
    assert (1, 0, 0) not in found  # contains the accepted answer


def test_windows_have_known_labels(words: WordEmbeddings) -> None:
    text = Text("House", (("It opens at nine.", "It closes at ten.", "It is red."), ("No.",) * 12))
    collection = Collection((text,), ())
    chance = random.Random(1)
    example = Example("When does it open?", 0, 0, (0, 1), None, (), "passage")
    right, wrong = make_group(words, collection, example, [(0, 1, 6)], chance)
    assert right.right <= {0, 1, 2} and right.right and not right.certain
    assert not wrong.right
    impossible = Example("Is there a pool?", 0, 0, (), None, ())
    group = make_group(words, collection, impossible, [(0, 0, 0)], chance)
    assert [window.right for window in group] == [frozenset()]


def lose(windows: list[Window], likely: list[float]) -> float:
    """Return the loss of one group whose sentences have the given logits."""
    batch = collate([windows])
    outputs = torch.full((len(windows), batch.ids.shape[1], 4), 0.0)
    for row, logit in zip(range(len(likely)), likely, strict=True):
        outputs[batch.sequence[row]][batch.sentences[row] > 0, 0] = logit
    return float(measure_loss(outputs, batch)[0])


def test_a_passage_needs_one_likely_sentence(words: WordEmbeddings) -> None:
    def window(right: set[int], *, certain: bool) -> Window:
        tokens = encode_window(words, "When?", "", ["At nine.", "It rains."])
        return Window(tokens, frozenset(right), certain, None)

    wrong = window(set(), certain=True)
    unsure, sure = window({0, 1}, certain=False), window({0, 1}, certain=True)
    one, both = [5.0, -5.0, -5.0, -5.0], [5.0, 5.0, -5.0, -5.0]
    assert lose([unsure, wrong], one) == pytest.approx(lose([unsure, wrong], both), abs=0.02)
    assert lose([sure, wrong], one) > lose([sure, wrong], both) + 1


def test_a_question_without_an_answer_is_lost_by_one_likely_sentence(words: WordEmbeddings) -> None:
    tokens = encode_window(words, "When?", "", ["At nine.", "It rains."])
    windows = [Window(tokens, frozenset(), True, None)] * 8
    unlikely = [-5.0] * 16
    assert lose(windows, [*unlikely[:-1], 5.0]) > lose(windows, unlikely) + 2


def test_headings_become_questions_for_their_sections(tmp_path: Path) -> None:
    (tmp_path / "manual.md").write_text(
        "# Printer manual\n\nAll about it.\n\n## How to change the paper\n\nOpen the tray.\n\n"
        "1. Take the old paper out.\n2. Put the new paper in.\n\n## Can it scan?\n\nIt cannot.\n"
        "There is no glass.\n\n## License\n\nIt is free.\nFor all.\n"
    )
    collection = read_docs(tmp_path)
    scan, paper = sorted(collection.examples, key=lambda example: example.question)
    assert scan.question == "Can it scan?"
    assert "change the paper" in paper.question
    (text,) = collection.texts
    section = [text.paragraphs[0 + paper.paragraph][i] for i in paper.sentences]
    assert section == ["Open the tray.", "Take the old paper out.", "Put the new paper in."]
    assert "change the paper" not in text.headed[paper.paragraph]


@pytest.mark.filterwarnings("ignore")  # of torch's TorchScript exporter
def test_a_reader_of_fewer_layers_is_exported_as_it_is(
    tmp_path: Path, words: WordEmbeddings
) -> None:
    assert load_backbone().config.num_hidden_layers == 12
    reader = Reader(load_backbone(layers=2), words)
    export_reader(reader, tmp_path / "weights.onnx")
    tokens = encode_window(words, "Wie hoch ist er?", "Türme", ["Er ist 50 m hoch.", "Regen."])
    ids = torch.tensor([tokens.ids])
    with torch.no_grad():
        outputs = reader(reader.embed(ids), torch.tensor([tokens.types]), torch.ones_like(ids))
    exported = open_reader(tmp_path / "weights.onnx").network.run(tokens)
    assert np.abs(outputs[0].numpy() - exported).mean() < 0.1


def test_logits_are_put_on_the_scale_of_another_reader(words: WordEmbeddings) -> None:
    shipped, stretched = (Reader(load_backbone(), words) for _ in range(2))
    for reader in (shipped, stretched):
        load_weights(reader, WEIGHTS)
    with torch.no_grad():
        stretched.head.weight[:2] *= 3
        stretched.head.bias[:2] *= 3
        stretched.head.bias[0] += 2
    rows = [
        ("How tall is it?", ["It is 50 m tall.", "It rains."], {0}),
        ("When does it open?", ["It rains.", "It opens at nine."], {1}),
        ("Who is the keeper?", ["It is 50 m tall.", "It opens at nine.", "Nora Lind is."], {2}),
        ("Who painted it?", ["It is painted red.", "It rains."], set()),
        # Labels that the readers do not expect: otherwise the best slope has no end.
        ("How tall is it?", ["It is 50 m tall.", "It rains."], {1}),
        ("When does it open?", ["It opens at nine.", "It rains."], set()),
    ]
    groups = [
        [Window(encode_window(words, asked, "Tower", told), frozenset(right), True, None)]
        for asked, told, right in rows
    ]
    match_scale(stretched, groups, shipped)
    with torch.no_grad():
        assert torch.allclose(stretched.head.weight, shipped.head.weight, rtol=0.05)
        assert torch.allclose(stretched.head.bias, shipped.head.bias, rtol=0.05, atol=0.3)


@pytest.fixture
def tower(words: WordEmbeddings) -> list[list[Window]]:
    """Six questions of different lengths about a tower."""
    told = ["It is 50 m tall.", "It opens at nine.", "Nora Lind is the keeper, as her mother was."]
    return [
        [
            Window(encode_window(words, asked, "Tower", told[:count]), frozenset(), True, None),
            Window(encode_window(words, asked, "", told), frozenset({count - 1}), True, None),
        ]
        for asked in ("How tall is it?", "When can I come?")
        for count in (1, 2, 3)
    ]


def test_sequences_have_the_same_outputs_whatever_they_are_read_with(
    words: WordEmbeddings, tower: list[list[Window]], monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.manual_seed(7)
    reader = Reader(load_backbone(layers=2), words).eval()
    batch = collate(tower)
    assert batch.mask.sum(1).unique().numel() > 2
    with torch.no_grad():
        whole = score_sentences(run_batch(reader, batch), batch)
        monkeypatch.setattr(trained, "_READ_TOGETHER", 2)
        parted = score_sentences(run_batch(reader, batch), batch)
    assert torch.allclose(whole, parted, atol=0.05)


def test_a_stopped_training_goes_on_where_it_was(
    tmp_path: Path,
    words: WordEmbeddings,
    tower: list[list[Window]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def make() -> Reader:
        return Reader(load_backbone(layers=1), words)

    def stop(reader: Reader, batch: Batch) -> torch.Tensor:
        read.append(batch)
        if len(read) == 4:
            raise KeyboardInterrupt
        return run_batch(reader, batch)

    read: list[Batch] = []
    monkeypatch.setattr(trained, "_KEPT_EVERY", 2)
    torch.manual_seed(7)
    whole, stopped = make(), make()
    stopped.load_state_dict(whole.state_dict())
    assert list(train(whole, tower, size=1)) == [6]
    state = tmp_path / "training.state"
    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(trained, "run_batch", stop)
        list(train(stopped, tower, size=1, state=state))
    other = make()
    assert list(train(other, tower, size=1, state=state)) == [6]
    assert torch.allclose(other.head.weight, whole.head.weight)
    with pytest.raises(ValueError, match="a training with 6 steps, not 3"):
        list(train(make(), tower, size=2, state=state))


def test_training_continues_from_a_checkpoint(tmp_path: Path, words: WordEmbeddings) -> None:
    one, other = (Reader(load_backbone(layers=1), words) for _ in range(2))
    torch.save(one.state_dict(), tmp_path / "reader.pt")
    assert not torch.equal(one.head.weight, other.head.weight)
    load_weights(other, tmp_path / "reader.pt")
    assert torch.equal(one.head.weight, other.head.weight)


def test_weights_are_the_mean_of_two_readers(words: WordEmbeddings) -> None:
    reader, other = (Reader(load_backbone(layers=1), words) for _ in range(2))
    with torch.no_grad():
        reader.head.weight.fill_(1.0)
        other.head.weight.fill_(2.0)
    average_weights(reader, other)
    assert torch.allclose(reader.head.weight, torch.tensor(1.5))
    assert torch.allclose(other.head.weight, torch.tensor(2.0))


def test_training_continues_from_the_shipped_weights(words: WordEmbeddings) -> None:
    reader = Reader(load_backbone(), words)
    load_weights(reader, WEIGHTS)
    reader.eval()
    windows = [
        ("How tall is it?", "Towers", ["It is 50 m tall.", "Rain."]),
        ("Who may vote in the council?", "Charter: Voting", ["Each member has one vote."]),
        (
            "Wie lange ist der Pass gültig?",
            "Pass",
            ["Der Pass gilt zehn Jahre.", "Er kostet 60 Euro."],
        ),
        ("How do I restart it?", "Router: Resets", ["Hold the button.", "Wait for the light."]),
    ]
    differences = []
    for window in windows:
        tokens = encode_window(words, *window)
        ids = torch.tensor([tokens.ids])
        with torch.no_grad():
            outputs = reader(reader.embed(ids), torch.tensor([tokens.types]), torch.ones_like(ids))
        shipped = load_reader().network.run(tokens)
        differences.append(np.abs(outputs[0].numpy() - shipped).mean())
    # ONNX Runtime also quantises activations; torch does not, so the outputs differ slightly.
    assert np.mean(differences) < 0.25
    assert np.abs(shipped).max() > 2


def test_windows_of_a_folder_are_those_that_the_retriever_finds(
    tmp_path: Path, words: WordEmbeddings
) -> None:
    documents = tmp_path / "sets" / "club"
    documents.mkdir(parents=True)
    (documents / "boats.md").write_text(
        "# Boats\n\n## Booking\n\nBook a boat in one of these ways:\n\n"
        "- by phone\n- at the house\n\n"
        "## Fees\n\nA day with the skiff costs 12 euros. Guests pay twice as much.\n",
        "utf-8",
    )
    questions = [
        {"question": "How do I reserve one?", "evidence": ["by phone", "at the house"]},
        {"question": "What does a week with the skiff cost?", "evidence": []},
        {"question": "Who built the house?", "evidence": ["a sentence that is nowhere"]},
    ]
    lines = [json.dumps({"set": "club", "documents": ["boats.md"], **each}) for each in questions]
    (tmp_path / "questions.jsonl").write_text("\n".join(lines), "utf-8")
    reserved, cost = read_groups(tmp_path, words)
    right = {
        window.tokens.ids[slice(*window.tokens.sentences[number])]
        for window in reserved
        for number in window.right
    }
    assert right == {tuple(words.read(item)[0]) for item in ("by phone", "at the house")}
    assert all(window.certain for window in reserved)
    assert cost
    assert not any(window.right for window in cost)


@pytest.mark.parametrize(
    ("excerpt", "sentence", "right"),
    [
        ("by phone or letter", "- by phone, or letter.", True),
        ("12,Skiff,4", "number: 12 | boat: Skiff | seats: 4", True),
        ("Rinse the hull with water and dry it", "Rinse the hull with water", True),
        ("Rinse the hull with water and dry it", "the hull", False),
        ("by phone", "Call the keeper.", False),
    ],
)
def test_sentences_that_overlap_enough_are_right(
    excerpt: str, sentence: str, *, right: bool
) -> None:
    assert is_part(split_words(excerpt), split_words(sentence)) is right
