"""Rows of many shards in one global order, a slice at a time.

The rows are dealt into parts, stretches of the order of some `PART` bytes: each shard is read once, front to back, one after
the other, and its rows are written to a file aside, from which the parts are then read one after the other and put in
order. So no more is in memory than one batch of one shard, and later one part, however many shards there are. What fits
into one part is kept in memory and not written.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from itertools import chain, pairwise
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from corpuskit.dataset.folder import writing
from corpuskit.tasks import shards

__all__ = ["Files", "Order", "keys", "order", "rows"]

#: Rows of a slice.
SLICE = 512

#: Bytes of a part, about: as its rows are in the shards, uncompressed.
PART = 32 << 20

#: The files of one shard, which stand row for row beside each other, and the columns to read from each.
Files = Sequence[tuple[Path, Sequence[str]]]

_PLACE = "\0place"  # the column that says where in the order a row stands; no other is called so


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


def rows(files: Sequence[Files], wanted: Order, scratch: Path) -> Iterator[pa.Table]:
    """Yield the rows of `wanted` in order, at most `SLICE` at a time.

    `files` says for each shard which columns to read from which of its files; names must not repeat. In `scratch` lies
    meanwhile what is more than one part, quickly packed. Raises `OutputError` when it cannot be written there.
    """
    parts = _parts(files, wanted)
    if not len(parts):
        return
    if parts[-1] == 0:
        yield from _slices(list(_read(files, wanted)))
        return
    with tempfile.TemporaryDirectory(prefix="merge-", dir=scratch) as folder:
        path = Path(folder) / "dealt.arrow"
        with writing(path):
            numbers = _deal(_read(files, wanted), parts, path)
        with pa.OSFile(str(path)) as file:
            dealt = pa.ipc.open_file(file, options=pa.ipc.IpcReadOptions(use_threads=False))
            for batches in numbers:
                yield from _slices([dealt.get_batch(number) for number in batches])


def _parts(files: Sequence[Files], wanted: Order) -> NDArray[np.int64]:
    """Return for each place in the order the part in which it falls; the bytes of a row are the mean of its row group."""
    weights = np.zeros(len(wanted))
    for shard, places in _places(wanted):
        for path, columns in files[shard]:
            ends, each = _groups(path, columns)
            weights[places] += each[np.searchsorted(ends, wanted.row[places], side="right")]
    _, parts = np.unique(np.cumsum(weights) // PART, return_inverse=True)  # none is empty behind a row larger than a part
    return np.asarray(parts, dtype=np.int64)


def _groups(path: Path, columns: Sequence[str]) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return the row behind each row group of a file, and the mean bytes of its rows in `columns`."""
    footer = pq.read_metadata(path)  # asked for its `schema`, it would stand in a circle, and stay
    ends, sizes = [0], []
    for number in range(footer.num_row_groups):
        group = footer.row_group(number)
        chunks = [group.column(at) for at in range(footer.num_columns)]
        asked = [chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.partition(".")[0] in columns]
        ends.append(ends[-1] + group.num_rows)
        sizes.append(sum(asked) / group.num_rows)
    return np.array(ends[1:], dtype=np.int64), np.array(sizes)


def _places(wanted: Order) -> Iterator[tuple[int, NDArray[np.int64]]]:
    """Yield each shard that is wanted, and the places of its rows in the order, as they come in its files."""
    by = np.lexsort((wanted.row, wanted.shard))
    found, first = np.unique(wanted.shard[by], return_index=True)
    for shard, (start, stop) in zip(found.tolist(), pairwise([*first.tolist(), len(by)]), strict=True):
        yield shard, by[start:stop]


def _read(files: Sequence[Files], wanted: Order) -> Iterator[pa.RecordBatch]:
    """Yield the rows that are wanted, shard by shard and batch by batch, each with its place in the order; those of a batch
    by their place."""
    for shard, places in _places(wanted):
        rows = wanted.row[places]
        read = begun = 0
        for beside in zip(*(shards.batches(path, columns) for path, columns in files[shard]), strict=True):
            until = begun + int(np.searchsorted(rows[begun:], read + len(beside[0])))
            if until > begun:
                by = begun + np.argsort(places[begun:until])
                columns = {name: batch.column(name) for batch in beside for name in batch.schema.names}
                found = pa.RecordBatch.from_pydict(columns).take(pa.array(rows[by] - read))
                yield found.append_column(_PLACE, pa.array(places[by]))
            read, begun = read + len(beside[0]), until


def _deal(batches: Iterator[pa.RecordBatch], parts: NDArray[np.int64], path: Path) -> list[list[int]]:
    """Write `batches` to a file in pieces of one part each, and return the numbers of the pieces of each part."""
    numbers: list[list[int]] = [[] for _ in range(int(parts[-1]) + 1)]
    packed = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
    first = next(batches)
    with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, first.schema, options=packed) as writer:
        count = 0
        for batch in chain([first], batches):
            found, starts = np.unique(parts[batch.column(_PLACE).to_numpy()], return_index=True)
            for part, (start, stop) in zip(found.tolist(), pairwise([*starts.tolist(), len(batch)]), strict=True):
                writer.write_batch(batch.slice(start, stop - start))
                numbers[part].append(count)
                count += 1
    return numbers


def _slices(batches: list[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the rows of one part in order. The list is emptied: what is yielded is held no longer than it is of use."""
    joined = pa.Table.from_batches(batches).combine_chunks()
    batches.clear()
    by = np.argsort(joined.column(_PLACE).to_numpy())
    joined = joined.drop_columns([_PLACE])
    for start in range(0, len(by), SLICE):
        yield joined.take(pa.array(by[start : start + SLICE]))
