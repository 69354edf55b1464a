"""The decision: is the text `a` contained in the text `b`? Read on the texts, never on their sketches.

A word of `a` is *covered* when it lies in a five-word shingle that also stands in `b`. An exchanged word in
the middle of a copied passage thus leaves exactly itself uncovered, and an added sentence its own words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.options import DEFAULTS, Options
from corpuskit.duplicates.shingles import PASSAGE, fold_back, grams, tokens

__all__ = ["COPIES", "Edge", "Kind", "Reading", "differences", "read", "read_all", "verify"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: exact, near and contained are copies: `a` may go when `b` stays. related is reported only.
Kind = Literal["exact", "near", "contained", "related", "none"]

#: The kinds by which a text may go, weakest first.
COPIES: tuple[Kind, ...] = ("contained", "near", "exact")


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text prepared for comparison: about 60 bytes per word."""

    text: str
    digest: bytes
    hashes: U64     #: of the words
    starts: I64     #: character positions of the words
    ends: I64
    grams: U64      #: of the five-word shingles, in order
    sorted: U64     #: the same, sorted
    order: I64      #: where the sorted ones stand


@dataclass(frozen=True, slots=True)
class Edge:
    """What reading `a` against `b` found. Shares are rounded to 3 decimals after the decision."""

    kind: Kind             #: is `a` a copy of `b`, or of a part of it?
    coverage: float        #: share of the words of `a` that are covered by `b`
    coverage_back: float   #: share of the words of `b` that are covered by `a`
    jaccard: float         #: of the distinct five-word shingles
    longest: int           #: words in the longest covered stretch of `a`
    lacking: int           #: words in the longest passage of `a` that `b` lacks
    facts: int             #: places where a number or name of `a` stands where `b` has something else
    reason: str            #: what kept `a` from being a copy, empty when it is one


def read(text: str) -> Reading:
    """Prepare `text` for any number of comparisons."""
    return read_all([text])[0]


def read_all(texts: Sequence[str]) -> list[Reading]:
    """Prepare many texts at once, which is several times faster for short ones."""
    words = tokens(texts)
    readings = []
    for at, text in enumerate(texts):
        begin, end = int(words.offsets[at]), int(words.offsets[at + 1])
        hashes = words.hashes[begin:end]
        values = grams(hashes, PASSAGE)
        order = np.argsort(values, kind="stable")
        readings.append(
            Reading(
                text,
                words.digests[at],
                hashes,
                words.starts[begin:end],
                words.ends[begin:end],
                values,
                values[order],
                order,
            )
        )
    return readings


def verify(a: str | Reading, b: str | Reading, options: Options = DEFAULTS) -> Edge:
    """Read `a` against `b` and say whether `a` may be dropped when `b` is kept.

    `a` is *exact* when both have the same folded words in the same order; else a copy when it has at least
    `min_words` words, `min_coverage` of them covered, no passage of `max_passage` words that `b` lacks, and
    no more exchanged facts than its length allows. A copy is *near* when most of `b` is covered too, else
    *contained*. """
    a = read(a) if isinstance(a, str) else a
    b = read(b) if isinstance(b, str) else b
    if a.digest == b.digest:
        return Edge("exact", 1.0, 1.0, 1.0, len(a.hashes), 0, 0, "")
    covered = _covered(a, b)
    back = _covered(b, a)
    coverage = float(covered.mean()) if len(covered) else 0.0
    coverage_back = float(back.mean()) if len(back) else 0.0
    runs = _runs(~covered)
    lacking = max((end - start for start, end in runs), default=0)
    longest = max((end - start for start, end in _runs(covered)), default=0)
    facts = 0
    if len(a.hashes) < options.min_words:
        reason = "too short to be anything but an exact copy"
    elif coverage < options.min_coverage:
        reason = "too few of its words stand in the other text"
    elif lacking >= options.max_passage:
        reason = "a passage of it is missing in the other text"
    else:
        facts = _exchanged(a, b, runs)
        allowed = min(len(a.hashes) // options.words_per_fact, options.max_facts)
        reason = "numbers or names differ" if facts > allowed else ""
    kind: Kind
    if not reason:
        kind = "near" if coverage_back >= options.near_share else "contained"
    else:
        kind = "related" if max(coverage, coverage_back) >= options.related_share else "none"
    jaccard = round(_jaccard(a, b), 3)
    return Edge(
        kind, round(coverage, 3), round(coverage_back, 3), jaccard, longest, lacking, facts, reason
    )


def differences(a: str | Reading, b: str | Reading, most: int = 3) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the longest passages of `a` that `b` lacks, and of `b` that `a` lacks: at most `most` of each,
    longest first, each on one line and of at most 200 characters."""
    a = read(a) if isinstance(a, str) else a
    b = read(b) if isinstance(b, str) else b
    return _lacking(a, b, most), _lacking(b, a, most)


def _lacking(a: Reading, b: Reading, most: int) -> tuple[str, ...]:
    runs = sorted(_runs(~_covered(a, b)), key=lambda run: (run[0] - run[1], run[0]))[:most]
    shown = (fold_back(a.text, int(a.starts[start]), int(a.ends[end - 1])) for start, end in runs)
    return tuple(text if len(text) <= 200 else text[:199] + "…" for text in shown)


def _where(a: Reading, b: Reading) -> I64:
    """For each shingle of `a` the first place in `b` where it stands, or -1."""
    if not len(b.sorted) or not len(a.grams):
        return np.full(len(a.grams), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(b.sorted, a.grams), len(b.sorted) - 1)
    return np.where(b.sorted[at] == a.grams, b.order[at], -1)


def _covered(a: Reading, b: Reading) -> Bools:
    """For each word of `a` whether it lies in a shingle that stands in `b`."""
    steps = np.zeros(len(a.hashes) + 1, dtype=np.int64)
    hits = np.flatnonzero(_where(a, b) >= 0)
    steps[hits] += 1
    steps[hits + PASSAGE] -= 1
    return np.cumsum(steps[:-1]) > 0


def _runs(flags: Bools) -> list[tuple[int, int]]:
    """Spans of the maximal runs of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]])))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def _jaccard(a: Reading, b: Reading) -> float:
    """Of the sets of distinct shingles."""
    first, second = _distinct(a.sorted), _distinct(b.sorted)
    if not len(first) or not len(second):
        return 0.0
    at = np.minimum(np.searchsorted(second, first), len(second) - 1)
    both = int(np.count_nonzero(second[at] == first))
    return both / (len(first) + len(second) - both)


def _distinct(values: U64) -> U64:
    if not len(values):
        return values
    first = np.ones(len(values), dtype=bool)
    first[1:] = values[1:] != values[:-1]
    return values[first]


def _exchanged(a: Reading, b: Reading, runs: list[tuple[int, int]]) -> int:
    """Number of uncovered runs of `a` that hold a number or name unknown to `b` and stand in `b` exchanged
    for other words: the shingles on both sides are neighbours in `b` but for a gap.

    "closed on Monday, May 5" against "closed on Friday, May 9" is one; a photographer's name that only one of
    the two texts has is none, for nothing stands in its place.
    """
    if not runs:
        return 0
    where = _where(a, b)
    known = np.isin(a.hashes, b.hashes)
    count = 0
    for start, end in runs:
        if start < PASSAGE or end >= len(where) or where[start - PASSAGE] < 0 or where[end] < 0:
            continue
        gap = int(where[end] - where[start - PASSAGE]) - PASSAGE
        if not 0 < gap <= end - start + PASSAGE:
            continue
        if any(_is_fact(a.text[a.starts[at] : a.ends[at]]) for at in range(start, end) if not known[at]):
            count += 1
    return count


def _is_fact(word: str) -> bool:
    """Whether a word is a number or looks like a name; in scripts without case any word may be one."""
    return word[0].isupper() or word.lower() == word.upper() or any(char.isdigit() for char in word)
