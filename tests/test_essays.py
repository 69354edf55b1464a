"""The four real essays: what a careful editor takes out goes, every other line stays, and the fields are right."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from corpuskit.config import BuildOptions, Config
from corpuskit.run.build import Built, build, plan_of


@pytest.fixture(scope="module")
def built(shared: Path, tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The dataset of the four essays alone."""
    home = tmp_path_factory.mktemp("essays")
    raw = home / "raw"
    raw.mkdir()
    for path in sorted((shared / "essays").glob("*.txt")):
        (raw / path.name).write_bytes(path.read_bytes())
    config = Config(build=BuildOptions(raw=str(raw), processed=str(home / "processed")))
    return build(plan_of(config, home))


@pytest.fixture(scope="module")
def gold(shared: Path) -> dict[str, Any]:
    """What the editor does."""
    documents: dict[str, Any] = json.loads((shared / "essays" / "gold.json").read_text("utf-8"))["documents"]
    return documents


def rows(built: Built) -> dict[str, dict[str, Any]]:
    """The published rows by file name."""
    table = pq.read_table(built.folder / "data")
    return {row["path"]: row for row in table.to_pylist()}


def test_nothing_is_merged_held_or_quarantined(built: Built) -> None:
    """Four essays about one film are four works."""
    assert built.funnel is not None
    assert (built.funnel.read, built.funnel.kept) == (4, 4)


def test_exactly_the_marked_lines_are_gone(built: Built, gold: dict[str, Any], shared: Path) -> None:
    """Each kept non-blank line survives word for word and in order; each marked line and span is gone."""
    removed_lines = removed_spans = 0
    for name, marks in gold.items():
        raw = (shared / "essays" / name).read_text("utf-8").split("\n")
        expected = []
        for number, line in enumerate(raw, 1):
            if str(number) in marks["remove"]:
                removed_lines += 1
                continue
            if str(number) in marks["spans"]:
                removed_spans += 1
                line = line.replace(marks["spans"][str(number)], "").strip()
            if line.strip():
                expected.append(line)
        actual = [line for line in rows(built)[name]["text"].split("\n") if line.strip()]
        assert actual == expected
    assert (removed_lines, removed_spans) == (17, 1)


def test_the_fields_are_the_editors(built: Built, gold: dict[str, Any]) -> None:
    """Title, authors, editors, image credits and language equal the gold; what nobody stated is null or empty."""
    found = {
        name: {
            "title": row["title"],
            "authors": row["authors"],
            "editors": row["editors"],
            "source": row["source"] or None,
            "image_credits": row["image_credits"],
            "language": row["language"],
        }
        for name, row in rows(built).items()
    }
    assert found == {name: marks["metadata"] for name, marks in gold.items()}


def test_removed_rows_give_the_raw_text_back(built: Built, shared: Path) -> None:
    """The published ledger alone turns each clean text into the raw one."""
    ledger: dict[str, list[dict[str, Any]]] = {}
    for row in pq.read_table(built.folder / "removed").to_pylist():
        ledger.setdefault(row["id"], []).append(row)
    for name, row in rows(built).items():
        parts, at, raw_at = [], 0, 0
        for edit in ledger.get(row["id"], []):
            kept = edit["start"] - raw_at
            parts += [row["text"][at : at + kept], edit["removed"]]
            at += kept + len(edit["inserted"])
            raw_at = edit["end"]
        parts.append(row["text"][at:])
        assert "".join(parts) == (shared / "essays" / name).read_text("utf-8")
