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

from corpuskit.words import Places, Words, mix

__all__ = ["DUPLICATE", "TOP", "gram_shares"]

TOP = (2, 3, 4)
DUPLICATE = (5, 6, 7, 8, 9, 10)

_MOST_BITS = 20  # of the numbers of places that one text has in a table: four megabytes, whatever the text

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]


def gram_shares(batch: Words, lengths: F64) -> dict[int, F64]:
    """Return for each n in TOP and DUPLICATE one share for each document; `lengths` are its characters in words."""
    documents = len(lengths)
    found: dict[int, F64] = {size: np.zeros(documents) for size in (*TOP, *DUPLICATE)}
    sizes = batch.ends - batch.starts
    before = np.zeros(len(sizes) + 1, dtype=sizes.dtype)  # characters of all words before each one
    np.cumsum(sizes, out=before[1:])
    of_document = mix(np.arange(documents, dtype=np.uint64))
    inside = batch.docs[1:] == batch.docs[:-1]
    places = np.flatnonzero(inside).astype(sizes.dtype, copy=False)  # where the n-grams that may repeat begin
    keys = batch.hashes[:-1][inside]
    del inside
    for size in (*TOP, *DUPLICATE):
        if size > TOP[0]:  # both (n-1)-grams are left, so they are of one text
            follows = places[1:] - places[:-1] == 1
            places, keys = places[:-1][follows], keys[:-1][follows]
        if not len(places):
            break
        keys *= np.uint64(31)
        keys += batch.hashes[places + (size - 1)]
        keys = mix(keys, in_place=True)
        docs = batch.docs[places]
        some = _may_repeat(keys, docs, documents)
        places, docs, keys = places[some], docs[some], keys[some]
        # Any order that brings equal n-grams of a text together; by one key it takes a third of the time of two.
        order = np.argsort(keys ^ of_document[docs])
        new = np.ones(len(order), dtype=np.bool_)
        ordered: U64 | I64 = keys[order]
        new[1:] = ordered[1:] != ordered[:-1]
        ordered = docs[order]
        new[1:] |= ordered[1:] != ordered[:-1]
        del ordered, docs  # a long text has many
        firsts = np.flatnonzero(new)
        often = np.diff(firsts, append=len(order))
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
    for shares in found.values():
        np.minimum(shares / np.maximum(lengths, 1.0), 1.0, out=shares)
    return found


def _may_repeat(keys: U64, docs: Places, documents: int) -> I64:
    """Where the keys stand that may stand twice in their text: of those alone in their place of a table most are left out,
    by no sorting.

    Each text has a stretch of the table to itself, which the processor's cache holds while its keys are looked up.
    """
    counts = np.bincount(docs, minlength=documents)
    bits = np.minimum(np.frexp(counts)[1] + 2, _MOST_BITS)
    ends = np.cumsum(np.where(counts, 1 << bits.astype(np.int64), 0))
    spots = (keys >> np.repeat((64 - bits).astype(np.uint64), counts)).astype(np.int64)
    spots += np.repeat(ends - (1 << bits.astype(np.int64)), counts)
    # The last key of a place writes its number there; another that reads it is not alone, and nor is the last one.
    numbers = np.arange(len(keys), dtype=np.int32)
    last = np.empty(int(ends[-1]), dtype=np.int32)
    last[spots] = numbers
    shared = np.zeros(len(last), dtype=np.bool_)
    shared[spots[last[spots] != numbers]] = True
    return np.flatnonzero(shared[spots])


def _top(shares: F64, owners: I64, often: I64, covered: I64) -> None:
    """Set for each document the characters in its most frequent n-gram; among equally frequent ones the longest."""
    factor = int(covered.max(initial=0)) + 1
    best = np.zeros(len(shares), dtype=np.int64)
    np.maximum.at(best, owners, often * factor + covered)  # both fit: a text is 2**27 characters at most
    shares[:] = best % factor
