"""Which texts share long word sequences with given ones: evaluation texts, or the other side of a split.

Thirteen words in a row are the customary unit (Brown et al. 2020, appendix C): short enough to survive a
changed word here and there, too long to be met by chance. Shared by hash, shown as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.shingles import fold_back, grams, tokens
from corpuskit.errors import ConfigError, nearest
from corpuskit.words import mix

__all__ = ["ACTIONS", "DecontaminateOptions", "Index", "Overlap", "index", "overlaps"]

SIZE = 13  # words in a sequence
SHORTEST = 5  # words of a text that is indexed as a whole; "Yes, it is" stands everywhere

#: What may be done with a text that shares sequences with an evaluation text.
ACTIONS = ("report", "drop")

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

#: A sequence that stands in more of the indexed texts than this is a formula of theirs, not a leak from one
#: of them; without the limit one formula in every text would make pairs without end.
FORMULA = 64


@dataclass(frozen=True, slots=True)
class DecontaminateOptions:
    """The `[decontaminate]` table. Raises `ConfigError` when a value is out of its range."""

    against: tuple[str, ...] = ()  #: files and folders of evaluation texts; relative to the configuration file
    column: str = ""               #: of tabular files, the column of the text; empty: found by its name
    words: int = SIZE              #: words in a sequence
    #: Share of the sequences of either text from which the pair counts. A fifth, as `verify` asks between splits: a
    #: common quotation stays below it, a question that stands in an essay is all there.
    share: float = 0.2
    action: str = "report"         #: report: the texts stay; drop: they are left out, before copies are looked for

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            known = " or ".join(ACTIONS)
            raise ConfigError(
                f"[decontaminate] action = {self.action!r}: {known} is wanted{nearest(self.action, ACTIONS)}"
            )
        if not 0.0 < self.share <= 1.0:
            raise ConfigError(f"[decontaminate] share = {self.share!r}: expected a share above 0 and at most 1")
        if self.words < SHORTEST:
            raise ConfigError(f"[decontaminate] words = {self.words!r}: expected at least {SHORTEST}")


@dataclass(frozen=True, slots=True, eq=False)
class Index:
    """The word sequences of some texts, 16 bytes each, sorted by hash."""

    size: int       #: words in a sequence
    lengths: tuple[int, ...]  #: lengths of the texts that are shorter and indexed as a whole
    hashes: U64
    owners: I64     #: which text has it
    totals: I64     #: number of distinct sequences of each text, formulas not counted


@dataclass(frozen=True, slots=True)
class Overlap:
    """A text shares sequences with an indexed one."""

    text: int            #: place among the texts asked about
    indexed: int         #: place among the indexed texts
    share: float         #: of the distinct sequences of the text, 3 decimals
    indexed_share: float  #: of those of the indexed text
    passage: str         #: the longest shared passage as it stands in the text, at most 300 characters


def index(texts: Sequence[str], size: int = SIZE) -> Index:
    """Index the sequences of `size` words of `texts`; a text of fewer words, from five on, is one sequence.

    Whole short texts matter: many evaluation questions are shorter than thirteen words.
    """
    words = tokens(texts)
    counts = np.diff(words.offsets)
    values = grams(words.hashes, size)
    owners = np.repeat(np.arange(len(texts), dtype=np.int64), counts)
    inside = owners[: len(values)] == owners[size - 1 : size - 1 + len(values)]
    parts, whose = [values[inside]], [owners[: len(values)][inside]]
    short = np.flatnonzero((counts >= SHORTEST) & (counts < size))
    for at in short.tolist():
        parts.append(_whole(words.hashes[words.offsets[at] : words.offsets[at + 1]], int(counts[at])))
        whose.append(np.array([at], dtype=np.int64))
    hashes, owners = np.concatenate(parts), np.concatenate(whose)
    order = np.lexsort((owners, hashes))
    hashes, owners = hashes[order], owners[order]
    fresh = np.ones(len(hashes), dtype=bool)
    fresh[1:] = (hashes[1:] != hashes[:-1]) | (owners[1:] != owners[:-1])
    hashes, owners = hashes[fresh], owners[fresh]
    _, group, sizes = np.unique(hashes, return_inverse=True, return_counts=True)
    rare = sizes[group] <= FORMULA
    hashes, owners = hashes[rare], owners[rare]
    lengths = tuple(np.unique(counts[short]).tolist())
    return Index(size, lengths, hashes, owners, np.bincount(owners, minlength=len(texts)).astype(np.int64))


def _whole(hashes: U64, length: int) -> U64:
    """Hashes of the sequences of `length` words, set apart from those of other lengths."""
    return mix(grams(hashes, length) + np.uint64(length))


def overlaps(known: Index, texts: Sequence[str], share: float = 0.0) -> list[Overlap]:
    """Return the overlaps of `texts` with the indexed ones, sorted by (text, indexed).

    A pair is reported when the shared sequences make up at least `share` of either text's sequences, and at
    least one is shared. The short texts of the index are looked for at every place, by their own length.
    """
    found: list[Overlap] = []
    words = tokens(texts)
    for at, text in enumerate(texts):
        begin, end = int(words.offsets[at]), int(words.offsets[at + 1])
        hashes = words.hashes[begin:end]
        full = grams(hashes, known.size)
        runs = [full, *(_whole(hashes, length) for length in known.lengths)]
        mine = np.concatenate(runs)
        places = np.concatenate([np.arange(len(run)) for run in runs])
        sizes = np.repeat((known.size, *known.lengths), [len(run) for run in runs])
        first = np.searchsorted(known.hashes, mine, side="left")
        counts = np.searchsorted(known.hashes, mine, side="right") - first
        total = int(counts.sum())
        if not total:
            continue
        within = np.arange(total) - np.repeat(np.cumsum(counts) - counts, counts)
        owners = known.owners[np.repeat(first, counts) + within]
        source = np.repeat(np.arange(len(mine)), counts)
        distinct = max(1, len(np.unique(full)))
        order = np.argsort(owners, kind="stable")
        owners, source = owners[order], source[order]
        borders = [0, *(np.flatnonzero(np.diff(owners)) + 1).tolist(), total]
        for low, high in pairwise(borders):
            rows, owner = source[low:high], int(owners[low])
            shared = len(np.unique(mine[rows]))
            here, there = min(1.0, shared / distinct), shared / int(known.totals[owner])
            if max(here, there) >= share:
                start, stop = _longest(places[rows], sizes[rows])
                passage = fold_back(text, int(words.starts[begin + start]), int(words.ends[begin + stop - 1]))
                passage = passage if len(passage) <= 300 else passage[:299] + "…"
                found.append(Overlap(at, owner, round(here, 3), round(there, 3), passage))
    return found


def _longest(starts: I64, sizes: I64) -> tuple[int, int]:
    """Return the longest stretch of words that the sequences at `starts` cover without a gap, the first of
    such.
    """
    order = np.argsort(starts, kind="stable")
    starts, reach = starts[order], np.maximum.accumulate((starts + sizes)[order])
    opens = np.flatnonzero(np.concatenate([[True], starts[1:] > reach[:-1]]))
    ends = reach[np.append(opens[1:], len(starts)) - 1]
    best = int(np.argmax(ends - starts[opens]))
    return int(starts[opens[best]]), int(ends[best])
