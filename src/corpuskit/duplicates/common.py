"""What stands in two texts: the five-word shingles of the one that lie in a *passage* of the other.

A form has few clauses, and each stands somewhere in a long text that was filled in often; that a text is pieced
together from these says nothing. So a shingle counts only where it stands in its place: in a stretch of at least
`STRETCH` words which the other text has, too, in the same order and but for small edits at one place. Stretches
may stand in any order, for paragraphs do change places.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.reading import Reading, where
from corpuskit.duplicates.shingles import PASSAGE

__all__ = ["STRETCH", "Hits", "firm", "hits", "longest"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Places in the one text and, for each, a place in the other where the same shingle stands.
Hits = tuple[I64, I64]

STRETCH = 20
_SHIFT = 25
_MANY = 64  # places at which the rarest shingle of a stretch is looked for, lest "la la la" take its time
_BLOCK = 1 << 14


def hits(a: Reading, b: Reading) -> Hits:
    """Where in `a` the shingles of `b` stand, in order, and for each the first place in `b`.

    The shorter is looked up in the longer: a thousand excerpts of one book are no trouble.
    """
    if len(a.grams) <= len(b.grams):
        places = where(a, b)
        mine = np.flatnonzero(places >= 0)
        return mine, places[mine]
    first = np.ones(len(b.sorted), dtype=bool)
    first[1:] = b.sorted[1:] != b.sorted[:-1]
    wanted = b.sorted[first]
    low = np.searchsorted(a.sorted, wanted, side="left")
    counts = np.searchsorted(a.sorted, wanted, side="right") - low
    mine = a.order[np.repeat(low, counts) + _within(counts)]
    theirs = np.repeat(b.order[first], counts)
    order = np.argsort(mine)
    return mine[order], theirs[order]


def firm(a: Reading, b: Reading, found: Hits) -> Bools:
    """For each of the hits whether it lies in a passage of both, at one place of `b`."""
    mine, theirs = found
    if not len(mine):
        return np.zeros(0, dtype=bool)
    shorter = min(len(a.hashes), len(b.hashes))
    least = min(STRETCH, max(PASSAGE, -(-4 * shorter // 5)))
    steps = np.diff(mine)
    moved = np.diff(theirs)
    torn = (moved <= 0) | (np.abs(moved - steps) > _SHIFT)
    words = np.full(len(mine), PASSAGE)
    np.minimum(steps, PASSAGE, out=words[:-1])
    words[:-1][torn] = PASSAGE
    starts = np.concatenate([[0], np.flatnonzero(torn) + 1])
    enough = np.add.reduceat(words, starts) >= least
    if enough.all():
        return np.ones(len(mine), dtype=bool)
    result = np.repeat(enough, np.diff(starts, append=len(mine)))
    # Of a shingle that stands in `b` many times, the first place need not be the one that is meant.
    _beside(a, b, mine, theirs, result)
    if not result.all():
        theirs = theirs.copy()
        if _exact(a, b, mine, theirs, result, least):
            _beside(a, b, mine, theirs, result)
    return result


def _beside(a: Reading, b: Reading, mine: I64, theirs: I64, result: Bools) -> None:
    """Set in `result` what stands in `b` where it should, going by the nearest stretches before and after."""
    fast = np.flatnonzero(result)
    if not len(fast):
        return
    shifts = np.arange(-_SHIFT, _SHIFT + 1)
    left = np.flatnonzero(~result)
    after = np.searchsorted(fast, left)
    for near, there in ((after - 1, after > 0), (after, after < len(fast))):
        for start in range(0, len(left), _BLOCK):
            these = slice(start, start + _BLOCK)
            one = left[these][there[these]]
            base = fast[near[these][there[these]]]
            place = (mine[one] + theirs[base] - mine[base])[:, None] + shifts
            same = b.grams[np.clip(place, 0, len(b.grams) - 1)] == a.grams[mine[one]][:, None]
            result[one[same.any(axis=1)]] = True


def _exact(a: Reading, b: Reading, mine: I64, theirs: I64, result: Bools, least: int) -> bool:
    """Set in `result` what lies in `least` words that stand in `b` word for word, and in `theirs` where."""
    at, place = _windows(a, b, mine, least, ~result)
    for step in range(least - PASSAGE + 1):
        result[at + step] = True
        theirs[at + step] = place + step
    return len(at) > 0


def longest(a: Reading, b: Reading, found: Hits) -> int:
    """Words in the longest passage that stands in both, word for word."""
    mine, theirs = found
    if not len(mine):
        return 0
    on = np.diff(mine) == 1
    sure = _run(on & (np.diff(theirs) == 1)) + PASSAGE
    if _run(on) + PASSAGE == sure:
        return sure
    at, place = _windows(a, b, mine, sure + 1, np.ones(len(mine), dtype=bool))
    if not len(at):
        return sure
    order = np.lexsort((at, place - at))
    at, place = at[order], place[order]
    return sure + 1 + _run((np.diff(at) == 1) & (np.diff(place) == 1))


def _windows(a: Reading, b: Reading, mine: I64, words: int, wanted: Bools) -> Hits:
    """Which hits begin `words` words that stand in `b` word for word, and where; of stretches with a wanted hit.

    Each is looked for where its rarest shingle stands in `b`.
    """
    size = words - PASSAGE + 1
    none = np.zeros(0, dtype=np.int64)
    count = len(mine) - size + 1
    if count <= 0:
        return none, none
    before = np.concatenate([[0], np.cumsum(wanted)])
    at = np.flatnonzero((mine[size - 1 :] - mine[:count] == size - 1) & (before[size:] > before[:count]))
    if not len(at):
        return none, none
    values = a.grams[mine]
    low = np.searchsorted(b.sorted, values, side="left")
    counts = np.searchsorted(b.sorted, values, side="right") - low
    rarest = (counts << 32) + np.arange(len(mine))
    span = 1
    while 2 * span <= size:
        rarest = np.minimum(rarest[:-span], rarest[span:])
        span *= 2
    if span < size:
        rarest = np.minimum(rarest[: count], rarest[size - span :])
    anchor = rarest[at] & 0xFFFFFFFF
    many = np.minimum(counts[anchor], _MANY)
    starts = np.repeat(at, many)
    places = b.order[np.repeat(low[anchor], many) + _within(many)] - np.repeat(anchor - at, many)
    for step in (*range(0, size - 1, PASSAGE), size - 1):
        there = places + step
        same = (there >= 0) & (there < len(b.grams))
        same &= b.grams[np.where(same, there, 0)] == values[starts + step]
        starts, places = starts[same], places[same]
    return starts, places


def _within(counts: I64) -> I64:
    """0, 1, 2 … for each of the counts."""
    return np.arange(int(counts.sum())) - np.repeat(np.cumsum(counts) - counts, counts)


def _run(flags: Bools) -> int:
    """Length of the longest run of True."""
    other = np.flatnonzero(~flags)
    if not len(other):
        return len(flags)
    return int(max(other[0], len(flags) - 1 - other[-1], np.diff(other).max(initial=1) - 1))
