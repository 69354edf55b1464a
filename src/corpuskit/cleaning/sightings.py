"""Where the lines of documents stand: what is counted to learn templates.

One row per document, line and zone, as numbers; the line's text stands beside them and is only read for the lines
that turn out to be templates. Rows of different documents may come in any order and from any number of batches.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from corpuskit import text as positions
from corpuskit.cleaning.facts import Facts, gather
from corpuskit.cleaning.repair import repair
from corpuskit.cleaning.slots import Known, normalise, says_something
from corpuskit.cleaning.templates import zones_of

__all__ = ["DIGIT", "FURNITURE", "LONG", "NEXT_PROSE", "SENTENCE", "SLOT_TITLE", "Sightings", "hash_of", "look"]

# Bits of `Sightings.flags`: of the line, and of the line below it.
LONG = 1          # a paragraph
SENTENCE = 2      # ends as a sentence does, and is no question
FURNITURE = 4     # holds what running text does not: a menu bar, a legal mark, an address, the source's own name
NEXT_PROSE = 8    # the next line is a paragraph or a sentence
SLOT_TITLE = 16   # holds the document's own title
DIGIT = 32        # holds a number

_BARS = ("|", "©", "›", "▸", "►", "→", "←", "↑")
_FURNITURE = (*_BARS, "®", "™", "»", "@", "www.", "⟨url⟩", "⟨source⟩", "⟨author⟩")
_ENDS = tuple(".!…。！।۔።")
_CLOSERS = "\"'”’»)]」』*_ \t|"
_SENTENCE_WORDS = 4
_MOST_LINES = 256     # of one document; a longer one shows its two ends and a sample of its middle
_EDGE_LINES = 64


@dataclass(frozen=True, slots=True)
class Sightings:
    """Parallel arrays, one item per document, line and zone."""

    source: NDArray[np.uint64]   #: hash of the source's name
    doc: NDArray[np.uint64]      #: hash of the document's normalised lines: copies have the same
    key: NDArray[np.uint64]      #: hash of the normalised line
    prev: NDArray[np.uint64]     #: key of the line above, 0 at the top
    next: NDArray[np.uint64]     #: key of the line below, 0 at the bottom
    zone: NDArray[np.uint8]      #: zone bits of the line
    rank: NDArray[np.uint16]     #: filled lines above it
    times: NDArray[np.uint16]    #: how often the document has that line
    words: NDArray[np.uint16]    #: words of the line
    flags: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.key)

    def take(self, rows: NDArray[np.intp] | NDArray[np.bool_]) -> Sightings:
        """Return the chosen rows."""
        return Sightings(*(getattr(self, one.name)[rows] for one in fields(self)))


@dataclass(frozen=True, slots=True)
class _Row:
    """One sighting before it is a row of arrays."""

    values: tuple[int, ...]
    line: str      #: normalised
    sample: str    #: as it stands


def hash_of(text: str) -> int:
    """Return 64 bits of a text's blake2b, never 0: the same on every machine and in every run."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little") or 1


def look(
    texts: Sequence[str], sources: Sequence[str], known: Sequence[Known]
) -> tuple[Sightings, list[str], list[str]]:
    """Return what is seen in raw `texts`: the sightings, and the normalised line and a sample of each.

    `sources` and `known` say for each text where it comes from and which field values came with it. A text without
    a source shows nothing.
    """
    chosen = [number for number, source in enumerate(sources) if source]
    repaired = [positions.apply(texts[number], repair(texts[number])) for number in chosen]
    rows: list[_Row] = []
    for number, facts in zip(chosen, gather(repaired), strict=True):
        rows += _document(facts, hash_of(sources[number]), known[number])
    columns = list(zip(*(row.values for row in rows), strict=True)) or [() for _ in fields(Sightings)]
    arrays = [np.array(values, dtype=_TYPES[one.name]) for one, values in zip(fields(Sightings), columns, strict=True)]
    return Sightings(*arrays), [row.line for row in rows], [row.sample for row in rows]


_TYPES = {
    "source": np.uint64, "doc": np.uint64, "key": np.uint64, "prev": np.uint64, "next": np.uint64,
    "zone": np.uint8, "rank": np.uint16, "times": np.uint16, "words": np.uint16, "flags": np.uint8,
}  # fmt: skip


def _document(facts: Facts, source: int, known: Known) -> list[_Row]:
    lines = [normalise(facts.lines[line], known) for line in facts.filled]
    # a line that is too long for a template still tells its neighbours apart
    keys = [hash_of(line) if line else (facts.keys[at] or 1) for line, at in zip(lines, facts.filled, strict=True)]
    doc = hash_of(" ".join(map(str, keys)))
    flags = [_flags(line, facts, at) for line, at in zip(lines, facts.filled, strict=True)]
    zones = zones_of(facts)
    times = Counter(keys)
    count = len(keys)
    shown: set[int] = set(range(count))
    if count > _MOST_LINES:
        # by key, so that all documents show the same ones of the lines that they share
        middle = sorted(range(_EDGE_LINES, count - _EDGE_LINES), key=lambda rank: keys[rank])
        shown = {*range(_EDGE_LINES), *range(count - _EDGE_LINES, count), *middle[: _MOST_LINES - 2 * _EDGE_LINES]}
    rows: list[_Row] = []
    seen: set[tuple[int, int]] = set()
    for rank, at in enumerate(facts.filled):
        place = (keys[rank], zones[at])
        if rank not in shown or place in seen or not lines[rank] or not says_something(lines[rank]):
            continue
        seen.add(place)
        below = rank + 1 < count and bool(flags[rank + 1] & (LONG | SENTENCE))
        rows.append(
            _Row(
                (
                    source, doc, keys[rank],
                    keys[rank - 1] if rank else 0,
                    keys[rank + 1] if rank + 1 < count else 0,
                    zones[at], min(rank, 65535), min(times[keys[rank]], 65535), min(facts.words[at], 65535),
                    flags[rank] | (NEXT_PROSE if below else 0),
                ),
                lines[rank],
                facts.lines[at].strip()[:200],
            )
        )  # fmt: skip
    return rows


def _flags(line: str, facts: Facts, at: int) -> int:
    flags = LONG if facts.long[at] else 0
    if facts.words[at] >= _SENTENCE_WORDS and (line or facts.lines[at]).rstrip(_CLOSERS).endswith(_ENDS):
        flags |= SENTENCE
    # a paragraph may well name its newspaper
    if any(mark in line for mark in (_BARS if flags & LONG else _FURNITURE)):
        flags |= FURNITURE
    if "⟨title⟩" in line:
        flags |= SLOT_TITLE
    if "0" in line:
        flags |= DIGIT
    return flags
