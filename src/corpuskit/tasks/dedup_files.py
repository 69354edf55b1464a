"""The files between the dedup tasks: their columns, links as rows, and texts by rank."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from corpuskit.duplicates.stars import Link
from corpuskit.duplicates.verify import Edge
from corpuskit.errors import DamagedError
from corpuskit.storage import RemoteFile
from corpuskit.tasks import shards

__all__ = [
    "JOINED",
    "KEYS",
    "LINKS",
    "ORDER",
    "PAIRS",
    "PLACES",
    "RELATED",
    "STANDINGS",
    "WANTED",
    "WHERE",
    "Library",
    "links_batch",
    "write",
]

#: One row per text that takes part, in the order of its shard.
STANDINGS = pa.schema(
    [
        ("id", pa.string()),
        ("row", pa.int64()),       # in the shard
        ("words", pa.int64()),
        ("passages", pa.int64()),  # distinct ones of five words
        ("asked", pa.int64()),     # anchors that it asks for
        ("known", pa.int64()),
        ("date", pa.string()),
        ("state", pa.int8()),      # place in STATES
        ("high", pa.uint64()),     # of the digest
        ("low", pa.uint64()),
    ]
)
KEYS = pa.schema([("key", pa.uint64()), ("text", pa.int32()), ("kind", pa.uint8())])
#: Row i is the text of rank i.
ORDER = pa.schema(
    [
        ("id", pa.string()),
        ("shard", pa.int32()),
        ("row", pa.int64()),
        ("words", pa.int64()),
        ("asked", pa.int64()),
        ("state", pa.int8()),
        ("twin", pa.int64()),      # rank of the first text with the same words
    ]
)
#: Row i is the i-th row of all STANDINGS, shard after shard.
PLACES = pa.schema([("rank", pa.int64()), ("shard", pa.int32()), ("first", pa.bool_())])
PAIRS = pa.schema([(name, pa.int64()) for name in ("later", "earlier", "bands", "anchors", "back")])
#: A text, and the first one that it hangs together with.
JOINED = pa.schema([("rank", pa.int64()), ("first", pa.int64())])
#: `label` is the first rank of the component.
WANTED = pa.schema(
    [("rank", pa.int64()), ("shard", pa.int32()), ("row", pa.int64()), ("label", pa.int64()), ("load", pa.int64())]
)
#: Where in texts.bin the UTF-8 of a text lies, in bytes, and its digest: nobody who reads a stretch sees the digest of the file.
WHERE = pa.schema([("rank", pa.int64()), ("start", pa.int64()), ("size", pa.int64()), ("digest", pa.uint64())])
LINKS = pa.schema(
    [
        ("later", pa.int64()),
        ("earlier", pa.int64()),
        ("kind", pa.string()),
        ("coverage", pa.float64()),
        ("coverage_back", pa.float64()),
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),
        ("lacking", pa.int64()),
        ("facts", pa.int64()),
        ("reason", pa.string()),
        ("lost", pa.list_(pa.string())),
        ("gained", pa.list_(pa.string())),
        ("also", pa.list_(pa.int64())),
    ]
)
#: Pairs of kept texts that share much, and why neither is a copy of the other. Containment is of `id` in
#: `other`.
RELATED = pa.schema(
    [
        ("id", pa.string()),
        ("other", pa.string()),
        ("containment", pa.float64()),
        ("containment_back", pa.float64()),
        ("jaccard", pa.float64()),
        ("longest", pa.int64()),
        ("reason", pa.string()),
    ]
)

_OPEN = 128  # files of texts at a time: there are more shards than a process may open files, often


def write(path: Path, table: pa.Table) -> None:
    """Write a file of numbers, which wants few and large row groups."""
    pq.write_table(
        table, path, compression="lz4", use_dictionary=False, write_statistics=False, row_group_size=1 << 20
    )


class Library:
    """The texts of all shards by rank, each read when it is asked for: nothing is held but where they lie, and some of
    the files open.
    """

    def __init__(self, texts: Sequence[Path | RemoteFile], where: Sequence[Path]) -> None:
        tables = [shards.table(path) for path in where]
        self._texts = texts
        self._open: dict[int, BinaryIO] = {}  # those that were of use last stand last
        self._file = np.repeat(np.arange(len(tables)), [len(table) for table in tables])
        ranks, self._start, self._size, self._digest = (
            np.concatenate([table.column(name).to_numpy() for table in tables]) for name in WHERE.names
        )
        self._by = np.argsort(ranks)
        self._ranks = ranks[self._by]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        for file in self._open.values():
            file.close()

    def text(self, rank: int) -> str:
        """Return the text of a rank that is there. Raises `DamagedError` when its bytes are not those that were written."""
        at = self._by[np.searchsorted(self._ranks, rank)]
        number = int(self._file[at])
        file = self._opened(number)
        file.seek(int(self._start[at]))
        try:
            data: bytes = file.read(int(self._size[at]))
        except OSError:  # it ends before that, or the disk does not give it back
            data = b""
        if xxhash.xxh3_64_intdigest(data) != self._digest[at]:
            texts = self._texts[number]
            raise DamagedError(str(texts), (texts.name.rpartition("/")[2],))
        return data.decode("utf-8")

    def _opened(self, number: int) -> BinaryIO:
        file = self._open.pop(number, None)
        if file is None:
            if len(self._open) == _OPEN:
                self._open.pop(next(iter(self._open))).close()
            file = self._texts[number].open("rb")
        self._open[number] = file
        return file


def links_batch(rows: Sequence[Link]) -> pa.RecordBatch:
    """Return `rows` as rows of LINKS."""
    columns = []
    for column in LINKS:
        of = "edge" if column.name in Edge.__slots__ else ""
        values = [getattr(link.edge if of else link, column.name) for link in rows]
        columns.append(pa.array([list(v) if isinstance(v, tuple) else v for v in values], column.type))
    return pa.RecordBatch.from_arrays(columns, schema=LINKS)
