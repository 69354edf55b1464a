"""Paragraphs that several documents of a source have."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpuskit.config import BuildOptions, Config
from corpuskit.duplicates.options import Options
from corpuskit.duplicates.passages import paragraphs
from corpuskit.run.build import build, plan_of

INTRO = "These letters were found in a tin below the stairs, and nobody in the house had known that they were there."
LETTERS = [
    "The first letter speaks of nothing but herring. It was a good year for herring, it seems, and a bad one for ink.",
    "In the second letter there is a wedding to which the writer was not asked. She describes every dish of it.",
    "The third was never finished. It breaks off in the middle of a sentence about the new lamp on the pier road.",
]


@given(st.lists(st.text(alphabet="ab \n", max_size=40), max_size=5), st.integers(1, 4))
def test_paragraphs_are_long_and_apart(texts: list[str], least: int) -> None:
    """Each has the words asked for, begins and ends with one, and none overlaps the next."""
    found = paragraphs(texts, least)
    last = (-1, 0)
    columns = (getattr(found, name).tolist() for name in ("texts", "starts", "ends", "words"))
    for at, start, end, words in zip(*columns, strict=True):
        piece = texts[at][start:end]
        assert words == len(piece.split()) >= least
        assert piece == piece.strip()
        assert (at, start) >= last
        last = (at, end)


def test_lines_count_where_no_line_is_blank() -> None:
    """A text without blank lines has a paragraph on each line; one with them may wrap its lines."""
    assert [(0, 3), (4, 7)] == [(s, e) for s, e in zip(*_spans("a b\nc d", 2), strict=True)]
    assert [(0, 7), (9, 12)] == [(s, e) for s, e in zip(*_spans("a b\nc d\n\ne f", 2), strict=True)]


def _spans(text: str, least: int) -> tuple[list[int], list[int]]:
    found = paragraphs([text], least)
    return found.starts.tolist(), found.ends.tolist()


@pytest.mark.parametrize("least", [15, 0])
def test_repeated_paragraphs_are_listed_by_place(tmp_path: Path, least: int) -> None:
    """Those of the same source and of kept documents; the texts stay as they are, and without the option nothing is
    looked for."""
    rows: list[dict[str, Any]] = [
        {"id": f"letter-{at}", "source": "Tin", "text": f"{letter}\n\n{INTRO if at else INTRO.upper()}"}
        for at, letter in enumerate(LETTERS)
    ]
    rows += [{"id": "other", "source": "Elsewhere", "text": f"{INTRO}\n\nAnd so on, in another paper altogether."}]
    rows += [{"id": "copy", "source": "Tin", "text": rows[1]["text"].lower()}]
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = Config(
        build=BuildOptions(raw=str(tmp_path / "raw"), processed=str(tmp_path), workers=1), dedup=Options(passages=least)
    )
    built = build(plan_of(config, tmp_path))
    texts = {row["id"]: row["text"] for row in pq.read_table(built.folder / "data").to_pylist()}
    kept = sorted(id_ for id_ in texts if id_ != "other")
    assert 3 == len(kept)
    folder = built.folder / "passages"
    found = pq.read_table(folder).to_pylist() if folder.is_dir() else []
    assert ([*kept] if least else []) == [row["id"] for row in found]
    assert all(texts[row["id"]][row["start"] : row["end"]].lower() == INTRO.lower() for row in found)
    assert {(3, kept[0], len(INTRO.split()), "passage.any.repeated")} >= {
        (row["documents"], row["first"], row["words"], row["rule"]) for row in found
    }
