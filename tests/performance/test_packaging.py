"""Packaging reads many shards in one order, and holds a part of their rows, however many shards and documents there are."""

from __future__ import annotations

import gc
import random
import tracemalloc
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from corpuskit import schemas
from corpuskit.dataset.card_file import CardFile
from corpuskit.dataset.folder import place
from corpuskit.dataset.options import Options
from corpuskit.dataset.verify import Report
from corpuskit.sources import Sources
from corpuskit.tasks import merge, package, shards

_ROWS = 300  # of a shard: more than a batch


def _shards(folder: Path, count: int, size: int = 30) -> list[merge.Files]:
    """Write `count` shards, each of two files whose rows stand beside each other."""
    names, texts = (pa.schema([(name, pa.string())]) for name in ("id", "text"))
    found = []
    for number in range(count):
        ids = [f"{row:04d}-{number:03d}" for row in range(_ROWS)]
        rows = [id_.ljust(size) for id_ in ids]
        one, other = folder / f"{number}.names", folder / f"{number}.texts"
        shards.write(one, names, pa.table({"id": ids}, names).to_batches(shards.ROWS))
        shards.write(other, texts, pa.table({"text": rows}, texts).to_batches(shards.ROWS))
        found.append([(one, ["id"]), (other, ["text"])])
    return found


def _order(count: int) -> merge.Order:
    """All rows of so many shards, by row and then shard, which is the order of their ids."""
    shard = np.tile(np.arange(count, dtype=np.int32), _ROWS)
    return merge.Order(shard, np.repeat(np.arange(_ROWS, dtype=np.int64), count))


@pytest.mark.parametrize("part", [1, 500, 20_000, 1 << 30])
def test_parts_change_no_row(part: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows come in the order asked for, whatever it is and into how many parts they are dealt; nothing stays behind."""
    monkeypatch.setattr(merge, "PART", part)
    files = _shards(tmp_path, 4)
    before = sorted(tmp_path.iterdir())
    draw = np.random.default_rng(7)
    whole = _order(4)
    some = whole.where(draw.random(len(whole)) < 0.1)
    mixed = draw.permutation(len(whole))[:200]
    for wanted in (some, merge.Order(whole.shard[mixed], whole.row[mixed]), whole.where(np.zeros(len(whole), np.bool_))):
        found = [row for table in merge.rows(files, wanted, tmp_path) for row in table.to_pylist()]
        ids = [f"{row:04d}-{shard:03d}" for shard, row in zip(wanted.shard.tolist(), wanted.row.tolist(), strict=True)]
        assert found == [{"id": id_, "text": id_.ljust(30)} for id_ in ids]
    assert before == sorted(tmp_path.iterdir())


def test_what_is_held_does_not_grow_with_the_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of four times as many shards no more rows are in memory."""
    monkeypatch.setattr(merge, "PART", 200_000)
    files = _shards(tmp_path, 32, 1000)

    def held(count: int) -> int:
        pool = pa.default_memory_pool()
        before = pool.bytes_allocated()
        looks = [pool.bytes_allocated() for _ in merge.rows(files[:count], _order(count), tmp_path)]
        assert len(looks) > count / 2
        return max(looks) - before

    gc.collect()
    few, many = held(8), held(32)
    assert 200_000 < few
    assert many < 1.3 * few
    assert not any(isinstance(one, pq.FileMetaData) for one in gc.get_objects())  # Arrow's count has no footers


def _write(path: Path, schema: pa.Schema, rows: Iterable[Mapping[str, Any]]) -> Path:
    nothing = dict.fromkeys(schema.names)
    shards.write(path, schema, pa.Table.from_pylist([{**nothing, **row} for row in rows], schema).to_batches(shards.ROWS))
    return path


def _made(folder: Path, count: int) -> package.Shards:
    """What the stages leave of `count` documents, every tenth a copy of the one before."""
    folder.mkdir()
    draw = random.Random(count)
    ids = sorted(f"{draw.getrandbits(64):016x}" for _ in range(count))
    files = []
    for name, schema, fields in (
        ("documents", schemas.DOCUMENTS, {"path": "a.txt", "record": "1", "text": "Herring."}),
        ("cleaned", schemas.CLEANED, {"text": "Herring.", "edits": [], "private": []}),
        ("enriched", schemas.ENRICHED, {"words": 1, "characters": 8, "raw_characters": 8, "evidence": []}),
        ("fates", schemas.FATES, {"fate": "kept", "reason": "", "evidence": ""}),
    ):
        own = {name: value for name, value in fields.items() if name in schema.names}
        known = {name for name in ("id", "source") if name in schema.names}
        rows = ({**own, **{name: {"id": id_, "source": "gazette"}[name] for name in known}} for id_ in ids)
        files.append(_write(folder / name, schema, rows))
    alike = {"kind": "exact", "containment": 1.0, "jaccard": 1.0, "longest": 1, "differs": "", "also": []}
    copies = [{"member": id_, "kept": before, **alike} for before, id_ in zip(ids[8::10], ids[9::10], strict=True)]
    documents, cleaned, enriched, fates = ((path,) for path in files)
    refused = _write(folder / "quarantine", schemas.QUARANTINE, [])
    stars = _write(folder / "stars", schemas.STARS, copies)
    return package.Shards(documents, cleaned, enriched, fates, (refused,), stars)


def test_no_object_of_python_stands_for_a_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three times the documents take no more than some numbers for each: no list of ids, no dictionary of copies."""
    monkeypatch.setattr(package, "verify", lambda folder, **_: Report(folder, (), ()))

    def peak(name: str, count: int) -> int:
        made = _made(tmp_path / f"made-{name}", count)
        where = place(tmp_path / f"out-{name}", "small")
        tracemalloc.start()
        done = package.package(made, where, Options(), Sources(), CardFile(), (), "corpuskit", tmp_path)
        found = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert (done.funnel.kept, done.funnel.merged) == (count - count // 10, count // 10)
        return found

    peak("first", 1000)  # what is imported and kept once
    less, more = peak("less", 1000), peak("more", 4000)
    assert more - less < 3000 * 150
