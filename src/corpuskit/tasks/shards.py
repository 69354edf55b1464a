"""Reading and writing the files between the stages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

__all__ = ["ROWS", "batches", "table", "write"]

#: Rows of a batch and of a row group: what one task holds in memory at a time, and what package reads at a time.
ROWS = 256


def write(path: Path, schema: pa.Schema, rows: Iterable[pa.RecordBatch]) -> int:
    """Write `rows` as one Parquet file, quickly; return how many there were. An empty file keeps its schema.

    The bytes do not depend on how the rows are cut into batches, as long as none has more than `ROWS`.
    """
    count = held = 0
    parts: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1, use_dictionary=False,
                          write_statistics=False, store_schema=True) as writer:  # fmt: skip

        def put(size: int) -> None:
            nonlocal parts, held
            joined = parts[0] if len(parts) == 1 else pa.concat_batches(parts)
            writer.write_batch(joined.slice(0, size), row_group_size=ROWS)
            parts, held = ([joined.slice(size)] if held > size else []), held - size

        for batch in rows:
            if batch.num_rows:
                parts.append(batch)
                held += batch.num_rows
                count += batch.num_rows
            while held >= ROWS:
                put(ROWS)
        if held:
            put(held)
    return count


def batches(path: Path, columns: Sequence[str] | None = None) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, at most `ROWS` at a time, in order. What is yielded is not held here, nor what it was read
    from: a long text may fill half of memory.
    """
    wanted = list(columns) if columns is not None else None
    with pq.ParquetFile(path) as file:
        for number in range(file.num_row_groups):
            parts = file.read_row_group(number, columns=wanted, use_threads=False).to_batches(ROWS)
            while parts:
                yield parts.pop(0)


def table(path: Path, columns: Sequence[str] | None = None) -> pa.Table:
    """Return all rows of a file."""
    # `read_table` goes by way of a scanner whose threads bring the bytes: one that cannot be started, for want of memory,
    # is waited for for ever
    with pq.ParquetFile(path, memory_map=True) as file:
        return file.read(columns, use_threads=False)
