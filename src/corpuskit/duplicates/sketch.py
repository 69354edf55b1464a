"""Sketches: a few hundred bytes per text that find its possible copies. They only propose; the texts decide.

Three kinds of keys. The *digest* of the folded words finds exact copies. The *bands* of a one-permutation
MinHash (Li, Owen & Zhang 2012) of word shingles, empty bins filled by optimal densification (Shrivastava
2017), find near copies. The *anchors*, winnowed five-word shingles (Schleimer, Wilkerson & Aiken 2003),
find an excerpt in a text many times its length, for which the Jaccard index is hopeless.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.options import DEFAULTS, Options
from corpuskit.duplicates.shingles import PASSAGE, Tokens, grams, tokens
from corpuskit.words import mix

__all__ = ["Sketches", "sketch", "sketch_batch"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

_EMPTY = np.uint64(0xFFFFFFFFFFFFFFFF)


@dataclass(frozen=True, slots=True, eq=False)
class Sketches:
    """One row per text, in the order of the texts; the anchors are rows of their own."""

    words: I64                  #: words of each text
    passages: I64               #: distinct five-word shingles of each text: how much it says, repetition left out
    digests: U64                #: two columns: the 128-bit digest of the folded words
    bands: U64                  #: one column per band: its key
    banded: NDArray[np.bool_]   #: whether the text has a shingle at all; else its bands mean nothing
    anchors: U64                #: hash of each anchor
    anchor_texts: I64           #: index of its text
    probes: NDArray[np.bool_]   #: whether its text asks for this anchor


def sketch_batch(texts: Sequence[str], options: Options = DEFAULTS) -> Sketches:
    """Return the sketches of `texts`; each depends on its own text and the options alone."""
    return sketch(tokens(texts), options)


def sketch(words: Tokens, options: Options = DEFAULTS) -> Sketches:
    """Return the sketches of texts whose words are known already."""
    counts = np.diff(words.offsets)
    digests = np.frombuffer(b"".join(words.digests), dtype="<u8").astype(np.uint64).reshape(-1, 2)
    bands, banded = _bands(words, options)
    values, owners = _owned_grams(words, PASSAGE)
    anchors, anchor_texts, probes = _anchors(values, owners, len(counts), options)
    return Sketches(counts, _distinct(values, owners, len(counts)), digests, bands, banded, anchors, anchor_texts, probes)


def _owned_grams(words: Tokens, size: int) -> tuple[U64, I64]:
    """Hashes of the shingles that lie within one text, and the index of that text."""
    values = grams(words.hashes, size)
    owners = np.repeat(np.arange(len(words.offsets) - 1, dtype=np.int64), np.diff(words.offsets))
    first = owners[: len(values)]
    inside = first == owners[size - 1 : size - 1 + len(values)]
    return values[inside], first[inside]


def _bands(words: Tokens, options: Options) -> tuple[U64, NDArray[np.bool_]]:
    """Keys of the bands, one row per text, and whether the row means anything."""
    texts = len(words.offsets) - 1
    bins = options.bands * options.rows
    values, owners = _owned_grams(words, options.shingle)
    flat = np.full(texts * bins, _EMPTY, dtype=np.uint64)
    # The high bits choose the bin, the low ones compete in it.
    low = np.uint64(64 - (bins.bit_length() - 1))
    slots = owners * bins + (values >> low).astype(np.int64)
    np.minimum.at(flat, slots, values & ((np.uint64(1) << low) - np.uint64(1)))
    signature = flat.reshape(texts, bins)
    banded = np.zeros(texts, dtype=bool)
    banded[owners] = True
    _densify(signature, banded)
    keys = np.zeros((texts, options.bands), dtype=np.uint64)
    keys += mix(np.arange(1, options.bands + 1, dtype=np.uint64))
    for row in range(options.rows):
        keys = mix(keys + signature[:, row :: options.rows])
    return keys, banded


@lru_cache(maxsize=4)
def _detours(bins: int) -> I64:
    """For each bin an order in which the others are asked, fixed for ever."""
    cells = np.arange(bins * bins, dtype=np.uint64)
    return np.argsort(mix(cells + np.uint64(0x5EED)).reshape(bins, bins), axis=1, kind="stable")


def _densify(signature: U64, banded: NDArray[np.bool_]) -> None:
    """Fill each empty bin, in place, from the first filled bin on its own detour."""
    filled = signature != _EMPTY
    rows, columns = np.nonzero(~filled & banded[:, None])
    detours = _detours(signature.shape[1])
    for step in range(detours.shape[1]):
        if not len(rows):
            return
        donors = detours[columns, step]
        found = filled[rows, donors]
        signature[rows[found], columns[found]] = signature[rows[found], donors[found]]
        rows, columns = rows[~found], columns[~found]


def _distinct(values: U64, owners: I64, texts: int) -> I64:
    """Number of distinct shingles of each text; `owners` are ascending.

    Sorted are 48 bits of the hash behind 16 of the text's number, some 65,000 texts at a time: one sort of plain numbers
    takes a fifth of the time of one for each text.
    """
    counts = np.zeros(texts, dtype=np.int64)
    for start in range(0, texts, 1 << 16):
        low, high = np.searchsorted(owners, (start, start + (1 << 16)))
        joint = ((owners[low:high] - start).astype(np.uint64) << np.uint64(48)) | (values[low:high] >> np.uint64(16))
        joint.sort()
        fresh = np.ones(len(joint), dtype=bool)
        fresh[1:] = joint[1:] != joint[:-1]
        found = np.bincount((joint[fresh] >> np.uint64(48)).astype(np.int64))
        counts[start : start + len(found)] = found
    return counts


def _anchors(values: U64, owners: I64, texts: int, options: Options) -> tuple[U64, I64, NDArray[np.bool_]]:
    """Anchors sorted by text, each once per text; the `probes` smallest after another mixing are asked
    for.
    """
    lowest = values
    reach = 1
    while reach < options.window and len(lowest) > reach:
        lowest = np.minimum(lowest[:-reach], lowest[reach:])
        reach *= 2
    last = owners[reach - 1 : reach - 1 + len(lowest)]
    whole = (owners[: len(lowest)] == last) & (reach >= options.window)
    chosen, chosen_texts = lowest[whole], owners[: len(lowest)][whole]
    change = np.ones(len(chosen), dtype=bool)
    change[1:] = (chosen[1:] != chosen[:-1]) | (chosen_texts[1:] != chosen_texts[:-1])
    chosen, chosen_texts = chosen[change], chosen_texts[change]
    # A text shorter than a window has its smallest shingle for an anchor.
    sizes = np.bincount(owners, minlength=texts)
    short = np.flatnonzero((sizes > 0) & (sizes < options.window))
    if len(short):
        begins = np.searchsorted(owners, short)
        least = np.array(
            [values[b : b + n].min() for b, n in zip(begins.tolist(), sizes[short].tolist(), strict=True)],
            dtype=np.uint64,
        )
        chosen, chosen_texts = np.concatenate([chosen, least]), np.concatenate([chosen_texts, short])
    draw = mix(chosen ^ np.uint64(0xA5A5A5A5A5A5A5A5))
    order = np.lexsort((draw, chosen_texts))
    chosen, chosen_texts = chosen[order], chosen_texts[order]
    first = np.ones(len(chosen), dtype=bool)
    first[1:] = (chosen[1:] != chosen[:-1]) | (chosen_texts[1:] != chosen_texts[:-1])
    chosen, chosen_texts = chosen[first], chosen_texts[first]
    begins = np.searchsorted(chosen_texts, chosen_texts, side="left")
    return chosen, chosen_texts, np.arange(len(chosen)) - begins < options.probes
