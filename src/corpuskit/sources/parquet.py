"""Parquet: only the columns that are read as something, a few rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from corpuskit.model import Quarantined
from corpuskit.sources.decoding import Trouble, escape
from corpuskit.sources.options import Options
from corpuskit.sources.rows import Plan, Record, convert, plan
from corpuskit.sources.streams import Entry

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["read_parquet"]

_ROWS = 128  # at a time: a row may be a book


def read_parquet(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per row; rows count from 1. A file damaged in the middle keeps its head."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    number = 0
    with entry.open() as stream:
        try:
            file = pq.ParquetFile(stream, pre_buffer=False)
            schema = file.schema_arrow
            chosen = plan(options.columns, schema.names, _inside(schema))
            if trouble := _no_text(schema, chosen):
                yield entry.quarantine(trouble)
                return
            for batch in file.iter_batches(_ROWS, columns=_needed(schema, chosen)):
                for row in _rows(batch):
                    number += 1
                    record = entry.row(number)
                    found = row if isinstance(row, Trouble) else convert(row, chosen, record, "utf-8", "given")
                    if isinstance(found, Trouble):
                        yield entry.quarantine(found, record, -1)
                    elif found.decoded.text and len(found.decoded.text) > options.limits.record_bytes:
                        yield entry.quarantine(_too_large(options.limits.record_bytes), record, -1)
                    else:
                        yield found
        except (pa.ArrowException, OSError, ValueError) as error:
            why = escape(str(error).split("\n")[0])
            trouble = Trouble("broken-parquet", -1, f"The file is damaged: {why}", "Write or fetch the file again.")
            yield entry.quarantine(trouble)


def _too_large(limit: int) -> Trouble:
    message = f"The text is longer than {limit} characters, the limit for one record."
    return Trouble("too-large", -1, message, "Split it, or raise [ingest.limits] record_bytes.")


def _inside(schema: pa.Schema) -> dict[str, tuple[str, ...]]:
    from pyarrow import types

    return {field.name: tuple(part.name for part in field.type) for field in schema if types.is_struct(field.type)}


def _needed(schema: pa.Schema, chosen: Plan) -> list[str]:
    """Return the top columns that some field is read from, in the order of the schema."""
    wanted = {name for _, names in chosen.names for name in names}
    roots = {name if name in schema.names else name.split(".")[0] for name in wanted}
    return [name for name in schema.names if name in roots]


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


def _rows(batch: pa.RecordBatch) -> Iterator[dict[str, object] | Trouble]:
    """Yield the rows of a batch; strings that are no UTF-8 (Arrow does not look) spoil their own row only."""
    columns = [_values(batch.column(name), name) for name in batch.schema.names]
    for index in range(batch.num_rows):
        row: dict[str, object] = {}
        bad: Trouble | None = None
        for name, column in zip(batch.schema.names, columns, strict=True):
            value = column[index]
            if isinstance(value, Trouble):
                bad = bad or value
            row[name] = value
        yield bad or row


def _values(column: pa.Array, name: str) -> list[Any]:
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        values = [_value(column[index], name) for index in range(len(column))]
    return values


def _value(cell: pa.Scalar, name: str) -> Any:
    try:
        return cell.as_py()
    except UnicodeDecodeError as error:
        message = f"Column {name!r} is not UTF-8 at byte {error.start} of the value."
        excerpt = escape(error.object[error.start : error.start + 60])
        return Trouble("undecodable", -1, message, "Write the row again in UTF-8.", excerpt)
