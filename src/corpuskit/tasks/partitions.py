"""Rows split into partitions: one file for each, and two files open at a time, however many partitions there are."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["Partitions"]


class Partitions:
    """Writes batches of rows to the Parquet files of their partitions; a file without rows keeps its schema.

    A corpus has a partition for each 20,000 documents, and a process may open a thousand files, often: so the batches
    wait, quickly packed, in one file without a name, and are then written partition by partition.
    """

    def __init__(self, paths: Sequence[Path], schema: pa.Schema, group: int, gather: bool, **packed: Any) -> None:
        """`paths` are those of the partitions, in one folder; a row group has at most `group` rows.

        With `gather`, batches are put together until they fill one; else each batch begins one. `packed` is what
        `pq.ParquetWriter` is told of compression and the like.
        """
        self._paths = paths
        self._schema = schema
        self._group = group
        self._gather = gather
        self._packed = packed
        self._batches: list[list[int]] = [[] for _ in paths]
        self._count = 0

    def __enter__(self) -> Self:
        self._file = tempfile.TemporaryFile(dir=self._paths[0].parent)  # closed in __exit__
        packed = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
        self._waiting = pa.ipc.new_file(self._file, self._schema, options=packed)
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._file:
            self._waiting.close()
            if kind is None:
                self._write()

    def add(self, part: int, batch: pa.RecordBatch) -> None:
        """Take rows of partition `part`."""
        self._waiting.write_batch(batch)
        self._batches[part].append(self._count)
        self._count += 1

    def _write(self) -> None:
        waiting = pa.ipc.open_file(self._file, options=pa.ipc.IpcReadOptions(use_threads=False))
        for path, numbers in zip(self._paths, self._batches, strict=True):
            with pq.ParquetWriter(path, self._schema, **self._packed) as writer:
                held: list[pa.RecordBatch] = []
                for number in numbers:
                    held.append(waiting.get_batch(number))
                    if not self._gather or sum(map(len, held)) >= self._group:
                        writer.write_table(pa.Table.from_batches(held), row_group_size=self._group)
                        held = []
                if held:
                    writer.write_table(pa.Table.from_batches(held), row_group_size=self._group)
