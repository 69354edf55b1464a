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
from corpuskit.duplicates.passages import marked, paragraphs
from corpuskit.model import Edit
from corpuskit.reviewing.published import explain_published
from corpuskit.run.build import build, plan_of
from corpuskit.text import apply, check, restore

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


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, list[Edit], list[tuple[int, int, str]]]:
    """A clean text, its ledger, and passages of the clean text."""
    raw = draw(st.text(alphabet="ab \n", min_size=1, max_size=40))
    borders = sorted(draw(st.sets(st.integers(0, len(raw)), max_size=8)))
    ledger = [
        Edit("nav.any.some", start, end, raw[start:end], draw(st.sampled_from(["", "x", " yy "])), "", 0.9)
        for start, end in zip(borders[::2], borders[1::2], strict=False)
    ]
    text = apply(raw, ledger)
    borders = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    return text, ledger, [(*span, "seen") for span in zip(borders[::2], borders[1::2], strict=False)]


@given(edited())
def test_a_mark_changes_nothing_and_covers_what_no_edit_touched(
    made: tuple[str, list[Edit], list[tuple[int, int, str]]],
) -> None:
    """Ledger and texts give one another as before; each letter of a passage that stands in the raw text is marked."""
    text, ledger, passages = made
    raw = restore(text, ledger)
    found = marked(text, ledger, passages)
    check(raw, text, found)
    marks = [edit for edit in found if edit.rule.startswith("passage.")]
    assert ledger == [edit for edit in found if edit not in marks]
    assert all(edit.removed == edit.inserted == edit.removed.strip() for edit in marks)
    # What is left of the passages without what is marked is white space and what edits inserted.
    hidden = list(text)
    shift = 0
    for edit in found:
        if edit in marks:
            hidden[edit.start + shift : edit.end + shift] = " " * len(edit.inserted)
        shift += len(edit.inserted) - (edit.end - edit.start)
    left = "".join("".join(hidden[start:end]) for start, end, _ in passages)
    assert set(left) <= set(" \nxy")


def test_lines_count_where_no_line_is_blank() -> None:
    """A text without blank lines has a paragraph on each line; one with them may wrap its lines."""
    assert [(0, 3), (4, 7)] == [(s, e) for s, e in zip(*_spans("a b\nc d", 2), strict=True)]
    assert [(0, 7), (9, 12)] == [(s, e) for s, e in zip(*_spans("a b\nc d\n\ne f", 2), strict=True)]


def _spans(text: str, least: int) -> tuple[list[int], list[int]]:
    found = paragraphs([text], least)
    return found.starts.tolist(), found.ends.tolist()


@pytest.mark.parametrize("least", [15, 0])
def test_repeated_paragraphs_are_marked_in_the_ledger(tmp_path: Path, least: int) -> None:
    """Those of the same source and of kept documents, in places of the raw text; the texts stay as they are, the ledger
    gives the raw text back, and without the option nothing is looked for."""
    rows: list[dict[str, Any]] = [
        {"id": f"letter-{at}", "source": "Tin", "text": f"{letter}\n\nAdvertisement\n\n{INTRO if at else INTRO.upper()}"}
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
    table = pq.read_table(built.folder / "data").to_pylist()
    texts = {row["id"]: row["text"] for row in table}
    assert not any("Advertisement" in text for text in texts.values())
    kept = sorted(id_ for id_ in texts if id_ != "other")
    assert 3 == len(kept)
    ledger = pq.read_table(built.folder / "removed").to_pylist()
    found = [row for row in ledger if row["family"] == "passage"]
    assert ([*kept] if least else []) == [row["id"] for row in found]
    assert {row["removed"].lower() for row in found} <= {INTRO.lower()}
    evidence = f"{len(INTRO.split())} words that 3 documents of the source have; the first: {kept[0]}"
    assert {("passage.any.repeated", evidence)} >= {(row["rule"], row["evidence"]) for row in found}
    raws = {str(row["id"]): row["text"] for row in rows}
    for row in table:
        names = ("rule", "start", "end", "removed", "inserted", "evidence", "confidence")
        edits = [Edit(*(one[name] for name in names)) for one in ledger if one["id"] == row["id"]]
        assert restore(row["text"], edits) == raws[row["id"]]
        assert row["edits"] == len([edit for edit in edits if not edit.rule.startswith("passage.")])
    shown = explain_published(built.folder, kept[0])
    assert [edit.rule for edit in shown.suspects] == ["passage.any.repeated"] * bool(least)
    assert not any(edit.rule.startswith("passage.") for edit in shown.ledger)
    card = (built.folder / "README.md").read_text()
    assert ("3 passages that several documents of one source have are marked" in card) == bool(least)
    assert "| `passage` |" not in card
