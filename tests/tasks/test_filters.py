"""Filters on JSON Lines: what becomes of odd rows."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import zstandard

from corpuskit.cleaning import Options as CleanOptions
from corpuskit.duplicates.options import Options as DedupOptions
from corpuskit.metadata.options import Options as EnrichOptions
from corpuskit.tasks import filters

FILTERS: dict[str, Callable[[], Any]] = {"clean": CleanOptions, "enrich": EnrichOptions, "dedup": DedupOptions}
GOOD = b'{"id":"good","text":"The tide table hung by the door, and nobody read it."}\n'


def run(name: str, folder: Path, data: bytes) -> tuple[list[dict[str, Any]], list[tuple[str, str]]]:
    """Return the rows that the filter `name` writes, and row and reason of those that it refuses."""
    (folder / "in.jsonl").write_bytes(data)
    done = getattr(filters, name)(
        folder / "in.jsonl", folder / "out.jsonl", progress=lambda *_: None, options=FILTERS[name]()
    )
    assert all(row.path == str(folder / "in.jsonl") and row.message and row.remedy for row in done.refused)
    rows = [json.loads(line) for line in (folder / "out.jsonl").read_bytes().splitlines()]
    return rows, [(row.record, row.reason) for row in done.refused]


@pytest.mark.parametrize("name", ["clean", "enrich"])
@pytest.mark.parametrize(
    "value", [rb'"\ud83d"', b"12345678901234567890123", b"0.12345678901234567890", b"NaN", b"[1e400]", b'{"a": "\xc3\xa9"}']
)
def test_odd_values_pass_through(name: str, value: bytes, tmp_path: Path) -> None:
    """A value that no filter looks at leaves as it came, whatever it is."""
    rows, refused = run(name, tmp_path, b'{"text":"A fine text.","odd":' + value + b"}\n" + GOOD)
    assert (len(rows), refused) == (2, [])
    assert b'"odd":' + value + b"," in (tmp_path / "out.jsonl").read_bytes()


EDIT = b'{"text":"A text.","edits":[{"rule":"a.b.c","start":%b,"end":3,"removed":"old","inserted":"new","confidence":1}]}'


@pytest.mark.parametrize(
    ("name", "row", "reason"),
    [
        ("enrich", b'{"text":"A text.","edits":5}', "bad-edits"),
        ("enrich", b'{"text":"A text.","edits":[{"rule":"a.b.c"}]}', "bad-edits"),
        ("enrich", EDIT % b'"0"', "bad-edits"),
        ("enrich", EDIT % b"0", "bad-edits"),
        ("dedup", rb'{"text":"A text.","id":"\ud83d"}', "lone-surrogate"),
        ("clean", b'{"text":"A text.","a":1,"a":2}', "same-name"),
        ("clean", b'{"text":null}', "no-text"),
    ],
)
def test_a_row_that_cannot_be_used_takes_no_other_with_it(name: str, row: bytes, reason: str, tmp_path: Path) -> None:
    """It is refused with row and reason, and the rest goes on."""
    rows, refused = run(name, tmp_path, GOOD + row + b"\n" + GOOD.replace(b"good", b"better"))
    assert refused == [("2", reason)]
    assert len(rows) == (1 if name == "dedup" else 2)


def test_a_column_that_only_has_the_name_of_ours_stays(tmp_path: Path) -> None:
    """`extracted` is taken up and goes when `clean` wrote it; another's passes through."""
    rows, refused = run("enrich", tmp_path, b'{"text":"A text.","extracted":"2021"}\n{"text":"B.","extracted":[{"a":1}]}\n')
    assert ([row["extracted"] for row in rows], refused) == (["2021", [{"a": 1}]], [])


@pytest.mark.parametrize("kind", ["gz", "gz-cut", "zst"])
def test_damaged_packed_input_is_read_as_far_as_it_goes(kind: str, tmp_path: Path) -> None:
    """What stands before the damage is filtered; the rest is refused as one, with row and byte."""
    data = b"".join(b'{"text":"%b"}\n' % sha256(bytes([n])).hexdigest().encode() * 9 for n in range(200))
    packed = zstandard.compress(data) if kind == "zst" else gzip.compress(data)
    half = len(packed) // 2
    path = tmp_path / f"in.jsonl.{kind[:3].rstrip('-')}"
    path.write_bytes(packed[:half] if kind == "gz-cut" else packed[:half] + bytes(64) + packed[half + 64 :])
    result = filters.Filtered()
    read = [row for batch in filters.rows(path, "text", result) for row in batch]
    *wrong, rest = result.refused  # what is unpacked last may be wrong already
    assert (rest.reason, rest.record) == ("broken-archive", str(len(read) + len(wrong) + 1))
    assert len(read) < 1800
