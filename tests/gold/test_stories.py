"""Of stories nothing is lost but what is listed."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpuskit.cleaning import clean_batch

ROWS: list[dict[str, Any]] = [
    json.loads(line) for line in (Path(__file__).parent / "stories.jsonl").read_text(encoding="utf-8").split("\n") if line
]


@pytest.mark.parametrize("row", ROWS, ids=[row["id"] for row in ROWS])
def test_stories_stay(row: dict[str, Any]) -> None:
    """Each line stays as it is, but for those of `lost`, which all go."""
    (cleaned,) = clean_batch(["\n".join(row["lines"])])
    lost, start = [], 0
    for number, line in enumerate(row["lines"], 1):
        end = start + len(line)
        if any(edit.start < end and start < edit.end for edit in cleaned.ledger):
            lost.append(number)
        start = end + 1
    assert row.get("lost", []) == lost


@pytest.mark.parametrize(("kind", "count", "rows", "lines"), [("story", 53, 6, 20), ("told", 48, 20, 78)])
def test_most_stories_stay_whole(kind: str, count: int, rows: int, lines: int) -> None:
    """The list of what is lost is no way out."""
    texts = [row for row in ROWS if row["id"].startswith(kind)]
    assert len(texts) == count
    assert sum("lost" in row for row in texts) <= rows
    assert sum(len(row.get("lost", ())) for row in texts) <= lines
