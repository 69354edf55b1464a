"""Cleaning raw/ does what its labels say a careful editor does: no line and no span more or less."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from corpuskit.cleaning import Options
from corpuskit.cleaning.phases import Owner, cleaner
from corpuskit.model import Document
from corpuskit.sources import Options as Reading
from corpuskit.sources import discover, load_sources, read

ROOT = Path(__file__).parents[2]
LABELS: list[dict[str, Any]] = json.loads((ROOT / "tests/golden/raw-labels.json").read_text(encoding="utf-8"))[
    "documents"
]


def documents() -> dict[tuple[str, int | None], Document]:
    """The documents of raw/ by path and record, as ingest reads them."""
    found = {}
    declared = load_sources(ROOT / "raw/sources.toml")
    for file in discover(ROOT / "raw", Reading()):
        for number, document in enumerate(read(ROOT / "raw", file, declared, Reading()), 1):
            if isinstance(document, Document):
                row = number if document.provenance.record else None
                found[document.provenance.path, row] = document
    return found


DOCUMENTS = documents()


@pytest.mark.parametrize("label", LABELS, ids=[f"{d['path']}#{d['row'] or ''}" for d in LABELS])
def test_only_residue_goes(label: dict[str, Any]) -> None:
    """Every labelled line and span of a sample text is cut, and every other line stays word for word, in order."""
    document = DOCUMENTS[label["path"], label["row"]]
    cleaned = cleaner(Options()).clean([document.text], [Owner(document.source, document.given)])[0]
    expected = []
    for number, line in enumerate(document.text.split("\n"), 1):
        if line.strip() and str(number) not in label["remove"]:
            kept = label["repairs"].get(str(number), line)
            for _, span in label["spans"].get(str(number), ()):
                kept = kept.replace(span, "")
            expected.append(kept.split())
    assert expected == [line.split() for line in cleaned.text.split("\n") if line.strip()]
