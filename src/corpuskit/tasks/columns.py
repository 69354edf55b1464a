r"""The columns of a row of JSON Lines, carried exactly: what a filter does not set anew leaves it as it came in.

Parsed and written again, `18446744073709551616` would be `1.8446744073709552e+19` and `0.12345678901234567890` shorter, NaN
would be null, and half a surrogate pair (`"\ud83d"`, an emoji cut in two) could not be written at all.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from corpuskit.errors import LawError
from corpuskit.model import ORIGINS, Candidate, Edit
from corpuskit.sources.decoding import Trouble, escape
from corpuskit.sources.json_lines import parse_row
from corpuskit.sources.rows import kind_of
from corpuskit.text import check, restore

__all__ = ["Account", "Columns", "account_of", "extracted_of", "read_columns"]

_JSON = json.JSONDecoder()
_BLANK = re.compile(r"[ \t\n\r]*")


class Columns(dict[str, Any]):
    """The values of a row by name. Beside each stands how it was written, until the column is set anew."""

    __slots__ = ("_written",)

    def __init__(self, values: Mapping[str, Any], written: dict[str, bytes]) -> None:
        """Take the values by name, and the JSON of those that were read."""
        super().__init__(values)
        self._written = written

    def __setitem__(self, name: str, value: Any) -> None:
        """Set a column; it is written from its value from now on."""
        self._written.pop(name, None)
        super().__setitem__(name, value)

    def take(self, others: Columns) -> None:
        """Add those of `others` whose names are free, as they were written."""
        for name, value in others.items():
            if name not in self:
                self[name] = value
                self._written[name] = others._written[name]

    def line(self) -> bytes:
        """Return the row as a line of JSON Lines, in the order of its columns."""
        values = (self._written.get(name) or orjson.dumps(value) for name, value in self.items())
        return b"{" + b",".join(_name(name) + b":" + value for name, value in zip(self, values, strict=True)) + b"}\n"

    def exactly(self, extra: str) -> str:
        """Return `extra`, a JSON object of some of these columns, with what was read of each as it was written.

        Numbers keep their digits. NaN and infinities, for which JSON has no word, are the texts "NaN", "Infinity" and
        "-Infinity". Where JSON cannot hold a column so (half of a surrogate pair, a key that stands twice), `extra` is left.
        """
        if not extra:
            return ""
        try:
            found = {name: _EXACT.decode(self._written[name].decode()) for name in json.loads(extra)}
            return orjson.dumps(found, option=orjson.OPT_SORT_KEYS).decode()
        except (KeyError, TypeError, ValueError, RecursionError):
            return extra


def read_columns(line: bytes) -> Columns | Trouble:
    """Return the columns of the object that `line` is, or what is wrong with it."""
    row = parse_row(line)
    if isinstance(row, Trouble):
        return row
    text = line.decode(json.detect_encoding(line), "surrogatepass")  # as the standard library, which has the last word, does
    values: dict[str, Any] = {}
    written: dict[str, bytes] = {}
    at = _past_blanks(text, text.index("{") + 1)
    try:
        while text[at] != "}":  # that it is an object, well written, is known by now
            name, at = _JSON.raw_decode(text, at)
            start = _past_blanks(text, _past_blanks(text, at) + 1)
            value, at = _JSON.raw_decode(text, start)
            if name in values:
                message = f"The row has the column {escape(name)!r} twice."
                return Trouble("same-name", 0, message, "Leave one of them out, or give it a name of its own.")
            values[name] = value
            written[name] = text[start:at].encode("utf-8", "surrogatepass")
            at = _past_blanks(text, at)
            if text[at] == ",":
                at = _past_blanks(text, at + 1)
    except (ValueError, RecursionError) as error:  # a number of thousands of digits, lists within lists within lists
        return Trouble("bad-json", 0, f"The row cannot be read: {escape(str(error))}.", "Write it in another way.")
    return Columns(values, written)


@dataclass(frozen=True, slots=True)
class Account:
    """What `corpuskit clean` did to the text of a row."""

    raw: str
    ledger: tuple[Edit, ...]


def account_of(text: str, columns: Mapping[str, Any]) -> Account | Trouble:
    """Return what the column `edits` says was done to `text`, or why it does not: the text was changed since, or the column
    is another's.
    """
    try:
        ledger = tuple(_read_edit(edit) for edit in columns.get("edits") or ())
        raw = restore(text, ledger)
        check(raw, text, ledger)
        "".join((raw, *(edit.rule + edit.evidence for edit in ledger))).encode()
    except (LawError, TypeError, KeyError, UnicodeEncodeError) as error:
        message = f"The column 'edits' is no account of this text: {escape(str(error))}."
        return Trouble("bad-edits", 0, message, "Clean the raw text again, or give a column of your own another name.")
    return Account(raw, ledger)


def _read_edit(said: dict[str, Any]) -> Edit:
    """Return an edit from the column `edits`. Raises `TypeError` or `KeyError` when it is none."""
    kinds: dict[str, type | tuple[type, ...]] = {
        "rule": str, "start": int, "end": int, "removed": str, "inserted": str, "confidence": (float, int),
    }  # fmt: skip
    for name, kind in kinds.items():
        if not isinstance(said[name], kind) or isinstance(said[name], bool):
            raise TypeError(f"{name!r} is {kind_of(said[name])}")
    evidence = said.get("evidence", "")
    return Edit(
        said["rule"], said["start"], said["end"], said["removed"], said["inserted"],
        evidence if isinstance(evidence, str) else "", said["confidence"],
    )  # fmt: skip


def extracted_of(columns: Mapping[str, Any]) -> tuple[Candidate, ...]:
    """Return the candidates of the column `extracted` as `clean` writes it; none when it is a column of the input's own."""
    names = {one.name: type(one.default) if one.default is not dataclasses.MISSING else str
             for one in dataclasses.fields(Candidate)}  # fmt: skip
    said = columns.get("extracted")
    rows = said if isinstance(said, list) else ()
    for row in rows:
        if not isinstance(row, dict) or row.keys() != names.keys() or row["origin"] not in ORIGINS:
            return ()
        if not all(type(row[name]) is kind or (kind, type(row[name])) == (float, int) for name, kind in names.items()):
            return ()
    try:
        orjson.dumps(rows)
    except TypeError:  # half a surrogate pair
        return ()
    return tuple(Candidate(**row) for row in rows)


def _past_blanks(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return found.end() if found else at


def _name(name: str) -> bytes:
    try:
        return orjson.dumps(name)
    except TypeError:  # half a surrogate pair
        return json.dumps(name).encode()


def _digits(number: str) -> orjson.Fragment:
    return orjson.Fragment(number.encode())


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"the key {name!r} stands twice in an object")
        found[name] = value
    return found


_EXACT = json.JSONDecoder(parse_float=_digits, parse_int=_digits, parse_constant=str, object_pairs_hook=_once)
