"""Parquet and Arrow: only the columns that are read as something or can be told, a few rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, BinaryIO

from corpuskit.model import Quarantined
from corpuskit.sources.decoding import Trouble, escape
from corpuskit.sources.options import Options
from corpuskit.sources.rows import Plan, Record, convert, plan
from corpuskit.sources.streams import BrokenError, Entry, seekable

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["cut_parquet", "read_arrow", "read_parquet"]

_Opened = Callable[[BinaryIO], "tuple[pa.Schema, Callable[[list[str]], Iterator[pa.RecordBatch]]]"]
_ROWS = 128  # at a time: a row may be a book


def read_parquet(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per row; rows count from 1. A file damaged in the middle keeps its head."""

    def opened(stream: BinaryIO) -> tuple[pa.Schema, Callable[[list[str]], Iterator[pa.RecordBatch]]]:
        import pyarrow.parquet as pq

        file = pq.ParquetFile(stream, pre_buffer=False)
        groups = range(entry.part.start, entry.part.stop) if entry.part else range(file.num_row_groups)
        return file.schema_arrow, lambda columns: file.iter_batches(_ROWS, row_groups=list(groups), columns=columns)

    return _read(entry, options, opened)


def cut_parquet(entry: Entry, options: Options, size: int) -> Iterator[tuple[int, int]]:
    """Yield (row group, rows before it) every `size` packed bytes or more, and the number of row groups at the end.

    Raises `pa.ArrowException` or `OSError` when the file is damaged.
    """
    import pyarrow.parquet as pq

    with seekable(entry, options.limits) as stream:
        found = pq.ParquetFile(stream, pre_buffer=False).metadata
    rows = packed = 0
    for number in range(found.num_row_groups):
        group = found.row_group(number)
        if number and packed >= size:
            packed = 0
            yield number, rows
        rows += group.num_rows
        packed += sum(group.column(at).total_compressed_size for at in range(group.num_columns))
    yield found.num_row_groups, rows


def read_arrow(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per row of an Arrow stream, as `datasets.save_to_disk` writes them."""

    def opened(stream: BinaryIO) -> tuple[pa.Schema, Callable[[list[str]], Iterator[pa.RecordBatch]]]:
        import pyarrow as pa

        file = pa.ipc.open_stream(stream)

        def batches(columns: list[str]) -> Iterator[pa.RecordBatch]:
            for batch in file:
                for start in range(0, batch.num_rows, _ROWS):
                    yield batch.select(columns).slice(start, _ROWS)

        return file.schema, batches

    return _read(entry, options, opened)


def _read(entry: Entry, options: Options, opened: _Opened) -> Iterator[Record | Quarantined]:
    import pyarrow as pa

    number = entry.part.before if entry.part else 0
    try:
        with seekable(entry, options.limits) as stream:
            schema, batches = opened(stream)
            chosen = plan(options.columns, schema.names, _inside(schema))
            if trouble := _no_text(schema, chosen):
                yield entry.quarantine(trouble)
                return
            needed = _needed(schema, chosen)
            beside = _beside(schema, chosen, needed)
            for batch in batches([name for name in schema.names if name in needed or name in beside]):
                for row in _rows(batch, beside):
                    number += 1
                    record = entry.row(number)
                    found = row if isinstance(row, Trouble) else convert(row, chosen, record, "utf-8", "given")
                    if isinstance(found, Record) and len(found.decoded.text) > options.limits.record_bytes:
                        found = _too_large(options.limits.record_bytes)
                    yield entry.quarantine(found, record, -1) if isinstance(found, Trouble) else found
    except BrokenError as error:
        yield entry.quarantine(error.trouble)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:  # a false length asks for exabytes
        why = escape(str(error).split("\n", 1)[0])
        reason = f"broken-{entry.format}"
        yield entry.quarantine(Trouble(reason, -1, f"The file is damaged: {why}", "Write or fetch the file again."))


def _too_large(limit: int) -> Trouble:
    message = f"The text is longer than {limit} characters, the limit for one record."
    return Trouble("too-large", -1, message, "Split it, or raise [ingest.limits] record_bytes.")


def _inside(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    from pyarrow import types

    return {field.name: tuple(part.name for part in field.type) for field in schema if types.is_struct(field.type)}


def _needed(schema: pa.Schema, chosen: Plan) -> frozenset[str]:
    """Return the top columns that some field is read from."""
    return frozenset(_root(schema, name) for _, names in chosen.names for name in names)


def _root(schema: pa.Schema, name: str) -> str:
    return name if name in schema.names else name.split(".", maxsplit=1)[0]


def _beside(schema: pa.Schema, chosen: Plan, needed: frozenset[str]) -> frozenset[str]:
    """Return the top columns that no field is read from, and that are kept. Bytes (pictures, sound) are no JSON."""
    wanted = frozenset([_root(schema, chosen.extra)] if chosen.extra else schema.names)
    return frozenset(name for name in wanted - needed if name in schema.names and not _binary(schema.field(name).type))


def _binary(kind: pa.DataType) -> bool:
    """Say whether there are bytes in values of a type."""
    import pyarrow as pa
    from pyarrow import types

    if types.is_dictionary(kind):
        return _binary(kind.value_type)
    tests = (types.is_binary, types.is_large_binary, types.is_binary_view, types.is_fixed_size_binary)
    return (
        isinstance(kind, pa.BaseExtensionType)
        or any(test(kind) for test in tests)
        or any(_binary(kind.field(at).type) for at in range(kind.num_fields))
    )


def _no_text(schema: pa.Schema, chosen: Plan) -> Trouble | None:
    """Refuse the file as a whole when it has no text column, or one of another type."""
    from pyarrow import types

    found = convert(dict.fromkeys(schema.names, "x"), chosen, "", "utf-8", "given")
    names = chosen.of("text")
    if isinstance(found, Trouble) and found.reason == "no-text" and (not names or "." not in names[0]):
        return found
    if names and names[0] in schema.names:
        kind = schema.field(names[0]).type
        kind = kind.value_type if types.is_dictionary(kind) else kind
        if not (_is_text(kind) or types.is_null(kind)):
            message = f"Column {names[0]!r} is of type {kind}, not text."
            return Trouble("wrong-type", -1, message, 'Name the right column: [ingest.columns] text = "…".')
    return None


def _is_text(kind: pa.DataType) -> bool:
    from pyarrow import types

    tests = (types.is_string, types.is_large_string, types.is_string_view,
             types.is_binary, types.is_large_binary, types.is_binary_view)  # fmt: skip
    return any(test(kind) for test in tests)


def _rows(batch: pa.RecordBatch, beside: frozenset[str]) -> Iterator[dict[str, object] | Trouble]:
    """Yield the rows of a batch; a value that is damaged or no UTF-8 spoils its own row only.

    Of the columns `beside`, from which no field is read, it is left out.
    """
    columns = [_values(batch.column(name), name) for name in batch.schema.names]
    for index in range(batch.num_rows):
        row: dict[str, object] = {}
        bad: Trouble | None = None
        for name, column in zip(batch.schema.names, columns, strict=True):
            value = column[index]
            if isinstance(value, Trouble):
                bad = bad or (None if name in beside else value)
                value = None
            row[name] = value
        yield bad or row


def _values(column: pa.Array, name: str) -> list[Any]:
    """Return the values of a column, validated first: Arrow trusts offsets, and a false one ends the process."""
    import pyarrow as pa

    try:
        column.validate(full=True)
        values: list[Any] = column.to_pylist()
    except (pa.ArrowInvalid, ValueError, OverflowError):
        return [_value(column.slice(index, 1), name) for index in range(len(column))]
    return values


def _value(cell: pa.Array, name: str) -> Any:
    import pyarrow as pa

    try:
        cell.validate(full=True)
        return cell[0].as_py()
    except (pa.ArrowInvalid, ValueError, OverflowError) as error:  # 2**63 days after 1970 are no date of Python
        why = escape(str(error).split("\n", 1)[0])
        message = f"Column {name!r} is damaged or not UTF-8 in this row: {why}"
        return Trouble("undecodable", -1, message, "Write the row again in UTF-8.")
