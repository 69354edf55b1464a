"""Rows of many shards in one global order, a slice at a time.

Every shard is sorted by (source, id), so each is read once, front to back; only the rows that the next slice needs
and the rest of each shard's current batch are in memory.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from corpuskit.tasks import shards

__all__ = ["Order", "keys", "order", "rows"]

#: Rows of a slice.
SLICE = 512


class Order:
    """Which row of which shard comes when."""

    def __init__(self, shard: NDArray[np.int32], row: NDArray[np.int64]) -> None:
        self.shard = shard
        self.row = row

    def __len__(self) -> int:
        return len(self.row)

    def where(self, mask: NDArray[np.bool_]) -> Order:
        """Return the order of the rows that `mask` lets through."""
        return Order(self.shard[mask], self.row[mask])


def keys(paths: Sequence[Path], columns: Sequence[str]) -> pa.Table:
    """Return `columns` of all shards with the columns `shard` and `row`, in the order of the shards."""
    tables = []
    for number, path in enumerate(paths):
        table = shards.table(path, columns)
        table = table.append_column("shard", pa.array(np.full(len(table), number, dtype=np.int32)))
        tables.append(table.append_column("row", pa.array(np.arange(len(table), dtype=np.int64))))
    return pa.concat_tables(tables)


def order(table: pa.Table) -> tuple[pa.Table, Order]:
    """Return a table from `keys` sorted by (source, id), and the order it stands for."""
    by = pc.sort_indices(table, sort_keys=[("source", "ascending"), ("id", "ascending"), ("shard", "ascending")])
    table = table.take(by)
    return table, Order(
        table.column("shard").to_numpy().astype(np.int32), table.column("row").to_numpy().astype(np.int64)
    )


class _Shard:
    """One shard read front to back, from files that stand row for row beside each other."""

    def __init__(self, files: Sequence[tuple[Path, Sequence[str]]]) -> None:
        self._streams = [shards.batches(path, columns) for path, columns in files]
        self._first = 0
        self._held: list[pa.Table] = []
        self._count = 0

    def take(self, wanted: NDArray[np.int64]) -> pa.Table:
        """Return rows `wanted`, ascending and behind all that was taken before."""
        while self._first + self._count <= int(wanted[-1]):
            parts = [next(stream) for stream in self._streams]
            columns = [column for part in parts for column in part.columns]
            names = [name for part in parts for name in part.schema.names]
            batch = pa.Table.from_arrays(columns, names=names)
            if not self._held or self._first + self._count <= int(wanted[0]):
                self._first += self._count
                self._held, self._count = [], 0
            self._held.append(batch)
            self._count += len(batch)
        return pa.concat_tables(self._held).take(wanted - self._first)


def rows(files: Sequence[Sequence[tuple[Path, Sequence[str]]]], wanted: Order) -> Iterator[pa.Table]:
    """Yield the rows of `wanted` in order, at most `SLICE` at a time.

    `files` says for each shard which columns to read from which of its files; names must not repeat.
    """
    open_shards: dict[int, _Shard] = {}
    for start in range(0, len(wanted), SLICE):
        shard, row = wanted.shard[start : start + SLICE], wanted.row[start : start + SLICE]
        parts: list[pa.Table] = []
        places: list[NDArray[np.int64]] = []
        for number in np.unique(shard).tolist():
            at = np.flatnonzero(shard == number)
            if number not in open_shards:
                open_shards[number] = _Shard(files[number])
            parts.append(open_shards[number].take(row[at]))
            places.append(at)
        joined = pa.concat_tables(parts)
        back = np.empty(len(shard), dtype=np.int64)
        back[np.concatenate(places)] = np.arange(len(shard))
        yield joined.take(back)
