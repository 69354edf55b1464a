"""Two texts side by side: the passages they have in common, in order, and what stands between these.

Words are compared folded, as everywhere here; case, spacing and punctuation make no difference.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.shingles import PASSAGE
from corpuskit.duplicates.verify import Reading, where

__all__ = ["Stretch", "compare"]

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Stretch:
    """A passage of both texts, or what one or both have instead of one."""

    same: bool
    a: Span      #: characters of the first text; empty where it has nothing here
    b: Span
    words: int   #: of the first text, or of the second where the first has none


def compare(a: Reading, b: Reading) -> list[Stretch]:
    """Return the stretches of two texts in order: common passages of five words or more, and the gaps between them.

    A passage that stands elsewhere in the other text is a gap in both: what is shown keeps the order of both. Time
    grows as n log n with the number of common passages.
    """
    found: list[Stretch] = []
    at_a = at_b = 0
    for start_a, start_b, words in [*_whole(a, b), (len(a.hashes), len(b.hashes), 0)]:
        found += _gap(a, b, (at_a, start_a), (at_b, start_b))
        at_a, at_b = start_a + words, start_b + words
        if words:
            found.append(Stretch(True, _span(a, start_a, at_a), _span(b, start_b, at_b), words))
    return found


def _whole(a: Reading, b: Reading) -> list[tuple[int, int, int]]:
    """The passages of the best chain, each as far as it goes: what stands in `b` several times was found at its first
    place only, which tears a passage where it lies further on.
    """
    found: list[tuple[int, int, int]] = []
    begin_a = begin_b = end_a = end_b = 0  # of the passage that is still growing
    for start_a, start_b, words in [*_chain(_passages(a, b)), (len(a.hashes), len(b.hashes), 0)]:
        skip = max(end_a - start_a, end_b - start_b, 0)  # neighbours may overlap by some words
        if words and skip >= words:
            continue
        stop_a, stop_b = start_a + words, start_b + words
        start_a, start_b = start_a + skip, start_b + skip
        if end_a > begin_a:
            on = _alike(a.hashes[end_a:start_a], b.hashes[end_b:start_b])
            end_a, end_b = end_a + on, end_b + on
        if words:
            back = _alike(a.hashes[end_a:start_a][::-1], b.hashes[end_b:start_b][::-1])
            start_a, start_b = start_a - back, start_b - back
        if (start_a, start_b) != (end_a, end_b) or not words:
            if end_a > begin_a:
                found.append((begin_a, begin_b, end_a - begin_a))
            begin_a, begin_b = start_a, start_b
        end_a, end_b = stop_a, stop_b
    return found


def _alike(a: NDArray[np.uint64], b: NDArray[np.uint64]) -> int:
    """How many words both begin with."""
    most = min(len(a), len(b))
    other = np.flatnonzero(a[:most] != b[:most])
    return int(other[0]) if len(other) else most


def _gap(a: Reading, b: Reading, words_a: Span, words_b: Span) -> list[Stretch]:
    count = words_a[1] - words_a[0] or words_b[1] - words_b[0]
    return [Stretch(False, _span(a, *words_a), _span(b, *words_b), count)] if count else []


def _span(text: Reading, start: int, end: int) -> Span:
    """Characters of the words `[start, end)`."""
    if start == end:
        return (0, 0)
    return int(text.starts[start]), int(text.ends[end - 1])


def _passages(a: Reading, b: Reading) -> list[tuple[int, int, int]]:
    """Maximal runs of words that stand in both: first word in `a`, in `b`, and length. Of a passage that `b` has
    several times the first place counts.
    """
    places = where(a, b)
    common = np.flatnonzero(places >= 0)
    if not len(common):
        return []
    breaks = np.flatnonzero((np.diff(common) != 1) | (np.diff(places[common]) != 1)) + 1
    starts = np.concatenate([[0], breaks])
    sizes = np.diff(np.concatenate([starts, [len(common)]])) + PASSAGE - 1
    first = common[starts]
    return list(zip(first.tolist(), places[first].tolist(), sizes.tolist(), strict=True))


def _chain(passages: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """The passages, sorted by their place in `a`, that keep their order in `b` and together have the most words.

    The best chain that ends at each place of `b` is kept in a staircase: further along only with more words.
    """
    ends: list[int] = []       # places in b, ascending
    weights: list[int] = []    # words of the best chain up to there, ascending
    tails: list[int] = []      # its last passage
    before: list[int] = []
    for number, (_, place, size) in enumerate(passages):
        at = bisect_left(ends, place)
        before.append(tails[at - 1] if at else -1)
        weight = size + (weights[at - 1] if at else 0)
        last = at
        while last < len(ends) and weights[last] <= weight:
            last += 1
        if at == len(ends) or ends[at] != place or last > at:
            ends[at:last], weights[at:last], tails[at:last] = [place], [weight], [number]
    chain = []
    at = tails[-1] if tails else -1
    while at >= 0:
        chain.append(passages[at])
        at = before[at]
    return chain[::-1]
