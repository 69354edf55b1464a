"""Repeated n-grams of words, as Gopher measures them (Rae et al. 2021, A1.1 and table A1).

"For each n in {2, …, 4} we calculate the fraction of characters contained within the most frequently-occurring n-gram;
and for each n in {5, …, 10} we calculate the fraction of characters contained within all duplicate n-grams, taking care
not to count characters that occur in overlapping n-grams more than once." An n-gram is duplicate when it occurs twice
or more, and all its occurrences count (RedPajama's reading; datatrove's leaves out the first). Characters are those of
words. An n-gram that occurs once counts as nothing, also where none occurs more often.

An n-gram can only repeat where both (n-1)-grams in it do, so each step looks at what is left of the one before: of ten
words in a hundred at n = 3, and of hardly any at n = 5.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpuskit.words import Words, mix

__all__ = ["DUPLICATE", "TOP", "gram_shares"]

TOP = (2, 3, 4)
DUPLICATE = (5, 6, 7, 8, 9, 10)

_MOST_BITS = 20  # of the numbers of places of a table: eight megabytes, whatever the text

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]


def gram_shares(batch: Words, lengths: F64) -> dict[int, F64]:
    """Return for each n in TOP and DUPLICATE one share for each document; `lengths` are its characters in words."""
    documents = len(lengths)
    total = len(batch.hashes)
    found: dict[int, F64] = {size: np.zeros(documents) for size in (*TOP, *DUPLICATE)}
    sizes = batch.ends - batch.starts
    before = np.zeros(total + 1, dtype=sizes.dtype)  # characters of all words before each one
    np.cumsum(sizes, out=before[1:])
    of_document = mix(np.arange(documents, dtype=np.uint64))
    places = np.arange(total, dtype=sizes.dtype)  # where the n-grams that may repeat begin
    keys: U64 = batch.hashes
    repeats = np.ones(total + 1, dtype=np.bool_)
    for size in (*TOP, *DUPLICATE):
        last = places + (size - 1)
        keep = last < total
        keep[keep] = (batch.docs[places[keep]] == batch.docs[last[keep]]) & repeats[places[keep] + 1]
        places = places[keep]
        if not len(places):
            break
        docs = batch.docs[places]
        keys = keys[keep]
        keys *= np.uint64(31)
        keys += batch.hashes[places + (size - 1)]
        keys = mix(keys)
        marks: U64 = keys ^ of_document[docs]
        some = _may_repeat(marks)
        places, docs, keys, marks = places[some], docs[some], keys[some], marks[some]
        # Any order that brings equal n-grams of a text together; by one key it takes a third of the time of two.
        order = np.argsort(marks)
        new = np.ones(len(order), dtype=np.bool_)
        ordered: U64 | I64 = keys[order]
        new[1:] = ordered[1:] != ordered[:-1]
        ordered = docs[order]
        new[1:] |= ordered[1:] != ordered[:-1]
        del ordered, docs, marks  # a long text has many
        firsts = np.flatnonzero(new)
        often = np.diff(np.concatenate([firsts, [len(order)]]))
        groups = often > 1
        member = np.zeros(len(places), dtype=np.bool_)
        member[order[np.repeat(groups, often)]] = True
        if size in TOP:
            begins = places[order[firsts[groups]]]
            covered = often[groups] * (before[begins + size] - before[begins])
            _top(found[size], batch.docs[begins], often[groups], covered)
        places, keys = places[member], keys[member]
        if size in DUPLICATE:
            ends = places + size
            np.minimum(ends[:-1], places[1:], out=ends[:-1])  # what the next one holds too is counted there
            found[size] += np.bincount(batch.docs[places], weights=before[ends] - before[places], minlength=documents)
        repeats = np.zeros(total + 1, dtype=np.bool_)
        repeats[places] = True
    for shares in found.values():
        np.minimum(shares / np.maximum(lengths, 1.0), 1.0, out=shares)
    return found


def _may_repeat(keys: U64) -> I64:
    """Where the keys stand that may stand twice: of those alone in their place of a table most are left out, by no sorting."""
    bits = min(len(keys).bit_length() + 3, _MOST_BITS)
    spots = (keys >> np.uint64(64 - bits)).astype(np.int64)
    return np.flatnonzero(np.bincount(spots, minlength=1 << bits)[spots] > 1)


def _top(shares: F64, owners: I64, often: I64, covered: I64) -> None:
    """Set for each document the characters in its most frequent n-gram; among equally frequent ones the longest."""
    factor = int(covered.max(initial=0)) + 1
    best = np.zeros(len(shares), dtype=np.int64)
    np.maximum.at(best, owners, often * factor + covered)  # both fit: a text is 2**27 characters at most
    shares[:] = best % factor
