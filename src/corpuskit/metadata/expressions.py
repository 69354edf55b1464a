"""Conditions over the columns of a document, as `[filter]` states them: ``words < 50``, ``language != 'en'``.

The grammar is a part of Python's: columns, numbers, texts and lists of them; ``+ - * /`` and ``len(column)``;
``< <= == != >= >``, ``in``, ``not in``, ``is None``, ``is not None``; ``and``, ``or``, ``not`` and parentheses. Python's
parser reads it, a list of allowed nodes checks it, and functions made here compute it; nothing is ever evaluated
as Python. Kinds are checked when the condition is read, so that a slip fails before the build and not in it.

A comparison with a value that nobody knows is itself unknown (Kleene's three values, as in SQL), and an unknown
condition drops nothing: a text of unknown language is not "not English". ``language is None`` asks for it.
"""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from corpuskit.errors import ConfigError, nearest

__all__ = ["COLUMNS", "Expression", "parse"]

Kind = Literal["number", "text", "list", "condition", "nothing"]
Row = Mapping[str, Any]

#: The columns that a condition may name: those of the enriched documents; `tests` hold them against the schema.
COLUMNS: dict[str, Kind] = {
    **dict.fromkeys(
        ("source", "url", "title", "date_published", "date_modified", "language", "license", "publisher"), "text"
    ),
    **dict.fromkeys(
        ("authors", "editors", "image_credits", "opt_outs", "gopher_quality", "gopher_repetition", "fineweb_quality"), "list"
    ),
    **dict.fromkeys(
        (
            "language_confidence", "raw_characters", "characters", "words", "lines", "edits", "removed_characters",
            "sentences", "paragraphs", "mean_word_length", "mean_line_length", "stop_word_share", "symbol_ratio",
            "alphabetic_share", "bullet_share", "ellipsis_share", "terminal_share", "short_line_share",
            "duplicate_line_share", "duplicate_line_characters", "duplicate_paragraph_share",
            "duplicate_paragraph_characters", "top_2gram_share", "top_3gram_share", "top_4gram_share",
            "duplicate_5gram_share", "duplicate_6gram_share", "duplicate_7gram_share", "duplicate_8gram_share",
            "duplicate_9gram_share", "duplicate_10gram_share", "pii_email", "pii_iban", "pii_ip", "pii_phone",
        ),
        "number",
    ),
}  # fmt: skip

_MOST = 1_000  # characters of a condition
_LARGEST = 10**15  # far above any count, and still exact as a float
_SHOWN = 80  # characters of a value that evidence shows
_NAMES: dict[Kind, str] = {
    "number": "a number", "text": "a text", "list": "a list", "condition": "a condition", "nothing": "None",
}  # fmt: skip
_ORDER: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt, ast.GtE: operator.ge,
    ast.Eq: operator.eq, ast.NotEq: operator.ne,
}  # fmt: skip
_SUMS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add, ast.Sub: operator.sub, ast.Mult: operator.mul, ast.Div: operator.truediv,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Expression:
    """A condition that was read; `text` as it was written, `columns` in the order in which it names them."""

    text: str
    columns: tuple[str, ...]
    _value: Callable[[Row], Any]

    def holds(self, row: Row) -> bool:
        """Whether the condition is certainly true of `row`, which has a value or None for each of `columns`."""
        return self._value(row) is True

    def evidence(self, row: Row) -> str:
        """Return the values that decided, for a person: ``words = 12, language = 'de'``."""
        return ", ".join(f"{name} = {_shown(row[name])}" for name in self.columns)


def _shown(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:g}"
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"


def parse(text: str, where: str = "[filter] drop") -> Expression:
    """Return the condition that `text` states; `where` names the key in messages.

    Raises `ConfigError` for what is not of the grammar, a column that does not exist (naming the nearest), and
    operands that do not go together.
    """
    try:
        if len(text) > _MOST:
            raise _ConditionError(f"is longer than {_MOST:,} characters")
        tree = ast.parse(text.strip(), mode="eval")
        reader = _Reader(text.strip())
        kind, value = reader.read(tree.body)
        if kind != "condition":
            raise _ConditionError(f"is {_NAMES[kind]}, not a condition; write for instance `words < 50`")
        if not reader.columns:
            raise _ConditionError("names no column, so it holds for all documents or for none")
    except _ConditionError as wrong:
        raise ConfigError(f"{where}: {_brief(text)} {wrong}") from None
    except SyntaxError as error:
        raise ConfigError(f"{where}: {_brief(text)} cannot be read: {error.msg}") from None
    except (RecursionError, MemoryError, ValueError):
        raise ConfigError(f"{where}: {_brief(text)} is nested too deeply, or holds what no text file does") from None
    return Expression(text.strip(), tuple(dict.fromkeys(reader.columns)), value)


def _brief(text: str) -> str:
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…")


class _ConditionError(Exception):
    """What is wrong with a condition: the part of the message after it."""


class _Reader:
    """Turns the nodes of one condition into functions of a row, each with the kind of what it gives."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.columns: list[str] = []

    def read(self, node: ast.expr) -> tuple[Kind, Callable[[Row], Any]]:
        match node:
            case ast.Constant(value=bool()):
                raise _ConditionError("holds True or False, which no column is")
            case ast.Constant(value=int() as value) if value > _LARGEST:
                raise _ConditionError(f"holds a number above {_LARGEST:,}")
            case ast.Constant(value=int() | float() | str() | None as value):
                kind: Kind = "nothing" if value is None else "text" if isinstance(value, str) else "number"
                return kind, lambda _: value
            case ast.List(elts=items) | ast.Tuple(elts=items):
                return "list", self._listed(items)
            case ast.Name(id=name):
                return self._column(name)
            case ast.Call(func=ast.Name(id="len"), args=[argument], keywords=[]):
                return "number", self._length(argument)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return "number", _changed(operator.neg, self._of("number", operand))
            case ast.UnaryOp(op=ast.Not(), operand=operand):
                return "condition", _changed(operator.not_, self._of("condition", operand))
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _SUMS:
                return "number", _sum(_SUMS[type(op)], self._of("number", left), self._of("number", right))
            case ast.BoolOp(op=op, values=values):
                return "condition", _joined([self._of("condition", one) for one in values], isinstance(op, ast.And))
            case ast.Compare(left=left, ops=ops, comparators=others):
                sides = [left, *others]
                parts = [self._compared(*part) for part in zip(sides, ops, others, strict=False)]
                return "condition", _joined(parts, True)
        raise _ConditionError(f"holds {self._source(node)!r}, which no condition may hold; see docs/filters.md")

    def _source(self, node: ast.expr) -> str:
        return (ast.get_source_segment(self.text, node) or type(node).__name__)[:_SHOWN]

    def _column(self, name: str) -> tuple[Kind, Callable[[Row], Any]]:
        if name not in COLUMNS:
            hint = " (None is written so)" if name.lower() in ("null", "nil", "none") else nearest(name, list(COLUMNS))
            raise _ConditionError(f"names {name!r}, and there is no such column{hint}")
        self.columns.append(name)
        return COLUMNS[name], operator.itemgetter(name)

    def _of(self, wanted: Kind, node: ast.expr) -> Callable[[Row], Any]:
        kind, value = self.read(node)
        if kind != wanted:
            raise _ConditionError(f"has {self._source(node)!r}, {_NAMES[kind]}, where {_NAMES[wanted]} is wanted")
        return value

    def _listed(self, items: Sequence[ast.expr]) -> Callable[[Row], Any]:
        read = [self.read(item) for item in items]
        if any(kind not in ("number", "text") or not isinstance(item, ast.Constant | ast.UnaryOp)
               for (kind, _), item in zip(read, items, strict=True)):  # fmt: skip
            raise _ConditionError("has a list of something else than numbers and texts")
        values = tuple(value({}) for _, value in read)
        return lambda _: values

    def _length(self, node: ast.expr) -> Callable[[Row], Any]:
        kind, value = self.read(node)
        if kind not in ("text", "list"):
            raise _ConditionError(f"asks for the length of {self._source(node)!r}, {_NAMES[kind]}")
        return _changed(len, value)

    def _compared(self, left: ast.expr, op: ast.cmpop, right: ast.expr) -> Callable[[Row], Any]:
        (a_kind, a), (b_kind, b) = self.read(left), self.read(right)
        if "nothing" in (a_kind, b_kind):
            if not isinstance(op, ast.Is | ast.IsNot | ast.Eq | ast.NotEq):
                raise _ConditionError("compares with None: write `is None` or `is not None`")
            known, missing = (b, isinstance(op, ast.Is | ast.Eq)) if a_kind == "nothing" else (
                a, isinstance(op, ast.Is | ast.Eq))  # fmt: skip
            return lambda row: (known(row) is None) == missing
        if isinstance(op, ast.In | ast.NotIn):
            if not (b_kind == "list" and a_kind in ("number", "text")) and (a_kind, b_kind) != ("text", "text"):
                raise _ConditionError(f"looks for {_NAMES[a_kind]} in {_NAMES[b_kind]}")
            return _within(a, b, isinstance(op, ast.In))
        if isinstance(op, ast.Is | ast.IsNot):
            raise _ConditionError("has an `is` without None: write `==`")
        if a_kind != b_kind or a_kind not in ("number", "text"):
            raise _ConditionError(f"compares {_NAMES[a_kind]} with {_NAMES[b_kind]}")
        return _ordered(_ORDER[type(op)], a, b)


def _changed(do: Callable[[Any], Any], a: Callable[[Row], Any]) -> Callable[[Row], Any]:
    def value(row: Row) -> Any:
        found = a(row)
        return None if found is None else do(found)

    return value


def _sum(do: Callable[[Any, Any], Any], a: Callable[[Row], Any], b: Callable[[Row], Any]) -> Callable[[Row], Any]:
    def value(row: Row) -> Any:
        left, right = a(row), b(row)
        if left is None or right is None or (do is operator.truediv and right == 0):
            return None
        return do(left, right)

    return value


def _ordered(do: Callable[[Any, Any], bool], a: Callable[[Row], Any], b: Callable[[Row], Any]) -> Callable[[Row], Any]:
    def value(row: Row) -> Any:
        left, right = a(row), b(row)
        return None if left is None or right is None else do(left, right)

    return value


def _within(a: Callable[[Row], Any], b: Callable[[Row], Any], wanted: bool) -> Callable[[Row], Any]:
    def value(row: Row) -> Any:
        item, items = a(row), b(row)
        return None if item is None or items is None else (item in items) == wanted

    return value


def _joined(parts: Sequence[Callable[[Row], Any]], both: bool) -> Callable[[Row], Any]:
    """`and` (with `both`) or `or` in three values: one part that decides makes the unknown ones not matter."""

    def value(row: Row) -> Any:
        found = [part(row) for part in parts]
        if (not both) in found:
            return not both
        return None if None in found else both

    return value
