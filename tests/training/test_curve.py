"""Learning curves of the reader."""

import json
from pathlib import Path

import pytest

from training.curve import main


def write_towns(file: Path, count: int) -> None:
    """Write a file in SQuAD's format with one text and one question about each of some towns."""
    data = []
    for number in range(count):
        context = f"Town {number} has a church. It has {number + 20} lamps. A river runs by."
        answer = f"It has {number + 20} lamps."
        asked = {
            "question": f"How many lamps does town {number} have?",
            "answers": [{"text": answer, "answer_start": context.index(answer)}],
            "level": "sentence",
        }
        data.append(
            {"title": f"Town {number}", "paragraphs": [{"context": context, "qas": [asked]}]}
        )
    file.write_text(json.dumps({"data": data}), "utf-8")


def test_readers_of_all_sizes_are_measured_on_the_same_questions(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write_towns(folder / "towns.squad.json", 26)
    output = tmp_path / "curve.jsonl"
    main(folder, output, ["4", "8,6,9"])
    small, large = map(json.loads, output.read_text("utf-8").splitlines())
    assert (small["size"], small["layers"], small["seed"]) == (4, 12, 7)
    assert (large["size"], large["layers"], large["seed"]) == (8, 6, 9)
    assert small["questions"] == large["questions"] == 3
    assert 0 <= small["right"] <= 1


def test_more_questions_than_there_are_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    write_towns(folder / "towns.squad.json", 13)
    with pytest.raises(SystemExit, match="there are only"):
        main(folder, tmp_path / "curve.jsonl", ["100"])
