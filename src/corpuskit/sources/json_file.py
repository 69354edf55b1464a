"""JSON files: a list of objects, one object, or JSON Lines under another name."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from corpuskit.model import Quarantined
from corpuskit.sources.decoding import Trouble, escape
from corpuskit.sources.json_lines import Planner, checked_row, load_json, parse_row, read_json_lines
from corpuskit.sources.options import Limits, Options
from corpuskit.sources.rows import Record, convert
from corpuskit.sources.streams import BrokenError, Entry, Feed, chunks, head_and_rest, transcoded

__all__ = ["read_json"]

_HEAD = 1 << 20


def read_json(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per object.

    A list is parsed as a whole, within `limits.document_bytes`, its rows counted from 1; an object alone has no
    number. A file whose first line is an object by itself is JSON Lines and streamed.
    """
    try:
        head, pieces = head_and_rest(chunks(entry, options.limits), _HEAD)
        readable, _, _ = transcoded(iter([head]), options.encoding)
        first, end, more = b"".join(readable).lstrip().partition(b"\n")
        if end and more.strip() and isinstance(parse_row(first), dict):
            yield from read_json_lines(replace(entry, open=lambda: Feed(pieces), compression=""), options)
            return
        value = _whole(pieces, options.encoding, options.limits)
    except BrokenError as error:
        value = error.trouble
    if isinstance(value, Trouble):
        yield entry.quarantine(value)
        return
    planner = Planner(options.columns)
    rows = (
        [(entry.row(n), row) for n, row in enumerate(value, 1)] if isinstance(value, list) else [(entry.member, value)]
    )
    for record, row in rows:
        found = checked_row(row)
        result = found if isinstance(found, Trouble) else convert(found, planner.of(found), record, "utf-8", "given")
        yield entry.quarantine(result, record, -1) if isinstance(result, Trouble) else result


def _whole(pieces: Iterator[bytes], encoding: str, limits: Limits) -> Any:
    """Return the value that the whole file is, or `Trouble`."""
    parts: list[bytes] = []
    size = 0
    for piece in transcoded(pieces, encoding)[0]:
        size += len(piece)
        if size > limits.document_bytes:
            message = f"A JSON list is read as a whole, and this one is longer than {limits.document_bytes} bytes."
            return Trouble("too-large", size, message, "Write it as JSON Lines: jq -c '.[]' FILE.json > FILE.jsonl")
        parts.append(piece)
    data = b"".join(parts)
    if not data.strip():
        return Trouble("empty", 0, "There is no row.", "Remove it, or look at where its rows went.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        message = f"The file is not UTF-8: {error.reason}."
        excerpt = escape(data[max(0, error.start - 20) : error.start + 40])
        return Trouble("undecodable", error.start, message, "Save the file again in UTF-8.", excerpt)
    return load_json(data)
