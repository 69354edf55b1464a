"""The content digest: a SHA-256 over logical rows, the same for every way of storing them.

Parquet bytes change with the library's version, its compression and its page sizes; the rows do not. So each
leaf column is hashed as streams of plain bytes (which values are there, how long they are, what they are),
and the digest of a table is the digest of its streams. Batches, chunks, row groups and shards leave no trace
in it, nor does the choice between `string` and `large_string`, or between `int32` and `int64`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

__all__ = ["Content", "combine", "kind", "same_type"]

_NAN = np.float64("nan")


def kind(data_type: pa.DataType) -> str:
    """Return the logical kind of an Arrow type: text, integer, number, boolean, list or struct.

    Raises `TypeError` for types that do not load everywhere (`map`, `dictionary`, `string_view`, time types):
    the schemas of corpuskit do without them.
    """
    types = pa.types
    if types.is_string(data_type) or types.is_large_string(data_type):
        return "text"
    if types.is_integer(data_type):
        return "integer"
    if types.is_floating(data_type):
        return "number"
    if types.is_boolean(data_type):
        return "boolean"
    if types.is_list(data_type) or types.is_large_list(data_type):
        return "list"
    if types.is_struct(data_type):
        return "struct"
    raise TypeError(f"the type {data_type} does not load everywhere; choose a duller one")


def same_type(left: pa.DataType, right: pa.DataType) -> bool:
    """Say whether two types are equal but for the name of the list element.

    Parquet calls it ``element`` and Arrow ``item``; the same column has one name before and the other after.
    """
    types = pa.types
    for is_kind in (types.is_list, types.is_large_list):
        if is_kind(left) and is_kind(right):
            return same_type(left.value_type, right.value_type)
    if types.is_struct(left) and types.is_struct(right):
        return left.num_fields == right.num_fields and all(
            left.field(at).name == right.field(at).name
            and same_type(left.field(at).type, right.field(at).type)
            for at in range(left.num_fields)
        )
    return bool(left == right)


class Content:
    """Takes batches in row order and gives the digest of all their rows."""

    __slots__ = ("_schema", "_streams", "rows")

    def __init__(self, schema: pa.Schema) -> None:
        self._schema = schema
        self._streams: dict[str, Any] = {}
        self.rows = 0
        for field in schema:
            self._open(field.name, field.type)

    def _open(self, path: str, data_type: pa.DataType) -> None:
        """Make the streams of one column, in the order of the schema."""
        what = kind(data_type)
        self._streams[f"{path} {what} shape"] = hashlib.sha256()
        if what == "list":
            self._open(f"{path}.item", data_type.value_type)
        elif what == "struct":
            for at in range(data_type.num_fields):
                self._open(f"{path}.{data_type.field(at).name}", data_type.field(at).type)
        else:
            self._streams[f"{path} {what} values"] = hashlib.sha256()

    def add(self, rows: pa.RecordBatch | pa.Table) -> None:
        """Add rows. Columns are taken by name; those that the schema does not name are left out.

        Raises `KeyError` when a column of the schema is missing, `TypeError` when one is of another kind.
        """
        for batch in rows.to_batches() if isinstance(rows, pa.Table) else (rows,):
            for field in self._schema:
                self._column(field.name, field.type, batch.column(field.name))
            self.rows += batch.num_rows

    def _column(self, path: str, declared: pa.DataType, array: pa.Array) -> None:
        what = kind(declared)
        if kind(array.type) != what:
            raise TypeError(f"column {path} is {array.type}, not {declared}")
        shape = self._streams[f"{path} {what} shape"]
        if what == "text":
            shape.update(_lengths(pc.binary_length(array)))
            self._streams[f"{path} {what} values"].update(_text(array))
        elif what == "list":
            shape.update(_lengths(pc.list_value_length(array)))
            self._column(f"{path}.item", declared.value_type, array.flatten())
        elif what == "struct":
            shape.update(_present(array))
            children = array.flatten()  # a null parent makes null children
            for at in range(declared.num_fields):
                name = declared.field(at).name
                child = children[array.type.get_field_index(name)]
                self._column(f"{path}.{name}", declared.field(at).type, child)
        else:
            shape.update(_present(array))
            self._streams[f"{path} {what} values"].update(_numbers(array, what))

    def columns(self) -> dict[str, str]:
        """Return a digest per top-level column, so that a difference can be named."""
        found = {field.name: hashlib.sha256() for field in self._schema}
        for name, stream in self._streams.items():
            column = next(f.name for f in self._schema if name.startswith((f.name + " ", f.name + ".")))
            found[column].update(f"{name} {stream.hexdigest()}\n".encode())
        return {name: total.hexdigest() for name, total in found.items()}

    def digest(self) -> str:
        """Return the digest of all rows so far as 64 hex digits."""
        total = hashlib.sha256(f"rows {self.rows}\n".encode())
        for name, stream in self._streams.items():
            total.update(f"{name} {stream.hexdigest()}\n".encode())
        return total.hexdigest()


def combine(digests: Iterable[tuple[str, str]]) -> str:
    """Return one digest for named ones: of the splits of a config, or of the configs of a dataset."""
    total = hashlib.sha256()
    for name, digest in digests:
        total.update(f"{name} {digest}\n".encode())
    return total.hexdigest()


def _lengths(lengths: pa.Array) -> bytes:
    """Lengths as little-endian int64, -1 where the value is null."""
    return _bytes(pc.fill_null(lengths, -1), "<i8")


def _present(array: pa.Array) -> bytes:
    """One byte per value: 1 where there is one, 0 where it is null."""
    if array.null_count == 0:
        return b"\x01" * len(array)
    return _bytes(array.is_valid(), "u1")


def _bytes(array: pa.Array, width: str) -> bytes:
    values: NDArray[Any] = array.to_numpy(zero_copy_only=False)
    return values.astype(width).tobytes()


def _text(array: pa.Array) -> memoryview:
    """The UTF-8 bytes of all texts of `array`, one after the other."""
    if array.null_count:
        array = array.drop_null()  # a null may cover bytes that no value shows
    _, offsets, data = array.buffers()
    if len(array) == 0 or data is None:
        return memoryview(b"")
    width = np.dtype("<i8" if pa.types.is_large_string(array.type) else "<i4")
    first, last = (
        int(np.frombuffer(offsets, dtype=width, count=1, offset=at * width.itemsize)[0])
        for at in (array.offset, array.offset + len(array))
    )
    return memoryview(data)[first:last]


def _numbers(array: pa.Array, what: str) -> bytes:
    """Values as eight little-endian bytes each (one for booleans), zero where null, every NaN the same."""
    if what == "number":
        values: NDArray[np.float64] = pc.fill_null(array.cast(pa.float64()), 0.0).to_numpy(
            zero_copy_only=False
        )
        return np.where(np.isnan(values), _NAN, values).astype("<f8").tobytes()
    if what == "integer":
        return _bytes(pc.fill_null(array.cast(pa.int64()), 0), "<i8")
    return _bytes(pc.fill_null(array, False), "u1")
