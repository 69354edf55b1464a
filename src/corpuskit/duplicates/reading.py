"""A text prepared for comparison with others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.shingles import PASSAGE, grams, tokens

__all__ = ["Reading", "read", "read_all", "where"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A text prepared for comparison: about 70 bytes per word."""

    text: str
    digest: bytes
    hashes: U64     #: of the words
    starts: I64     #: character positions of the words
    ends: I64
    grams: U64      #: of the five-word shingles, in order
    sorted: U64     #: the same, sorted
    order: I64      #: where the sorted ones stand
    firsts: I64     #: where among the sorted ones each different one begins, and their number


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
        ordered = values[order]
        readings.append(
            Reading(
                text,
                words.digests[at],
                hashes,
                words.starts[begin:end],
                words.ends[begin:end],
                values,
                ordered,
                order,
                _firsts(ordered),
            )
        )
    return readings


def where(a: Reading, b: Reading) -> I64:
    """For each shingle of `a` the first place in `b` where it stands, or -1."""
    if not len(b.sorted) or not len(a.grams):
        return np.full(len(a.grams), -1, dtype=np.int64)
    at = np.minimum(np.searchsorted(b.sorted, a.grams), len(b.sorted) - 1)
    return np.where(b.sorted[at] == a.grams, b.order[at], -1)


def _firsts(values: U64) -> I64:
    """Where each different one of sorted values begins, and how many they are."""
    first = np.ones(len(values) + 1, dtype=bool)
    first[1:-1] = values[1:] != values[:-1]
    return np.flatnonzero(first)
