"""JSON Lines: one object per line, one document per object."""

from __future__ import annotations

import json
from collections.abc import Iterator

import orjson

from corpuskit.model import Quarantined
from corpuskit.sources.decoding import Trouble, escape
from corpuskit.sources.options import Columns, Options
from corpuskit.sources.rows import Plan, Record, convert, plan
from corpuskit.sources.streams import BrokenError, Entry, Line, chunks, read_lines, transcoded

__all__ = ["Planner", "checked_row", "cut_json_lines", "load_json", "parse_row", "read_json_lines", "too_long"]


class Planner:
    """The plans of the key sets met so far; rows of one file nearly always share theirs."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns
        self._plans: dict[tuple[str, ...], Plan] = {}

    def of(self, row: dict[str, object]) -> Plan:
        """Return the plan for the keys of `row`."""
        inside = {name: tuple(value) for name in ("metadata", "meta") if isinstance(value := row.get(name), dict)}
        keys = (*row, "", *(f"{outer}\x00{name}" for outer, names in inside.items() for name in names))
        found = self._plans.get(keys)
        if found is None:
            if len(self._plans) >= 64:  # a file whose rows share no keys must not fill the memory
                self._plans.clear()
            found = self._plans[keys] = plan(self._columns, tuple(row), inside)
        return found


def read_json_lines(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per line; the row number is the line number, from 1, blank lines counted.

    JSON is UTF-8 by its standard, so a line that is not loses itself and nothing is guessed; only a byte order
    mark or the configured encoding speak for another. Offsets are into the unpacked bytes.
    """
    planner = Planner(options.columns)
    try:
        pieces, wide, mark = transcoded(chunks(entry, options.limits), options.encoding)
        encoding, origin = (wide, "bom" if mark else "configured") if wide else ("utf-8", "strict")
        start, before = (entry.part.start, entry.part.before) if entry.part else (0, 0)
        for line in read_lines(pieces, options.limits.record_bytes, start + (mark if encoding == "utf-8" else 0)):
            at = line.offset if encoding == "utf-8" else -1  # offsets in rewritten UTF-16 mean nothing
            record = entry.row(before + line.number)
            if not line.complete:
                yield entry.quarantine(too_long(line, options.limits.record_bytes), record, at)
            elif not line.data.isspace():
                found = _read_line(line.data, planner, options, record, encoding, origin)
                yield (entry.quarantine(found, record, at) if isinstance(found, Trouble) else found)
    except BrokenError as error:
        yield entry.quarantine(error.trouble)


def cut_json_lines(entry: Entry, options: Options, size: int) -> Iterator[tuple[int, int]]:
    """Yield (offset, lines before it) of a line every `size` bytes or more. Raises `BrokenError`."""
    at = 0
    for line in read_lines(chunks(entry, options.limits), options.limits.record_bytes):
        if line.offset - at >= size:
            at = line.offset
            yield at, line.number - 1


def too_long(line: Line, limit: int) -> Trouble:
    """Return the trouble of a line that passes the limit."""
    message = f"The row is longer than {limit} bytes, the limit for one record."
    remedy = "Put every record on a line of its own, or raise [ingest.limits] record_bytes."
    return Trouble("too-large", 0, message, remedy, escape(line.data))


def _read_line(
    data: bytes, planner: Planner, options: Options, record: str, encoding: str, origin: str
) -> Record | Trouble:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        text = _configured(data, options.encoding) if encoding == "utf-8" else None
        if text is None:
            return Trouble(
                "undecodable",
                error.start,
                f"The row is not UTF-8: {error.reason}.",
                'Write the row again in UTF-8; if the whole file is in another encoding: [ingest] encoding = "…".',
                escape(data[max(0, error.start - 20) : error.start + 40]),
            )
        data, encoding, origin = text.encode("utf-8"), options.encoding, "configured"
    row = parse_row(data)
    return row if isinstance(row, Trouble) else convert(row, planner.of(row), record, encoding, origin)


def _configured(data: bytes, encoding: str) -> str | None:
    try:
        return data.decode(encoding) if encoding else None
    except UnicodeDecodeError:
        return None


def parse_row(data: bytes) -> dict[str, object] | Trouble:
    """Return the object that `data` (UTF-8) is; the standard library has a second look at what orjson refuses.

    Python's own `json.dumps` writes NaN for missing numbers, and half surrogates for emoji cut in two; the first
    is read, the second is named by `convert` where it stands in a field that matters.
    """
    return checked_row(load_json(data))


def load_json(data: bytes) -> object:
    """Return the value that `data` (UTF-8) is, or `Trouble`."""
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError as error:
        try:
            return json.loads(data)
        except (ValueError, RecursionError):
            offset = max(0, min(len(error.doc[: error.pos].encode()), len(data.rstrip()) - 1))
            return Trouble(
                "bad-json",
                offset,
                f"This is not JSON: {error.msg}, at byte {offset}.",
                "Fix it, or write it again with a JSON library.",
                escape(data[max(0, offset - 20) : offset + 60]),
            )


def checked_row(row: object) -> dict[str, object] | Trouble:
    """Return `row` when it is an object (or `Trouble` already), else say what it is."""
    if isinstance(row, dict | Trouble):
        return row
    kind = {list: "a list", str: "a string", type(None): "null"}.get(type(row), "a number")
    message = f"The row is {kind}, not an object."
    return Trouble("wrong-type", 0, message, "Write one object per row.", escape(repr(row)[:200]))
