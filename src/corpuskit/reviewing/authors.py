"""Who wrote a dataset: names with their variants and counts, and which names may be one person's."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.errors import InputError, MissingError
from corpuskit.metadata.aliases import RULE, Aliases, Suggestion, suggest

__all__ = ["Author", "Authors", "as_toml", "authors"]


@dataclass(frozen=True, slots=True)
class Author:
    """One name as the dataset has it."""

    name: str
    documents: int
    sources: tuple[str, ...]
    variants: tuple[tuple[str, int], ...]  #: names that an accepted alias replaced, with documents


@dataclass(frozen=True, slots=True)
class Authors:
    """All names of a dataset, the most frequent first, and what may be the same."""

    names: tuple[Author, ...]
    suggestions: tuple[Suggestion, ...]


@dataclass(slots=True)
class _Seen:
    documents: int = 0
    sources: set[str] = field(default_factory=set)
    variants: Counter[str] = field(default_factory=Counter)


def authors(folder: Path, accepted: Aliases = ()) -> Authors:
    """Return the authors of the dataset in `folder`; `accepted` aliases are not suggested again.

    Memory grows with the number of names. Raises `MissingError` when there is no dataset.
    """
    seen: dict[str, _Seen] = {}
    for row in _rows(folder):
        for name in row["authors"] or ():
            one = seen.setdefault(name, _Seen())
            one.documents += 1
            one.sources.add(row["source"] or "")
        for entry in row["evidence"] or ():
            if entry["rule"] == RULE and entry["value"] in seen:
                seen[entry["value"]].variants[_stood(entry["evidence"])] += 1
    names = [
        Author(
            name,
            one.documents,
            tuple(sorted(one.sources)),
            tuple(sorted(one.variants.items(), key=lambda pair: (-pair[1], pair[0]))),
        )
        for name, one in seen.items()
    ]
    found = suggest({one.name: one.documents for one in names}, accepted)
    return Authors(tuple(sorted(names, key=lambda one: (-one.documents, one.name))), tuple(found))


def _rows(folder: Path) -> Iterator[dict[str, Any]]:
    paths = sorted((folder / "data").glob("*.parquet"))
    if not paths:
        raise MissingError(f"{folder}: is no dataset folder with texts; run `corpuskit build`, or name a dataset")
    for path in paths:
        try:
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(columns=["source", "authors", "evidence"]):
                    yield from batch.to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error


def _stood(evidence: str) -> str:
    """The name that an alias replaced, from its evidence ``authors.toml: 'M. Voss' is 'Mara Voss'``."""
    return evidence.removeprefix("authors.toml: ").partition(" is ")[0][1:-1]


def as_toml(found: Authors) -> str:
    """Return the suggestions as an authors.toml in which nothing is accepted: a person takes the ``#`` away."""
    counts = {one.name: one.documents for one in found.names}
    lines = [
        "# Names that may be one person's. Nothing here acts until you take away the # before a line;",
        '# then name this file in corpuskit.toml:  [metadata] authors = "authors.toml"',
    ]
    for one in found.suggestions:
        reasons = "; ".join(
            f"{name} ({counts.get(name, 0)}): {why}" for name, why in ((_line(n), w) for n, w in one.variants)
        )
        lines += ["", f"# {_line(one.canonical)} ({counts.get(one.canonical, 0)}) — {reasons}"]
        variants = ", ".join(_quoted(name) for name, _ in one.variants)
        lines.append(f"# {_quoted(one.canonical)} = [{variants}]")
    return "\n".join(lines) + "\n"


def _line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)


def _quoted(text: str) -> str:
    return json.dumps(_line(text), ensure_ascii=False)
