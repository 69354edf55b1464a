"""The takedown list: documents and texts that must not be published, nor copies of them.

A ``.jsonl`` list has one JSON object per line with ``id``, ``text``, or both; other keys, such as a reason or a date,
are the owner's own. Any other file has one id per line; blank lines and lines that begin with ``#`` say nothing.

An id alone keeps its document out, and its copies for as long as the text of it is found in the input or in a release.
A text keeps its copies out for ever. ``"text": ""`` says that there is no text to be had.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from corpuskit.errors import ConfigError

__all__ = ["Listed", "read_takedown", "to_line"]


@dataclass(frozen=True, slots=True)
class Listed:
    """One entry of a takedown list."""

    place: str  #: "takedown.jsonl, line 3": how the entry is named where it keeps something out
    id: str = ""
    text: str | None = None  #: None where the list does not say


def read_takedown(path: Path) -> tuple[Listed, ...]:
    """Return the entries of the list `path` in their order.

    Raises `ConfigError` when it cannot be read, or names the line that is no entry.
    """
    try:
        lines = path.read_text(encoding="utf-8").split("\n")
    except OSError as error:
        raise ConfigError(f"[dedup] takedown: {path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"[dedup] takedown: {path}: not UTF-8 at byte {error.start}") from error
    found = []
    for number, line in enumerate(lines, 1):
        line = line.strip()
        if line and not line.startswith("#"):
            place = f"{path.name}, line {number}"
            found.append(_row(line, place, path) if path.suffix == ".jsonl" else Listed(place, line))
    return tuple(found)


def _row(line: str, place: str, path: Path) -> Listed:
    try:
        row = json.loads(line)
        line.encode("utf-8")
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"{path}: {place}: no JSON object: {error}") from error
    if not isinstance(row, dict):
        raise ConfigError(f'{path}: {place}: write {{"id": "…"}} or {{"text": "…"}}')
    id_, text = row.get("id", ""), row.get("text")
    if not isinstance(id_, str) or not isinstance(text, str | None) or not (id_ or text):
        raise ConfigError(f"{path}: {place}: an id or a text is wanted, each as text")
    if text is not None and any("\ud800" <= char <= "\udfff" for char in text):
        raise ConfigError(f"{path}: {place}: the text holds half of a surrogate pair; write it with a JSON library")
    return Listed(place, id_, text)


def to_line(id_: str, text: str) -> str:
    """Return the line of a ``.jsonl`` list that keeps a document out with its text."""
    return json.dumps({"id": id_, "text": text}, ensure_ascii=False) + "\n"
