"""Two documents side by side, a copy and what holds it above all: what each has that the other lacks."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from corpuskit.duplicates.compare import Stretch, compare
from corpuskit.duplicates.verify import Edge, read, verify
from corpuskit.errors import InputError, MissingError
from corpuskit.reviewing.explain import escaped
from corpuskit.reviewing.visible import visible, width

__all__ = ["Beside", "Side", "beside", "copies_of", "holders_of", "render_beside", "side_of", "to_json"]

#: What an earlier release is called, and the files of its texts.
Release = tuple[str, Sequence[Path]]

#: Of a common passage with more characters than this only the ends are shown.
_PASSAGE = 120
_NARROWEST = 20  # columns for each text
_RED, _GREEN, _FAINT, _STRONG, _RESET = "\x1b[31m", "\x1b[32m", "\x1b[2m", "\x1b[1m", "\x1b[0m"


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two."""

    id: str
    where: str  #: "kept", "copy", or the release that holds it
    source: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Beside:
    """Two documents, what reading the first against the second finds, and their passages in order."""

    left: Side
    right: Side
    edge: Edge
    stretches: tuple[Stretch, ...]


def holders_of(folder: Path, key: str) -> list[str]:
    """Return the ids of the kept documents that hold the copy `key`, first the one that is kept in its place; none when
    `key` is no copy.
    """
    found = _matching(folder / "clusters", "member", key, ["kept", "also"])
    return [found[0]["kept"], *(found[0]["also"] or ())] if found else []


def copies_of(folder: Path, key: str) -> list[tuple[str, str]]:
    """Return id and kind of the copies that hang on the document `key`, by id."""
    found = _matching(folder / "clusters", "kept", key, ["member", "kind"])
    return sorted((row["member"], row["kind"]) for row in found)


def beside(folder: Path, workshop: Path, left: str, right: str, releases: Sequence[Release] = ()) -> Beside:
    """Return two documents of a dataset side by side. See `side_of` for where they are looked for."""
    sides = [side_of(folder, workshop, key, releases) for key in (left, right)]
    a, b = (read(side.text) for side in sides)
    return Beside(sides[0], sides[1], verify(a, b), tuple(compare(a, b)))


def side_of(folder: Path, workshop: Path, key: str, releases: Sequence[Release] = ()) -> Side:
    """Return a document with its clean text.

    It is taken from the dataset in `folder`, from the build's own files in `workshop`, where the copies are, or from
    earlier releases. Raises `MissingError` when it is in none of these.
    """
    for row in _matching(folder / "data", "id", key, ["source", "title", "text"]):
        return Side(key, "kept", row["source"] or "", row["title"] or "", row["text"] or "")
    for shard in _shards(workshop):
        for row in _matching(shard["cleaned"], "id", key, ["text"]):
            told = (_matching(shard["enriched"], "id", key, ["source", "title"]) or [{"source": "", "title": ""}])[0]
            return Side(key, "copy", told["source"] or "", told["title"] or "", row["text"])
    for label, paths in releases:
        for path in paths:
            for row in _matching(path, "id", key, ["source", "title", "text"]):
                return Side(key, label, row["source"] or "", row["title"] or "", row["text"] or "")
    raise MissingError(
        f"the text of {key!r} is neither in {folder} nor in what the last build left in {workshop}; "
        "run `corpuskit build`, and name the release that holds it with --against"
    )


def _shards(workshop: Path) -> Iterator[dict[str, Path]]:
    """The files of the last build, shard by shard; none where there was no build."""
    try:
        made = json.loads((workshop / "shards.json").read_bytes())
    except (OSError, ValueError):
        return
    for names in made:
        yield {stage: workshop / "objects" / name for stage, name in names.items()}


def _matching(place: Path, column: str, value: str, columns: list[str]) -> list[dict[str, Any]]:
    """The rows of a file, or of the files of a folder, with that value."""
    rows: list[dict[str, Any]] = []
    for path in sorted(place.glob("*.parquet")) if place.is_dir() else [place] if place.is_file() else []:
        try:
            rows += pq.read_table(path, columns=columns, filters=[(column, "=", value)], partitioning=None).to_pylist()
        except (OSError, pa.ArrowException) as error:
            raise InputError(f"{path}: cannot be read: {str(error).splitlines()[0]}") from error
    return rows


def to_json(found: Beside) -> str:
    r"""Return both documents as one JSON object on one line; spans count code points of the clean texts.

    Control, direction and invisible characters are written as ``\uXXXX``.
    """
    return escaped(json.dumps(asdict(found), ensure_ascii=False))


def render_beside(found: Beside, *, width: int = 100, colour: bool = False, full: bool = False) -> str:
    """Return both documents in two columns for a terminal of `width` columns, ending in a newline.

    What they have in common runs over both columns, shortened unless `full`; what differs stands side by side. No
    control character of the texts gets through.
    """
    column = max(_NARROWEST, (width - 5) // 2)
    strong, faint, reset = (_STRONG, _FAINT, _RESET) if colour else ("", "", "")
    out = [f"{strong}{_verdict(found)}{reset}", ""]
    names = [_named(side) for side in (found.left, found.right)]
    out += [f"{strong}{line}{reset}" for line in _columns(names[0], names[1], column, False, ("  ", "  "))]
    out.append(f"{faint}{'─' * (2 * column + 5)}{reset}")
    for stretch in found.stretches:
        left, right = (
            visible(" ".join(side.text[slice(*span)].split()))
            for side, span in ((found.left, stretch.a), (found.right, stretch.b))
        )
        if stretch.same:
            shown = left if full or len(left) <= _PASSAGE else f"{left[: _PASSAGE // 2]} … {left[-_PASSAGE // 2 :]}"
            told = f"{stretch.words:,} words in common: {shown}"
            out += [f"{faint}  {line}{reset}" for line in _wrapped(told, 2 * column + 3)]
        else:
            out += _columns(left, right, column, colour, ("- " if left else "  ", "+ " if right else "  "))
    return "\n".join(line.rstrip() for line in out) + "\n"


def _verdict(found: Beside) -> str:
    edge = found.edge
    kind = {"none": "not alike", "related": "related, no copy"}.get(edge.kind, f"{edge.kind} copy")
    text = (
        f"{kind}: {edge.coverage:.1%} of the words on the left stand in passages of the right, "
        f"{edge.coverage_back:.1%} the other way; longest passage in common {edge.longest:,} words"
    )
    return text + (f"; {edge.reason}" if edge.reason else "")


def _named(side: Side) -> str:
    told = (side.where, side.source, side.title)
    return visible(f"{side.id} ({', '.join(one for one in told if one)})")


def _columns(left: str, right: str, column: int, colour: bool, marks: tuple[str, str]) -> Iterator[str]:
    """Yield the lines of two texts in two columns."""
    sides = _wrapped(left, column - 2), _wrapped(right, column - 2)
    red, green, reset = (_RED, _GREEN, _RESET) if colour else ("", "", "")
    for at in range(max(map(len, sides))):
        one, two = (side[at] if at < len(side) else "" for side in sides)
        first, second = (mark if at < len(side) else "  " for mark, side in zip(marks, sides, strict=True))
        gap = " " * (column - 2 - width(one))
        yield f"{first}{red}{one}{reset}{gap} │ {second}{green}{two}{reset}"


def _wrapped(text: str, columns: int) -> list[str]:
    """Lines of at most `columns` columns, cut between words where there are any."""
    lines: list[str] = []
    line, used = "", 0
    for word in text.split(" ") if text else ():
        size = width(word)
        if line and used + 1 + size <= columns:
            line, used = f"{line} {word}", used + 1 + size
            continue
        if line:
            lines.append(line)
        while size > columns:
            cut = _fitting(word, columns)
            lines.append(word[:cut])
            word = word[cut:]
            size = width(word)
        line, used = word, size
    return [*lines, line] if line else lines


def _fitting(word: str, columns: int) -> int:
    """How many characters of a word fit; at least one."""
    used = 0
    for at, char in enumerate(word):
        used += width(char)
        if used > columns:
            return max(1, at)
    return len(word)
