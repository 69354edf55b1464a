"""Evaluation texts: what shares their word sequences is listed, or left out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpuskit.config import BuildOptions, Config
from corpuskit.duplicates.decontaminate import DecontaminateOptions
from corpuskit.errors import ConfigError, InputError
from corpuskit.run.build import Built, build, plan_of

QUESTION = (
    "A ferry leaves the northern pier every forty minutes and a rowing boat leaves it every quarter of an hour; "
    "after how many hours do both leave together again?"
)
SHORT = "Which harbour froze twice in 1893?"
WALK = "On the way home the children counted the herring barrels, and the smallest of them lost count on purpose, as always."
QUIZ = f"{WALK} The teacher had written on the board: {QUESTION} Nobody knew, and nobody was asked."
LINE = f"The captain laughed. {SHORT.lower().replace('?', '')}, he asked, and the whole table looked at the window."
REPRINT = QUIZ + " The board was wiped on Friday."


def run(home: Path, texts: dict[str, str], evaluation: str, **options: Any) -> Built:
    """Build texts against the lines of an evaluation file."""
    raw = home / "raw"
    raw.mkdir(parents=True)
    (raw / "rows.jsonl").write_text("".join(json.dumps({"id": id_, "text": text}) + "\n" for id_, text in texts.items()))
    (home / "quiz").mkdir()
    (home / "quiz" / "questions.jsonl").write_text(evaluation)
    chosen = DecontaminateOptions(**{"against": ("quiz",), "column": "question", **options})
    config = Config(build=BuildOptions(raw=str(raw), processed=str(home), workers=1), decontaminate=chosen)
    return build(plan_of(config, home))


EVALUATION = "".join(json.dumps({"question": text}) + "\n" for text in (QUESTION, SHORT, "Why is the sky blue at noon?"))
TEXTS = {"walk": WALK, "quiz": QUIZ, "line": LINE, "reprint": REPRINT}


def rows(built: Built, config: str) -> list[dict[str, Any]]:
    """Rows of a published config."""
    found: list[dict[str, Any]] = pq.read_table(built.folder / config).to_pylist()
    return found


def test_what_shares_an_evaluation_text_is_listed_with_the_passage(tmp_path: Path) -> None:
    """Report: all stays as it was, the pairs are published with file, record, shares and passage, and the card has the
    number."""
    built = run(tmp_path, TEXTS, EVALUATION)
    assert ["line", "reprint"] == [row["id"] for row in rows(built, "data")]
    found = rows(built, "overlaps")
    assert [("line", "quiz/questions.jsonl, record 2"), ("reprint", "quiz/questions.jsonl, record 1")] == [
        (row["id"], row["evaluation"]) for row in found
    ]
    assert [QUESTION.rstrip("?")] == [row["passage"] for row in found if row["id"] == "reprint"]
    assert [1.0, 1.0] == [row["evaluation_share"] for row in found]
    assert {False} == {row["dropped"] for row in found}
    assert "2 pairs of a document and an evaluation text" in (built.folder / "README.md").read_text()


def test_what_is_dropped_takes_no_other_text_with_it(tmp_path: Path) -> None:
    """Drop: such documents are filtered before copies are looked for, so a text that stood in one of them stays."""
    built = run(tmp_path, TEXTS, EVALUATION, action="drop")
    assert ["walk"] == [row["id"] for row in rows(built, "data")]
    assert [("line", True), ("quiz", True), ("reprint", True)] == [
        (row["id"], row["dropped"]) for row in rows(built, "overlaps")
    ]
    assert built.funnel is not None
    assert (("filtered", "evaluation", 3),) == built.funnel.reasons


def test_evaluation_texts_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    """A record without a text is named: a question that is not indexed would not be found."""
    with pytest.raises(InputError, match=r"quiz/questions\.jsonl, record 2"):
        run(tmp_path, {"walk": WALK}, EVALUATION.split("\n")[0] + '\n{"answer": 7}\n')
    with pytest.raises(ConfigError, match=r"\[decontaminate\] column = 'answered': .*no column 'answered'"):
        run(tmp_path / "column", {"walk": WALK}, EVALUATION, column="answered")
    with pytest.raises(ConfigError, match="there is no such file or folder"):
        run(tmp_path / "again", {"walk": WALK}, EVALUATION, against=("nothing.txt",))


@pytest.mark.parametrize(
    ("options", "message"),
    [({"action": "dropp"}, "did you mean 'drop'"), ({"share": 0.0}, "share"), ({"words": 2}, "at least 5")],
)
def test_wrong_options_are_refused(options: dict[str, Any], message: str) -> None:
    """A value that would find nothing, or everything, is named."""
    with pytest.raises(ConfigError, match=message):
        DecontaminateOptions(**options)
