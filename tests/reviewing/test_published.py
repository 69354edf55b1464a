"""Explaining from a published dataset."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuskit import schemas
from corpuskit.errors import InputError
from corpuskit.model import Candidate
from corpuskit.reviewing.explain import explain
from corpuskit.reviewing.published import explain_published

TITLE = Candidate("title", "Tides", "text", "first line", "title.first-line", 0, 5, 0.9)


def write(folder: Path, home: str, schema: pa.Schema, rows: list[dict[str, object]]) -> None:
    """Write one config."""
    full = [{**dict.fromkeys(schema.names), **row} for row in rows]
    (folder / home).mkdir(parents=True)
    pq.write_table(pa.Table.from_pylist(full, schema=schema), folder / home / "train-00000-of-00001.parquet")


def publish(folder: Path, removed: str | None) -> None:
    """A dataset of two documents, one of them with a cut."""
    text = "Tides\nThe water came back.\n"
    write(
        folder,
        "data",
        schemas.DATA,
        [
            {"id": "a", "text": "x"},
            {"id": "b", "text": text, "evidence": [{**asdict(TITLE), "chosen": True}]},
        ],
    )
    cut = {
        "rule": "share.en.like",
        "start": 6,
        "end": 12,
        "removed": removed,
        "inserted": "",
        "confidence": 0.9,
    }
    write(folder, "removed", schemas.REMOVED, [{"id": "b", **cut}, {"id": "c", **cut}])


def test_raw_text_comes_back(tmp_path: Path) -> None:
    """Clean text and ledger of a published document give the same explanation as its raw text."""
    publish(tmp_path, "Like!\n")
    found = explain_published(tmp_path, "b")
    assert "Tides\nLike!\nThe water came back.\n" == found.raw
    assert explain(found.raw, found.ledger, name="b", chosen=[TITLE]) == found


def test_what_is_masked_is_blotted_out(tmp_path: Path) -> None:
    """A removed text that is not published is shown as blots of its length."""
    publish(tmp_path, None)
    assert "Tides\n██████The water came back.\n" == explain_published(tmp_path, "b").raw


def test_what_cannot_be_explained(tmp_path: Path) -> None:
    """An unknown id is an error in one line."""
    publish(tmp_path, "Like!\n")
    with pytest.raises(InputError, match="has no document with the id 'z'"):
        explain_published(tmp_path, "z")
