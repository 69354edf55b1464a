"""What a person has decided about held documents: the file that `[clean] decisions` names.

    [[release]]
    document = "3f2a9c0d1e4b5a67"      # its cuts are right, however many
    why = "A forum page: the thread is not the post."

    [[release]]
    source = "lantern-review"          # all its rules together may take as much as they do

    [[release]]
    source = "lantern-review"          # this rule may, in this source; without `source`, in all
    rule = "promo.en.plea"

What is released is published as it was cleaned, and what it lost no longer counts for the others.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.errors import ConfigError, nearest

__all__ = ["Decisions", "load_decisions"]

_KEYS = ("document", "source", "rule", "why")


@dataclass(frozen=True, slots=True)
class Decisions:
    """What is released from the loss budget, each sorted."""

    documents: tuple[str, ...] = ()         #: ids
    sources: tuple[str, ...] = ()
    rules: tuple[tuple[str, str], ...] = ()  #: source and rule
    everywhere: tuple[str, ...] = ()         #: rules, in every source

    def allows(self, source: str, rule: str) -> bool:
        """Whether a rule may take as much as it does in a source."""
        return rule in self.everywhere or (source, rule) in self.rules


def load_decisions(home: Path, name: str) -> Decisions:
    """Return the decisions of the file `name`, found from `home`; none when it is empty.

    Raises `ConfigError` when it is not there, or names the entry that is none.
    """
    if not name:
        return Decisions()
    path = home / name
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"[clean] decisions = {name!r}: {path.absolute()}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{path}: not UTF-8 at byte {error.start}") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: {error}") from error
    for key in table:
        if key != "release":
            raise ConfigError(f"{path}: unknown table {key!r}{nearest(key, ('release',))}: write [[release]]")
    entries = table.get("release", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ConfigError(f"{path}: write [[release]], in double brackets")
    found = [_entry(entry, f"{path}: release {number}") for number, entry in enumerate(entries, 1)]
    return Decisions(
        documents=tuple(sorted({id_ for id_, _, _ in found if id_})),
        sources=tuple(sorted({source for _, source, rule in found if source is not None and not rule})),
        rules=tuple(sorted({(source, rule) for _, source, rule in found if source is not None and rule})),
        everywhere=tuple(sorted({rule for _, source, rule in found if source is None and rule})),
    )


def _entry(entry: Mapping[str, Any], where: str) -> tuple[str, str | None, str]:
    """Return document, source (None where it is not said) and rule of one entry."""
    for key, value in entry.items():
        if key not in _KEYS:
            raise ConfigError(f"{where}: unknown key {key!r}{nearest(key, _KEYS)}")
        if not isinstance(value, str):
            raise ConfigError(f"{where}: {key} = {value!r}: text is wanted")
    document, source, rule = entry.get("document", ""), entry.get("source"), entry.get("rule", "")
    if bool(document) == (source is not None or bool(rule)):
        raise ConfigError(f"{where}: name a document, or a source, a rule, or a rule in a source")
    return document, source, rule
