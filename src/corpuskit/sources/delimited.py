"""CSV and TSV, as spreadsheets and scrapers write them.

The csv module is a good state machine on text; here it runs on bytes read as Latin-1, which maps every byte to one
character and back, so that each record can be decoded by itself and one bad byte costs one row.
"""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from corpuskit.model import Quarantined
from corpuskit.sources.decoding import Decoded, Trouble, decode, escape, looks_binary, utf8_counts
from corpuskit.sources.discovery import Part
from corpuskit.sources.json_lines import too_long
from corpuskit.sources.options import Options
from corpuskit.sources.rows import Plan, Record, convert, plan
from corpuskit.sources.streams import BrokenError, Entry, Line, chunks, head_and_rest, read_lines, transcoded

__all__ = ["cut_csv", "read_csv", "read_tsv"]

_HEAD = 1 << 20
_DELIMITERS = b",;\t|"
_MAX_COLUMNS = 10_000


def read_csv(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per row; the delimiter is the commonest of ``, ; tab |`` in the header."""
    return _read(entry, options, b"")


def read_tsv(entry: Entry, options: Options) -> Iterator[Record | Quarantined]:
    """Yield a record or quarantine entry per row of tab-separated values."""
    return _read(entry, options, b"\t")


def _read(entry: Entry, options: Options, delimiter: bytes) -> Iterator[Record | Quarantined]:
    """Rows count from 1, the header and blank rows not among them. Offsets are into the unpacked bytes."""
    try:
        table = _opened(replace(entry, part=None), options, delimiter)
        if isinstance(table, Trouble):
            yield entry.quarantine(table)
            return
        yield from _records(entry, options, table)
    except BrokenError as error:
        yield entry.quarantine(error.trouble)


@dataclass(frozen=True, slots=True)
class _Table:
    """How a file is read, as its head says."""

    pieces: Iterator[bytes]  #: the whole file
    start: int  #: offset of the first piece, behind a byte order mark
    end: bytes  #: of a line
    delimiter: str
    encodings: _Encodings
    tracked: bool  #: whether offsets mean something

    def rows(self, limit: int) -> _Splitter:
        """Return all rows of the file."""
        return _Splitter(read_lines(self.pieces, limit, self.start, self.end), self.delimiter, limit)

    def further(self, entry: Entry, part: Part, options: Options) -> _Splitter:
        """Return the rows from the beginning of a part on; a broken quotation may have to be followed beyond its end."""
        limit = options.limits.record_bytes
        rest = replace(entry, part=replace(part, stop=entry.size))
        lines = read_lines(chunks(rest, options.limits), limit, part.start, self.end)
        return _Splitter(lines, self.delimiter, limit, first=False)


def _opened(entry: Entry, options: Options, delimiter: bytes) -> _Table | Trouble:
    pieces, wide, mark = transcoded(chunks(entry, options.limits), options.encoding)
    head, pieces = head_and_rest(pieces, _HEAD)
    if not head.strip():
        return Trouble("empty", 0, "There is no row.", "Remove it, or look at where its rows went.")
    if trouble := looks_binary(head[:_HEAD]):
        return trouble
    end = b"\n" if b"\n" in head or b"\r" not in head else b"\r"
    tracked = not wide or wide == "utf-8"
    encodings = _Encodings.of(head, "utf-8" if wide else "", options.encoding, wide)
    return _Table(pieces, mark if tracked else 0, end, _delimiter(head, delimiter), encodings, tracked)


def _records(entry: Entry, options: Options, table: _Table) -> Iterator[Record | Quarantined]:
    part = entry.part
    rows = table.rows(options.limits.record_bytes).split()
    first = next(rows, None)
    if first is None:
        return
    names = table.encodings.names(first)
    trouble = names if isinstance(names, Trouble) else None
    if not isinstance(names, Trouble):
        chosen = plan(options.columns, names, {})
        trouble = _no_text(names, chosen)
    if trouble or isinstance(names, Trouble):
        yield entry.quarantine(trouble or names, base=first.offset if table.tracked else -1)  # type: ignore[arg-type]
        return
    number = 0
    if part and part.start:
        number, rows = part.before, table.further(entry, part, options).split()
    for row in rows:
        at = row.offset if table.tracked else -1
        if part and at >= part.stop:
            return
        number += 1
        record = entry.row(number)
        found = table.encodings.record(row, names, chosen, record)
        yield entry.quarantine(found, record, at) if isinstance(found, Trouble) else found


def cut_csv(entry: Entry, options: Options, size: int) -> Iterator[tuple[int, int]]:
    """Yield (offset, data rows before it) of a row every `size` bytes or more. Raises `BrokenError`.

    The file is parsed for it: a line end inside a quotation ends no row, and after a broken quotation the reader starts
    anew on the next line, so that nothing but parsing finds the rows as reading does.
    """
    table = _opened(entry, options, b"\t" if entry.format == "tsv" else b"")
    if isinstance(table, Trouble) or not table.tracked:
        return
    at = 0
    for number, row in enumerate(table.rows(options.limits.record_bytes).split()):
        if number and row.offset - at >= size:
            at = row.offset
            yield at, number - 1


def _no_text(header: tuple[str, ...], chosen: Plan) -> Trouble | None:
    """Refuse the file as a whole when its header has no text column: every row would fail alike."""
    found = convert(dict.fromkeys(header, "x"), chosen, "", "utf-8", "strict")
    return found if isinstance(found, Trouble) and found.reason == "no-text" else None


def _delimiter(head: bytes, given: bytes) -> str:
    """Return the delimiter; Excel may name it in a first line ``sep=;``."""
    first = head.split(b"\n", 1)[0][:65536]
    if first[:4].lower() == b"sep=" and len(first.strip()) == 5:
        return first[4:5].decode("latin-1")
    if given:
        return given.decode("latin-1")
    bare = b"".join(first.split(b'"')[::2])  # outside of quotes
    return chr(max(_DELIMITERS, key=lambda byte: (bare.count(byte), -_DELIMITERS.index(byte))))


@dataclass(slots=True)
class _Row:
    offset: int
    cells: list[str] = field(default_factory=list)  #: bytes as Latin-1
    trouble: Trouble | None = None


class _Splitter:
    """Lines to rows. After a broken quotation it starts again on the next line, so one row is lost, not the file.

    A line is fed to the parser at most twice: behind an opening quote that is never closed no other quote opens.
    """

    def __init__(self, lines: Iterator[Line], delimiter: str, limit: int, first: bool = True) -> None:
        self._lines = lines
        self._first = first  # whether a line ``sep=;`` may come
        self._delimiter = delimiter
        self._limit = limit
        self._again: deque[Line] = deque()
        self._taken: list[Line] = []
        self._long: Line | None = None

    def _next(self) -> Line | None:
        return self._again.popleft() if self._again else next(self._lines, None)

    def _feed(self) -> Iterator[str]:
        size = 0
        while True:
            if not self._taken:
                size = 0
            line = self._next()
            if line is None:
                return
            if not line.complete:
                self._long = line
                return
            size += len(line.data)
            self._taken.append(line)
            if size > self._limit:
                raise csv.Error(f"a quotation runs over more than {self._limit} bytes")
            yield line.data.decode("latin-1")

    def split(self) -> Iterator[_Row]:
        """Yield the rows, blank ones left out."""
        csv.field_size_limit(max(csv.field_size_limit(), self._limit + 1))  # process-wide; never lowered
        first = self._first
        while True:
            parser = csv.reader(self._feed(), delimiter=self._delimiter, strict=True)
            try:
                for cells in parser:
                    offset = self._taken[0].offset
                    self._taken.clear()
                    hint = first and len(cells) == 2 and cells[0].lower() == "sep=" and not cells[1]
                    first = False
                    if cells and not hint:
                        yield _Row(offset, cells)
            except csv.Error as error:
                first = False
                yield self._lost(error)
                continue
            if self._long is None:
                return
            yield _Row(self._long.offset, trouble=too_long(self._long, self._limit))
            self._long = None

    def _lost(self, error: csv.Error) -> _Row:
        bad, *rest = self._taken
        self._taken.clear()
        if self._long:  # read ahead inside the quotation; it comes again
            rest.append(self._long)
            self._long = None
        self._again.extendleft(reversed(rest))
        message = f"The row is not CSV: {error}."
        remedy = (
            "Double the quotes inside quoted fields and close every quotation, or write the file with a CSV library."
        )
        return _Row(bad.offset, trouble=Trouble("bad-csv", 0, message, remedy, escape(bad.data)))


@dataclass(frozen=True, slots=True)
class _Encodings:
    """How the rows of one file are decoded: strict UTF-8 first, then, row by row, what the head of the file allows."""

    wide: str  #: the encoding that was rewritten to UTF-8 on the way, else ""
    only_utf8: bool  #: a mark or the head says so; a row that is not is broken, not in another encoding
    configured: str
    guess: str  #: for rows that are not UTF-8
    origin: str
    confidence: float

    @classmethod
    def of(cls, head: bytes, marked: str, configured: str, wide: str) -> _Encodings:
        """Decide from the head of the file; a spreadsheet writes all rows alike."""
        head = head[: head.rfind(b"\n") + 1] or head
        whole, stray = utf8_counts(head)
        if marked or (whole and whole >= stray):
            return cls(wide, True, configured, "utf-8", "strict", 1.0)
        found = decode(head, configured)
        if isinstance(found, Decoded) and found.encoding != "utf-8":
            return cls(wide, False, configured, found.encoding, found.origin, found.confidence)
        return cls(wide, False, configured, "cp1252", "cp1252", 0.5)  # an ASCII head says nothing of later rows

    def names(self, row: _Row) -> tuple[str, ...] | Trouble:
        """Return the column names of the header row."""
        if row.trouble:
            return row.trouble
        found = self._strings(row.cells)
        if isinstance(found, Trouble):
            return found
        names = tuple(name.strip() or f"column {number}" for number, name in enumerate(found[0], 1))
        if len(set(names)) < len(names) or len(names) > _MAX_COLUMNS:
            twice = sorted({name for name in names if names.count(name) > 1})[:3] if len(names) <= _MAX_COLUMNS else []
            message = f"Columns of the same name: {', '.join(map(repr, twice))}." if twice else "Too many columns."
            return Trouble("bad-header", 0, message, "Give every column a name of its own in the first row.")
        return names

    def record(self, row: _Row, header: tuple[str, ...], chosen: Plan, record: str) -> Record | Trouble:
        """Return the record of a data row."""
        if row.trouble:
            return row.trouble
        if len(row.cells) != len(header):
            return Trouble(
                "bad-csv",
                0,
                f"The row has {len(row.cells)} fields, the header has {len(header)}.",
                "Quote the fields that hold the delimiter, or add the missing ones.",
                escape("|".join(row.cells)),
            )
        found = self._strings(row.cells)
        if isinstance(found, Trouble):
            return found
        cells, encoding, origin, confidence = found
        result = convert(dict(zip(header, cells, strict=True)), chosen, record, encoding, origin)
        if isinstance(result, Trouble) or confidence == 1.0:
            return result
        return replace(result, decoded=replace(result.decoded, confidence=confidence))

    def _strings(self, cells: list[str]) -> tuple[list[str], str, str, float] | Trouble:
        data = [cell.encode("latin-1") for cell in cells]
        try:
            strings = [cell.decode("utf-8") for cell in data]
        except UnicodeDecodeError as error:
            trouble = _not_utf8(error)
        else:
            return strings, self.wide or "utf-8", "bom" if self.wide else "strict", 1.0
        ways = [] if self.only_utf8 else [(self.guess, self.origin, self.confidence)]
        if self.configured and not self.wide:
            ways.insert(0, (self.configured, "configured", 1.0))
        for encoding, origin, confidence in ways:
            try:
                return [cell.decode(encoding) for cell in data], encoding, origin, confidence
            except UnicodeDecodeError:
                continue
        return trouble


def _not_utf8(error: UnicodeDecodeError) -> Trouble:
    return Trouble(
        "undecodable",
        -1,
        f"The row is not UTF-8: {error.reason}.",
        'Save the file again in UTF-8; if all of it is in another encoding: [ingest] encoding = "…".',
        escape(error.object[max(0, error.start - 20) : error.start + 40]),
    )
