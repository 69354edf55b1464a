"""What stands in two texts: the five-word shingles that they share, and which of these lie in stretches of both.

A form has few clauses, and each stands somewhere in a long text that was filled in often. That a text is pieced
together from such pieces says nothing of it, so short ones count only beside long ones. The long ones may stand in
any order, for paragraphs do change places.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.reading import Reading
from corpuskit.duplicates.shingles import PASSAGE

__all__ = ["Hits", "counted", "hits", "longest", "share"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
Bools = NDArray[np.bool_]

#: Places in the one text and, for each, a place in the other where the same shingle stands.
Hits = tuple[I64, I64]

#: Words of a text that make a *stretch* when they stand in the other text at one place, in order and but for small
#: edits: a good sentence, as `max_passage` is. Clauses of a form, two or three of them, have 10 to 20.
_STRETCH = 25
#: Of a text shorter than that, this share.
_OF_SHORT = 0.8
#: Words by which small edits may move what comes next against the other text: one less than a passage that would be
#: missed there.
_SHIFT = 24
#: Share of the words in common that stretches must make up for the others to count, too: captions that another
#: extractor put elsewhere. Copies of the benchmark have .82 and more but for one page (.61), texts of one form that
#: stand in a long text in pieces .65 and less.
_MOST = 0.8

_MANY = 64  # places at which the rarest shingle of a passage is looked for, lest "la la la" take its time
_NEAR = 200  # words from a stretch to what may be beside it
_BLOCK = 1 << 14  # shingles that are looked for at once: some 10 MB


def hits(a: Reading, b: Reading) -> tuple[Hits, Hits, int]:
    """Return where in `a` the shingles of `b` stand, in order, with the first place in `b` of each; the same for `b`;
    and how many different ones stand in both.

    The shorter is looked up in the longer: a thousand excerpts of one book are no trouble.
    """
    if len(a.grams) > len(b.grams):
        theirs, mine, both = hits(b, a)
        return mine, theirs, both
    wanted = a.sorted[a.firsts[:-1]]
    low = np.searchsorted(b.sorted, wanted)
    met = np.flatnonzero(b.sorted[np.minimum(low, len(b.sorted) - 1)] == wanted) if len(wanted) else low
    wanted, low = wanted[met], low[met]
    first = a.firsts[met]
    sizes = a.firsts[met + 1] - first
    again = low + 1 < len(b.sorted)
    again[again] = b.sorted[low[again] + 1] == wanted[again]
    counts = np.ones(len(low), dtype=np.int64)
    counts[again] = np.searchsorted(b.sorted, wanted[again], side="right") - low[again]
    mine = _in_order(a, first, sizes, b.order[low])
    theirs = _in_order(b, low, counts, a.order[first])
    return mine, theirs, len(met)


def _in_order(a: Reading, first: I64, counts: I64, others: I64) -> Hits:
    """The places of groups of equal shingles, and what `others` has for each group."""
    places = a.order[_spread(first, counts)]
    others = np.repeat(others, counts)
    if 16 * len(places) < len(a.order):
        order = np.argsort(places)
        return places[order], others[order]
    there = np.full(len(a.order), -1)
    there[places] = others
    places = np.flatnonzero(there >= 0)
    return places, there[places]


def counted(a: Reading, b: Reading, found: Hits) -> I64:
    """Return where in `a` the hits stand that count: all of them where most of their words lie in stretches, else those
    in stretches.
    """
    mine, theirs = found
    if not len(mine):
        return mine
    shorter = min(len(a.hashes), len(b.hashes))
    least = min(_STRETCH, max(PASSAGE, int(np.ceil(_OF_SHORT * shorter))))
    steps, moved = mine[1:] - mine[:-1], theirs[1:] - theirs[:-1]
    words = np.full(len(mine), PASSAGE)  # that each hit adds: what two chains both have counts for one of them
    np.minimum(steps, PASSAGE, out=words[:-1])
    enough = _MOST * int(words.sum())
    torn = np.flatnonzero((moved <= 0) | (np.abs(moved - steps) > _SHIFT)) + 1
    starts, sizes = _pieces(torn, len(mine))
    chains = np.add.reduceat(words, starts)
    long = chains >= least
    if int(chains[long].sum()) >= enough:
        return mine
    firm = np.repeat(long, sizes)
    # Of a shingle that stands in `b` many times the first place was taken, which need not be the one that is meant.
    _beside(a, b, mine, theirs, firm)
    if share(mine[firm], 1) < enough:
        at, place = _windows(a, b, mine, least, ~firm)
        if len(at):
            theirs = theirs.copy()
            for step in range(least - PASSAGE + 1):
                firm[at + step] = True
                theirs[at + step] = place + step
            _beside(a, b, mine, theirs, firm)
    return mine if share(mine[firm], 1) >= enough else mine[firm]


def share(places: I64, words: int) -> float:
    """Share of the words of a text that shingles at `places` cover."""
    if not len(places):
        return 0.0
    return (int(np.minimum(places[1:] - places[:-1], PASSAGE).sum()) + PASSAGE) / words


def _beside(a: Reading, b: Reading, mine: I64, theirs: I64, firm: Bools) -> None:
    """Set in `firm` what stands in `b` where it should, going by the stretches before and after it."""
    fast, left = np.flatnonzero(firm), np.flatnonzero(~firm)
    if not len(fast):
        return
    shifts = np.arange(-_SHIFT, _SHIFT + 1)
    after = np.searchsorted(fast, left)
    for near in (after - 1, after):
        there = (near >= 0) & (near < len(fast))
        ones, bases = left[there], fast[near[there]]
        there = np.abs(mine[ones] - mine[bases]) <= _NEAR
        ones, bases = ones[there], bases[there]
        for start in range(0, len(ones), _BLOCK):
            one, base = ones[start : start + _BLOCK], bases[start : start + _BLOCK]
            place = (mine[one] + theirs[base] - mine[base])[:, None] + shifts
            same = b.grams[np.clip(place, 0, len(b.grams) - 1)] == a.grams[mine[one]][:, None]
            firm[one[same.any(axis=1)]] = True


def longest(a: Reading, b: Reading, found: Hits) -> int:
    """Return the words in the longest passage that stands in both, word for word; 0 where none has five."""
    mine, theirs = found
    if not len(mine):
        return 0
    steps = mine[1:] - mine[:-1]
    gaps = np.flatnonzero(steps != 1) + 1
    tears = np.flatnonzero((steps != 1) | (theirs[1:] - theirs[:-1] != 1)) + 1
    starts, sizes = _pieces(tears, len(mine))
    best = int(sizes.max())
    # A run of hits may be one passage, torn where some words of it stand in `b` before, too.
    begins, most = _pieces(gaps, len(mine))
    runs = np.flatnonzero(most > best)
    unsure = np.zeros(len(mine), dtype=bool)
    alike = True
    for run in runs[np.argsort(-most[runs], kind="stable")].tolist():
        if most[run] <= best:
            break
        begin, end = int(begins[run]), int(begins[run] + most[run])
        if alike:
            first, last = np.searchsorted(starts, (begin, end))
            piece = starts[first + int(np.argmax(sizes[first:last]))]
            shift = int(theirs[piece] - mine[piece])
            low, high = max(int(mine[begin]), -shift), min(int(mine[end - 1]) + 1, len(b.grams) - shift)
            whole = _run(a.grams[low:high] == b.grams[low + shift : high + shift])
            best = max(best, whole)
            alike = whole == end - begin
        unsure[begin:end] = not alike
    if unsure.any():
        at, places = _windows(a, b, mine, best + PASSAGE, unsure)
        if len(at):
            order = np.lexsort((at, places - at))
            at, places = at[order], places[order]
            best += 1 + _run((np.diff(at) == 1) & (np.diff(places) == 1))
    return best + PASSAGE - 1


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
    kept: list[Hits] = [(none, none)]
    for block in range(0, len(at), _BLOCK):
        these = at[block : block + _BLOCK]
        anchor = rarest[these] & 0xFFFFFFFF
        many = np.minimum(counts[anchor], _MANY)
        starts = np.repeat(these, many)
        places = b.order[_spread(low[anchor], many)] - np.repeat(anchor - these, many)
        for step in (*range(0, size - 1, PASSAGE), size - 1):
            there = places + step
            same = (there >= 0) & (there < len(b.grams))
            same &= b.grams[np.where(same, there, 0)] == values[starts + step]
            starts, places = starts[same], places[same]
        kept.append((starts, places))
    return np.concatenate([starts for starts, _ in kept]), np.concatenate([places for _, places in kept])


def _pieces(breaks: I64, count: int) -> Hits:
    """Where the pieces begin that so many hits have between breaks, and how many each has."""
    bounds = np.empty(len(breaks) + 2, dtype=np.int64)
    bounds[0], bounds[1:-1], bounds[-1] = 0, breaks, count
    return bounds[:-1], bounds[1:] - bounds[:-1]


def _spread(first: I64, counts: I64) -> I64:
    """So many numbers from each of the first ones on, one after the other."""
    ends = np.cumsum(counts)
    return np.repeat(first + counts - ends, counts) + np.arange(int(ends[-1]) if len(ends) else 0)


def _run(flags: Bools) -> int:
    """Length of the longest run of True."""
    other = np.flatnonzero(~flags)
    if not len(other):
        return len(flags)
    return int(max(other[0], len(flags) - 1 - other[-1], np.diff(other).max(initial=1) - 1))
