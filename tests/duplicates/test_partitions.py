"""Rows split into partitions, and texts read from many files: few files are open at a time, and the bytes are the same."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import xxhash

from corpuskit import schemas
from corpuskit.duplicates.candidates import Keys
from corpuskit.errors import DamagedError
from corpuskit.model import Document, Provenance
from corpuskit.tasks import shards
from corpuskit.tasks.dedup_files import KEYS, WHERE, Library, write
from corpuskit.tasks.job import Job
from corpuskit.tasks.key_files import KeyFiles
from corpuskit.tasks.partitions import Partitions
from corpuskit.tasks.templates import Parts, sight

_MANY = 200  # partitions or shards: more than `few_files` lets a process open


@pytest.fixture
def few_files() -> Iterator[None]:
    """Let this process open 24 files more than it has."""
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    highest = max(int(name) for name in os.listdir("/proc/self/fd"))
    resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 24, limits[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)


@pytest.mark.parametrize("gather", [False, True])
def test_the_bytes_are_those_of_files_that_are_all_open(tmp_path: Path, gather: bool) -> None:
    """Row groups begin where they would, had each batch been written when it came, or when enough rows had come."""
    group, packed = 50, {"compression": "zstd", "use_dictionary": False}
    schema = pa.schema([("number", pa.uint64()), ("text", pa.string())])
    rng = np.random.default_rng(3)
    given = []
    for _ in range(60):
        numbers = rng.integers(0, 1000, size=rng.integers(0, 120), dtype=np.uint64)
        batch = pa.RecordBatch.from_arrays([pa.array(numbers), pa.array(np.char.mod("text %d", numbers))], schema=schema)
        given.append((int(rng.integers(0, 4)), batch))
    paths = [[tmp_path / f"{kind}-{part}.parquet" for part in range(5)] for kind in ("made", "expected")]
    with Partitions(paths[0], schema, group, gather, **packed) as files:
        for part, batch in given:
            files.add(part, batch)

    with ExitStack() as stack:
        writers = [stack.enter_context(pq.ParquetWriter(path, schema, **packed)) for path in paths[1]]
        waiting: list[list[pa.RecordBatch]] = [[] for _ in writers]

        def flush(part: int) -> None:
            if waiting[part]:
                writers[part].write_table(pa.Table.from_batches(waiting[part]), row_group_size=group)
                waiting[part] = []

        for part, batch in given:
            waiting[part].append(batch)
            if not gather or sum(map(len, waiting[part])) >= group:
                flush(part)
        for part in range(5):
            flush(part)

    assert [path.read_bytes() for path in paths[0]] == [path.read_bytes() for path in paths[1]]
    assert sorted(tmp_path.iterdir()) == sorted([*paths[0], *paths[1]])
    assert pq.read_schema(paths[0][4]) == schema


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    """An error while rows come is raised as it is; there is no file with a part of the rows."""
    with pytest.raises(RuntimeError, match="came"), Partitions([tmp_path / "a"], KEYS, 10, False):
        raise RuntimeError("came")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("few_files")
def test_keys_are_split_with_few_files_open(tmp_path: Path) -> None:
    """A corpus of four million documents has two hundred partitions."""
    keys = np.random.default_rng(5).integers(0, 2**64, size=2000, dtype=np.uint64)
    with KeyFiles(tmp_path, _MANY) as files:
        files.add(Keys(keys, np.arange(2000), np.zeros(2000, dtype=np.uint8)))
    found = [pq.read_table(path) for path in sorted(tmp_path.iterdir())]
    assert len(found) == _MANY
    assert sorted(key for table in found for key in table.column("key").to_pylist()) == sorted(keys.tolist())


@pytest.mark.usefixtures("few_files")
def test_sightings_are_split_with_few_files_open(tmp_path: Path) -> None:
    """Each source is in one partition, of as many as there are."""
    documents = [Document(f"{at:03d}", f"site {at}", "A line.\nAnother.\n", Provenance("a.txt", str(at)), ()) for at in range(40)]
    shards.write(tmp_path / "documents.parquet", schemas.DOCUMENTS, [schemas.documents_batch(documents)])
    out = tmp_path / "out"
    out.mkdir()
    assert sight(Job({"documents": (tmp_path / "documents.parquet",)}, out, Parts(_MANY))) == 40
    names = [set(pq.read_table(path).column("name").to_pylist()) for path in sorted(out.iterdir())]
    assert len(names) == _MANY
    assert sorted(name for some in names for name in some) == sorted(one.source for one in documents)


@pytest.mark.usefixtures("few_files")
def test_texts_are_read_from_more_shards_than_files_can_be_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two hundred shards some are open; a shard that is asked again is opened again."""
    monkeypatch.setattr("corpuskit.tasks.dedup_files._OPEN", 8)
    texts, where = zip(*(shelf(tmp_path, at) for at in range(_MANY)), strict=True)
    with Library(texts, where) as library:
        for rank in [*range(_MANY), 0, 1, 0]:
            assert library.text(rank) == f"text {rank}"


def shelf(folder: Path, rank: int) -> tuple[Path, Path]:
    """A file of texts with one that is read, and the file that says where it lies."""
    texts, where = folder / f"{rank}.bin", folder / f"{rank}.parquet"
    texts.write_text(f"before text {rank}")
    digest = xxhash.xxh3_64_intdigest(f"text {rank}".encode())
    columns = zip((rank, 7, len(f"text {rank}"), digest), WHERE.types, strict=True)
    write(where, pa.table([pa.array([value], kind) for value, kind in columns], schema=WHERE))
    return texts, where


@pytest.mark.parametrize("damaged", ["before tent 3", "before te", ""])
def test_a_stretch_of_texts_with_other_bytes_is_not_read(tmp_path: Path, damaged: str) -> None:
    """Of files of which only stretches are read nobody takes the digest."""
    texts, where = shelf(tmp_path, 3)
    texts.write_text(damaged)
    with Library([texts], [where]) as library, pytest.raises(DamagedError, match=r"3\.bin: the bytes are not") as raised:
        library.text(3)
    assert raised.value.files == ("3.bin",)
