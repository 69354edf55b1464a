"""Where the lines of documents stand: what is counted to learn templates.

One row per document, line and zone, as numbers; the line's text stands beside them and is only read for the lines
that turn out to be templates. Rows of different documents may come in any order and from any number of batches.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit import words
from corpuskit.cleaning.facts import Facts, gather
from corpuskit.cleaning.repair import repaired
from corpuskit.cleaning.slots import Known, Signs, normalise_each, says_something, signs
from corpuskit.cleaning.templates import zones_of
from corpuskit.cleaning.wrapping import unwrapped
from corpuskit.patterns import later

__all__ = ["DIGIT", "FURNITURE", "LONG", "NEXT_PROSE", "SENTENCE", "SLOT_TITLE", "Sightings", "hash_of", "look"]

# Bits of `Sightings.flags`: of the line, and of the line below it.
LONG = 1          # a paragraph
SENTENCE = 2      # ends as a sentence does, and is no question
FURNITURE = 4     # holds what running text does not: a menu bar, a legal mark, an address, the source's own name
NEXT_PROSE = 8    # the next line is a paragraph or a sentence
SLOT_TITLE = 16   # holds the document's own title
DIGIT = 32        # holds a number

_BARS = ("|", "©", "›", "▸", "►", "→", "←", "↑")
_SIGNS = ("®", "™", "»", "@", "www.", "⟨url⟩")
_NO_BARS = (*_SIGNS, "⟨source⟩", "⟨author⟩")
_MOST_NUMBERS = 2  # of a title: what has three holds a date ("Posted 2024-03-05") or a table
_NUMBER = later(r"\d+")
_ENDS = tuple(".!…。！।۔።")
_CLOSERS = "\"'”’»)]」』*_ \t|"
_SENTENCE_WORDS = 4
_MOST_LINES = 256     # of one document; a longer one shows its two ends and a sample of its middle
_EDGE_LINES = 64
_TITLE_LINES = 2      # at the top: where a title may stand, below a banner at most

_TYPES: dict[str, type[np.unsignedinteger[Any]]] = {
    "source": np.uint64, "doc": np.uint64, "key": np.uint64, "prev": np.uint64, "next": np.uint64,
    "number": np.uint64, "zone": np.uint8, "rank": np.uint16, "times": np.uint16, "words": np.uint16, "flags": np.uint8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sightings:
    """Parallel arrays, one item per document, line and zone."""

    source: NDArray[np.uint64]   #: hash of the source's name
    doc: NDArray[np.uint64]      #: hash of the document's normalised lines: copies have the same
    key: NDArray[np.uint64]      #: hash of the normalised line
    prev: NDArray[np.uint64]     #: key of the line above, 0 at the top
    next: NDArray[np.uint64]     #: key of the line below, 0 at the bottom
    number: NDArray[np.uint64]   #: hash of the numbers in a line that may be the title of a part of a series, else 0
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
    read = [unwrapped(repaired(texts[number])) for number in chosen]
    found = words.scan(read)
    marks = signs(found)
    first = 0
    seen = _Seen()
    lines: list[str] = []
    samples: list[str] = []
    for number, facts in zip(chosen, gather(read, found, repeats=False), strict=True):
        stop = first + facts.text.count("\n") + 1
        own = Signs(marks.uneven[first:stop], marks.numbers[first:stop])
        normalised = normalise_each(facts.lines, facts.filled, own, known[number])
        rows = seen.add(facts, normalised, sources[number])
        lines += [normalised[rank] for rank in rows]
        samples += [facts.lines[facts.filled[rank]].strip()[:200] for rank in rows]
        first = stop
    return seen.sightings(), lines, samples


class _Seen:
    """All filled lines of a batch, document by document, and which of them are rows."""

    def __init__(self) -> None:
        self._keys: list[int] = []
        self._flags: list[int] = []
        self._numbers: list[int] = []
        self._zones = bytearray()
        self._words: list[int] = []
        self._rows: list[int] = []  # places in the lists above
        self._ranks: list[int] = []  # from here on one item per row
        self._times: list[int] = []
        self._documents: list[tuple[int, int, int, int]] = []  # hashes of source and lines, first line, number of rows

    def add(self, facts: Facts, normalised: list[str], source: str) -> list[int]:
        """Take the lines of one document; return which of them are rows."""
        filled = facts.filled
        # a line that is too long for a template still tells its neighbours apart
        keys = [hash_of(line) if line else (facts.keys[at] or 1) for line, at in zip(normalised, filled, strict=True)]
        all_zones = zones_of(facts)
        zones = [all_zones[at] for at in filled]
        count = len(keys)
        shown: Container[int] = range(count)
        if count > _MOST_LINES:
            # by key, so that all documents show the same ones of the lines that they share
            middle = sorted(range(_EDGE_LINES, count - _EDGE_LINES), key=lambda rank: keys[rank])
            shown = {*range(_EDGE_LINES), *range(count - _EDGE_LINES, count), *middle[: _MOST_LINES - 2 * _EDGE_LINES]}
        rows: list[int] = []
        seen: set[tuple[int, int]] = set()
        for rank, place in enumerate(zip(keys, zones, strict=True)):
            if place in seen or rank not in shown or not says_something(normalised[rank]):
                continue
            seen.add(place)
            rows.append(rank)
        first = len(self._keys)
        times = Counter(keys)
        self._documents.append((hash_of(source), hash_of(" ".join(map(str, keys))), first, len(rows)))
        self._keys += keys
        flags = _flags(normalised, facts)
        self._flags += flags
        top = [_number(rank, normalised, flags, facts) for rank in range(min(_TITLE_LINES, count))]
        self._numbers += top + [0] * (count - len(top))
        self._zones += bytes(zones)
        self._words += [facts.words[at] for at in filled]
        self._rows += [first + rank for rank in rows]
        self._ranks += rows
        self._times += [times[keys[rank]] for rank in rows]
        return rows

    def sightings(self) -> Sightings:
        """Return the rows of all documents."""
        keys = np.array(self._keys, dtype=np.uint64)
        flags = np.array(self._flags, dtype=np.uint8)
        rows = np.array(self._rows, dtype=np.int64)
        # of the line above and below, 0 outside the document
        above, below = np.zeros((2, len(keys) + 1), dtype=np.uint64)
        prose = np.zeros(len(keys) + 1, dtype=bool)
        above[1:], below[:-2], prose[:-2] = keys, keys[1:], flags[1:] & (LONG | SENTENCE) > 0
        firsts = np.array([first for _, _, first, _ in self._documents], dtype=np.int64)
        above[firsts] = below[firsts - 1] = 0
        prose[firsts - 1] = False
        counts = [count for _, _, _, count in self._documents]
        columns: dict[str, NDArray[Any]] = {
            "source": np.repeat(np.array([source for source, *_ in self._documents], dtype=np.uint64), counts),
            "doc": np.repeat(np.array([doc for _, doc, *_ in self._documents], dtype=np.uint64), counts),
            "key": keys[rows], "prev": above[rows], "next": below[rows],
            "number": np.array(self._numbers, dtype=np.uint64)[rows],
            "zone": np.frombuffer(bytes(self._zones), dtype=np.uint8)[rows],
            "rank": np.array(self._ranks, dtype=np.uint64), "times": np.array(self._times, dtype=np.uint64),
            "words": np.array(self._words, dtype=np.uint64)[rows],
            "flags": flags[rows] | np.where(prose[rows], NEXT_PROSE, 0).astype(np.uint8),
        }  # fmt: skip
        return Sightings(*(np.minimum(columns[name], np.iinfo(kind).max).astype(kind) for name, kind in _TYPES.items()))


def _flags(normalised: list[str], facts: Facts) -> list[int]:
    """The flags of the filled lines."""
    joined = "\n".join(normalised)
    bars = _holding(joined, _BARS)
    furniture = bars | _holding(joined, _NO_BARS)
    titles = _holding(joined, ("⟨title⟩",))
    found: list[int] = []
    for rank, (line, at) in enumerate(zip(normalised, facts.filled, strict=True)):
        flags = LONG if facts.long[at] else 0
        if facts.words[at] >= _SENTENCE_WORDS and (line or facts.lines[at]).rstrip(_CLOSERS).endswith(_ENDS):
            flags |= SENTENCE
        # a paragraph may well name its newspaper
        if rank in (bars if flags & LONG else furniture):
            flags |= FURNITURE
        if rank in titles:
            flags |= SLOT_TITLE
        if "0" in line:
            flags |= DIGIT
        found.append(flags)
    return found


def _number(rank: int, normalised: list[str], flags: list[int], facts: Facts) -> int:
    """Return a hash of the numbers in the filled line `rank`, 0 where it cannot be a title with a number of its own.

    "Letters from the Quay 5" is one though the source is called Quay, and "Letters from the Quay 5 | The Quay Review"
    where nothing but the text is below. What holds a date, or opens a page with bars in it, is the dress of the page.
    """
    line = normalised[rank]
    if not flags[rank] & DIGIT or flags[rank] & LONG or "⟨date⟩" in line or line.count("0") > _MOST_NUMBERS:
        return 0
    over_prose = rank + 1 < len(flags) and flags[rank + 1] & (LONG | SENTENCE)
    if not over_prose and (rank or any(mark in line for mark in (*_BARS, *_SIGNS))):
        return 0
    return hash_of(" ".join(_NUMBER.findall(facts.lines[facts.filled[rank]])))


def _holding(joined: str, marks: Sequence[str]) -> set[int]:
    """The numbers of the lines of a text that hold any of `marks`."""
    found: set[int] = set()
    for mark in marks:
        at = joined.find(mark)
        while at >= 0:
            found.add(joined.count("\n", 0, at))
            end = joined.find("\n", at)
            at = joined.find(mark, end) if end >= 0 else -1
    return found
