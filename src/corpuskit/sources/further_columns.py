"""What a row says beside its text and fields: columns that no field takes, as one JSON object."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

import orjson

__all__ = ["as_json", "left_over"]

_DEEPEST = 254  # of orjson; Python's own limit depends on who calls


def left_over(row: Mapping[str, object], taken: frozenset[str], longest: int) -> str:
    """Return the columns of `row` that are not `taken`, as a JSON object sorted by name; "" where nothing is left.

    Names in `taken` reach into objects with dots, as those of `[ingest.columns]` do. Left out are columns that say nothing
    (null, an empty text, list or object) or more than `longest` characters, and what JSON does not hold: bytes.
    """
    found: list[tuple[str, str]] = []
    for name, value in _untaken(row, taken, ""):
        nothing = value is None or (isinstance(value, str | list | tuple | Mapping) and not value)
        said = "" if nothing else _dumped(value)
        if said and said != "null" and len(said) <= longest:
            found.append((name, said))
    return "{" + ",".join(f"{as_json(name)}:{said}" for name, said in sorted(found)) + "}" if found else ""


def _untaken(row: Mapping[str, object], taken: frozenset[str], before: str) -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for key, value in row.items():
        name = f"{before}{key}"
        if name in taken:
            continue
        if isinstance(value, Mapping) and any(one.startswith(f"{name}.") for one in taken):
            value = dict(_untaken(value, taken, f"{name}.")) or None
        found.append((str(key), value))
    return found


def _dumped(value: object) -> str:
    """Return `value` as JSON, "" where that cannot be: bytes in it, or lists nested too deep."""
    try:
        return as_json(value)
    except (TypeError, ValueError):
        return ""


def as_json(value: object) -> str:
    """Return `value` as JSON, keys sorted, the same for the same value everywhere.

    Numbers stay exact however long, half surrogates stay as escapes, NaN becomes null. Raises `TypeError` for what JSON
    does not hold, `ValueError` for what is nested deeper than `_DEEPEST`.
    """
    try:
        return orjson.dumps(value, default=_text, option=orjson.OPT_SORT_KEYS).decode()
    except TypeError:  # 12345678901234567890123, or "\\ud83d"
        return json.dumps(_finite(value), default=_text, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _text(value: object) -> str:
    """Return what Parquet and TOML have beside JSON (dates, times, decimals) as text."""
    if isinstance(value, bytes | bytearray | memoryview):
        raise TypeError("bytes are no JSON")
    return str(value)


def _finite(value: Any, depth: int = 0) -> Any:
    if depth > _DEEPEST:
        raise ValueError("nested too deep")
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {str(key): _finite(inner, depth + 1) for key, inner in value.items()}
    return [_finite(inner, depth + 1) for inner in value] if isinstance(value, list | tuple) else value
