"""Record batches in, Parquet files out: one folder per config, one run of shards per split.

The bytes depend on the rows, the schema, the options and pyarrow's version alone. Batches come as they come:
row groups and shards are cut anew, by rows and uncompressed bytes. Plain Arrow types and no ``huggingface``
footer, because a ``List`` there breaks datasets below 4 (datasets#7676); the features stand in the card.
Nothing is written for a split without rows, because an empty file makes the whole split unloadable.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from corpuskit.dataset.content import Content, combine, kind
from corpuskit.dataset.folder import sync, writing
from corpuskit.dataset.options import Options
from corpuskit.errors import LawError, UsageError

__all__ = ["ConfigFacts", "FileFacts", "SplitFacts", "config_folder", "row_bytes", "write_config"]

#: What `datasets` accepts; a dash in a split's name is an error there.
SPLIT_NAME = re.compile(r"\w+(?:\.\w+)*", re.ASCII)
CONFIG_NAME = re.compile(r"[a-z][a-z0-9_.-]{0,62}")

#: Columns of prose: no statistics and no dictionary, which cost time and find nothing to say about them.
_PROSE = frozenset({"text", "removed", "inserted", "evidence", "differs", "templates"})

#: The options that Hugging Face calls "optimized Parquet": pages cut where the content says so, so that an
#: unchanged stretch keeps its bytes when rows before it come or go.
_CHUNKING = {"min_chunk_size": 256 * 1024, "max_chunk_size": 1024 * 1024, "norm_level": 0}


@dataclass(frozen=True, slots=True)
class FileFacts:
    """One Parquet file."""

    path: str  #: relative to the dataset folder, POSIX
    rows: int
    bytes: int  #: of the file
    sha256: str  #: of the file


@dataclass(frozen=True, slots=True)
class SplitFacts:
    """One split of a config."""

    name: str
    rows: int
    bytes: int  #: uncompressed: texts in UTF-8, eight bytes for each number or length
    digest: str  #: content digest of the rows
    files: tuple[FileFacts, ...]
    empty: tuple[tuple[str, int], ...]  #: per column: rows without a value (null, empty text, empty list)


@dataclass(frozen=True, slots=True)
class ConfigFacts:
    """What was written for one config: all that the card says about it."""

    name: str
    schema: pa.Schema
    splits: tuple[SplitFacts, ...]

    @property
    def rows(self) -> int:
        """Rows of all splits."""
        return sum(split.rows for split in self.splits)

    @property
    def bytes(self) -> int:
        """Uncompressed bytes of all splits."""
        return sum(split.bytes for split in self.splits)

    @property
    def files(self) -> tuple[FileFacts, ...]:
        """The files of all splits."""
        return tuple(file for split in self.splits for file in split.files)

    @property
    def digest(self) -> str:
        """The content digest of the config: of its splits' names and digests."""
        return combine((split.name, split.digest) for split in self.splits)


def config_folder(config: str) -> str:
    """Return the folder of a config inside the dataset folder: ``data`` for the default one."""
    return "data" if config == "default" else config


def write_config(
    folder: Path,
    config: str,
    batches: Iterable[tuple[str, pa.RecordBatch]],
    schema: pa.Schema,
    options: Options,
) -> ConfigFacts:
    """Write the rows of one config below `folder` and return what was written.

    `batches` are pairs of split name and rows; splits may alternate, and rows keep their order within a
    split. Splits appear in the order train, validation, test, then by name, whatever came first. At most one
    row group per split is held in memory. When no rows come nothing is written, and the facts have no splits.

    Raises `OutputError` when a file cannot be written, `UsageError` for a name that does not load, `LawError`
    when a batch does not fit the schema or holds text that is not UTF-8 (such a file loads, and fails when
    the text is read).
    """
    if not CONFIG_NAME.fullmatch(config):
        raise UsageError(f"{config!r} cannot name a config")
    home = folder / config_folder(config)
    splits: dict[str, _Split] = {}
    try:
        for name, batch in batches:  # outside of `writing`: what the caller fails to read is not our output
            if batch.num_rows == 0:
                continue
            if not SPLIT_NAME.fullmatch(name):
                raise UsageError(f"{name!r} cannot name a split: letters, digits, '_' and '.' only")
            rows = _conform(batch, schema, config)
            with writing(home):
                if name not in splits:
                    home.mkdir(parents=True, exist_ok=True)
                    splits[name] = _Split(home, name, schema, options)
                splits[name].add(rows)
        with writing(home):
            facts = [splits[name].finish() for name in sorted(splits, key=_split_order)]
    finally:
        for split in splits.values():
            split.abandon()
    return ConfigFacts(config, schema, tuple(facts))


def _split_order(name: str) -> tuple[int, str]:
    usual = ("train", "validation", "test")
    return (usual.index(name) if name in usual else len(usual), name)


def _conform(batch: pa.RecordBatch, schema: pa.Schema, config: str) -> pa.RecordBatch:
    """Return `batch` in exactly the declared schema: the first file would otherwise fix another one."""
    if sorted(batch.schema.names) != sorted(schema.names):
        odd = sorted(set(batch.schema.names) ^ set(schema.names))
        raise LawError(f"config {config}: the columns {', '.join(odd)} are missing or not declared")
    try:
        columns = [batch.column(field.name).cast(field.type) for field in schema]
        fitted = pa.RecordBatch.from_arrays(columns, schema=schema.remove_metadata())
        fitted.validate(full=True)
    except pa.ArrowException as error:
        raise LawError(f"config {config}: rows do not fit the schema: {error}") from error
    return fitted


class _Split:
    """The shards of one split while they are written."""

    __slots__ = (
        "_bytes",
        "_content",
        "_empty",
        "_files",
        "_group",
        "_home",
        "_name",
        "_options",
        "_pending",
        "_schema",
        "_shard_bytes",
        "_shard_rows",
        "_weights",
        "_writer",
    )

    def __init__(self, home: Path, name: str, schema: pa.Schema, options: Options) -> None:
        self._home = home
        self._name = name
        self._schema = schema.remove_metadata()
        self._options = options
        self._pending: list[pa.RecordBatch] = []
        self._weights: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._writer: pq.ParquetWriter | None = None
        self._shard_rows = 0
        self._shard_bytes = 0
        self._bytes = 0
        self._files: list[tuple[Path, int]] = []
        self._content = Content(schema)
        self._empty = dict.fromkeys(schema.names, 0)

    def add(self, batch: pa.RecordBatch) -> None:
        """Take rows, and write the row groups that are full."""
        self._pending.append(batch)
        self._weights = np.concatenate([self._weights, row_bytes(batch)])
        while (rows := self._full()) > 0:
            self._write(rows)

    def finish(self) -> SplitFacts:
        """Write what is left, give the files their final names, and return the facts."""
        if len(self._weights):
            self._write(len(self._weights))
        self._close()
        files = []
        for at, (path, rows) in enumerate(self._files):
            final = self._home / f"{self._name}-{at:05d}-of-{len(self._files):05d}.parquet"
            path.rename(final)
            with final.open("rb") as handle:
                digest = hashlib.file_digest(handle, "sha256").hexdigest()
            files.append(FileFacts(f"{self._home.name}/{final.name}", rows, final.stat().st_size, digest))
        empty = tuple(self._empty.items())
        return SplitFacts(
            self._name, self._content.rows, self._bytes, self._content.digest(), tuple(files), empty
        )

    def abandon(self) -> None:
        """Close the open file, if any, without a word: after a failure its bytes do not matter."""
        if self._writer is not None:
            with suppress(OSError, pa.ArrowException):
                self._writer.close()
            self._writer = None

    def _full(self) -> int:
        """Rows of the next row group when it is known to be full, else 0."""
        most = self._options.group_rows
        ahead = self._weights[: most + 1]
        fit = int(np.searchsorted(np.cumsum(ahead), self._options.group_bytes, side="right"))
        rows = min(max(fit, 1), most)
        return rows if rows < len(self._weights) or rows == most == len(self._weights) else 0

    def _write(self, rows: int) -> None:
        """Write the first `rows` pending rows as one row group, in a new file when this one is full."""
        weight = int(self._weights[:rows].sum())
        if self._shard_rows and self._shard_bytes + weight > self._options.shard_bytes:
            self._close()
        joined = pa.Table.from_batches(self._pending, schema=self._schema)
        group = joined.slice(0, rows).combine_chunks()
        if self._writer is None:
            path = self._home / f"{self._name}-{len(self._files):05d}.parquet"
            self._writer = _open(path, self._schema, self._options.level)
            self._files.append((path, 0))
        self._writer.write_table(group, row_group_size=rows)
        self._content.add(group)
        for name in self._empty:
            self._empty[name] += _without_value(group.column(name))
        path, before = self._files[-1]
        self._files[-1] = (path, before + rows)
        self._shard_rows += rows
        self._shard_bytes += weight
        self._bytes += weight
        self._pending = joined.slice(rows).to_batches()
        self._weights = self._weights[rows:]

    def _close(self) -> None:
        if self._writer is not None:
            writer, self._writer = self._writer, None
            writer.close()
            sync(self._files[-1][0])
            self._shard_rows = self._shard_bytes = 0


def _open(path: Path, schema: pa.Schema, level: int) -> pq.ParquetWriter:
    plain = [leaf for leaf in _leaves(schema) if leaf.split(".")[0] not in _PROSE]
    return pq.ParquetWriter(
        path,
        schema,
        compression="zstd",
        compression_level=level,
        use_dictionary=plain,
        write_statistics=plain,
        write_page_index=True,
        use_content_defined_chunking=_CHUNKING,
    )


def _leaves(schema: pa.Schema) -> list[str]:
    """Parquet's names of the leaf columns: ``authors.list.element``, ``copies.list.element.id``."""

    def below(path: str, data_type: pa.DataType) -> list[str]:
        what = kind(data_type)
        if what == "list":
            return below(f"{path}.list.element", data_type.value_type)
        if what == "struct":
            fields = [data_type.field(at) for at in range(data_type.num_fields)]
            return [leaf for field in fields for leaf in below(f"{path}.{field.name}", field.type)]
        return [path]

    return [leaf for field in schema for leaf in below(field.name, field.type)]


def row_bytes(batch: pa.RecordBatch) -> NDArray[np.int64]:
    """Return the uncompressed bytes of each row: texts in UTF-8, and eight bytes per value, length or null.

    The measure depends on the row alone, so the cuts made by it do too.
    """
    total = np.zeros(batch.num_rows, dtype=np.int64)
    for column in batch.columns:
        total += _value_bytes(column)
    return total


def _value_bytes(array: pa.Array) -> NDArray[np.int64]:
    what = kind(array.type)
    total = np.full(len(array), 8, dtype=np.int64)
    if what == "text":
        total += _filled(pc.binary_length(array))
    elif what == "list":
        items = np.zeros(len(array.flatten()) + 1, dtype=np.int64)
        np.cumsum(_value_bytes(array.flatten()), out=items[1:])
        ends = np.cumsum(_filled(pc.list_value_length(array)))
        total += np.diff(items[ends], prepend=0)
    elif what == "struct":
        for child in array.flatten():
            total += _value_bytes(child)
    return total


def _filled(lengths: pa.Array) -> NDArray[np.int64]:
    return np.asarray(pc.fill_null(lengths, 0).to_numpy(zero_copy_only=False), dtype=np.int64)


def _without_value(column: pa.ChunkedArray) -> int:
    """Rows in which the column says nothing: null, an empty text, an empty list."""
    what = kind(column.type)
    if what == "text":
        lengths = pc.binary_length(column)
    elif what == "list":
        lengths = pc.list_value_length(column)
    else:
        return int(column.null_count)
    return int(pc.sum(pc.equal(pc.fill_null(lengths, 0), 0)).as_py() or 0)
