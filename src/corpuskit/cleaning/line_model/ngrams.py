"""What a line says, as hashed words and pairs of words, and the linear scores learnt on them.

A token is a bucket number in `[0, 2**bits)`. Tokens of a line: each word, each pair, the beginning of longer
words (a poor man's stem), the first and the last one and two words marked as such, and triples at the borders of
the line. Numbers are one word per count of digits: "2019" and "2024" are the same token.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.batch import KIND, Batch, nearest, segment_means, shifted
from corpuskit.words import SINGLE, Places, fold, mix

__all__ = ["HEAD", "TAIL", "columns", "says", "tokens"]

F32 = NDArray[np.float32]
I8 = NDArray[np.int8]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

HEAD, TAIL = 40, 20  #: words of a line that are read, from its beginning and from its end

_STEM = 5  # letters of a word's beginning
_BORDER = 6  # words from either end of a line within which triples are tokens, too
_NOTHING = -6.0
_BLOCK = 1 << 12  # lines whose tokens are there at a time: of a long text they would need twenty times its size


def _salted(values: U64, salt: int) -> U64:
    return mix(values + np.uint64(salt * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF))


def tokens(lines: Batch, bits: int, some: slice = slice(None)) -> tuple[Places, I64]:
    """Return `(line, bucket)`, one pair per token of each content line, or of `some` lines, in no useful order."""
    word_from, word_to = lines.word_from[some], lines.word_to[some]
    mine = slice(word_from[0], word_to[-1]) if len(word_from) else slice(0)  # words of these lines: they stand together
    starts, word_line = lines.words.starts[mine], lines.word_line[mine]
    first, last = word_from - (mine.start or 0), word_to - 1 - (mine.start or 0)
    index = np.arange(len(starts), dtype=np.int64)
    number = word_to - word_from
    from_start = index - np.repeat(first, number)
    to_end = np.repeat(last, number) - index
    read = (from_start < HEAD) | (to_end < TAIL)
    wide = lines.words.ends[mine] - starts
    digit = lines.kinds[starts] == KIND["digit"]
    hashes = np.where(digit, _salted(np.minimum(wide, 9).astype(np.uint64), 7), lines.words.hashes[mine])
    single = lines.words.classes[starts] == SINGLE
    three = np.uint64(3)
    found: list[tuple[Places, U64]] = []

    def add(at: I64, values: U64, salt: int) -> None:
        found.append((word_line[at], _salted(values, salt) >> np.uint64(64 - bits)))

    at = index[read]
    add(at, hashes[at], 1)
    at = index[read & (to_end >= 1)]
    add(at, hashes[at] * three + hashes[at + 1], 2)
    at = index[read & (to_end >= 2) & (single | (from_start < _BORDER) | (to_end < _BORDER))]
    add(at, (hashes[at] * three + hashes[at + 1]) * three + hashes[at + 2], 3)
    at = index[read & (wide > _STEM) & ~digit]
    stem = np.zeros(len(at), dtype=np.uint64)
    for step in range(_STEM):
        stem = stem * np.uint64(0x9E3779B97F4A7C15) + fold(lines.words.points[starts[at] + step])
    add(at, stem, 4)
    add(first, hashes[first], 5)
    add(last, hashes[last], 6)
    at = first[number >= 2]
    add(at, hashes[at] * three + hashes[at + 1], 8)
    at = last[number >= 2]
    add(at, hashes[at - 1] * three + hashes[at], 9)
    return np.concatenate([f[0] for f in found]), np.concatenate([f[1] for f in found]).astype(np.int64)


def says(lines: Batch, weights: I8, scales: F32, biases: F32) -> F32:
    """Return one linear score per content line and head: `bias + scale * sum(weights) / sqrt(tokens)`.

    `weights` has one row per bucket and one column per head; sums of integers are exact in any order.
    """
    found = np.empty((len(lines.rows), weights.shape[1]), dtype=np.float32)
    for begin in range(0, len(found), _BLOCK):
        some = slice(begin, min(begin + _BLOCK, len(found)))
        line, bucket = tokens(lines, len(weights).bit_length() - 1, some)
        number = np.bincount(line - begin)
        order = np.argsort(line, kind="stable")
        sums = np.add.reduceat(weights[bucket[order]], np.cumsum(number) - number, axis=0, dtype=np.int32)
        found[some] = sums / np.sqrt(number)[:, None] * scales.astype(np.float64) + biases
    return found


def columns(lines: Batch, scores: F32, heads: tuple[str, ...]) -> dict[str, F32]:
    """Return the columns made of the linear scores of a line and of those around it. The first head is the whole."""
    count = len(scores)
    here = np.arange(count, dtype=np.int64)
    out: dict[str, F32] = {}
    for number, head in enumerate(heads):
        score = np.ascontiguousarray(scores[:, number])
        out[f"says {head}"] = score
        whole = number == 0
        for step in (1, 2) if whole else (1,):
            out[f"says {head} {step} before"] = shifted(score, lines, -step, _NOTHING)
            out[f"says {head} {step} after"] = shifted(score, lines, step, _NOTHING)
        for reach in (4, 12) if whole else (8,):
            out[f"says {head} mean {reach} before"] = segment_means(score, lines, here - reach, here, _NOTHING)
            out[f"says {head} mean {reach} after"] = segment_means(score, lines, here + 1, here + 1 + reach, _NOTHING)
        out[f"says {head} most before"] = _most(score, lines, range(-10, 0))
        out[f"says {head} most after"] = _most(score, lines, range(1, 6))
        out[f"says {head} document"] = segment_means(score, lines, lines.first, lines.last + 1, _NOTHING)
    before, after = nearest(scores[:, 0] > 0, lines)
    out["since says residue"] = np.where(before >= 0, np.minimum(here - before, 40), 50).astype(np.float32)
    out["until says residue"] = np.where(after >= 0, np.minimum(after - here, 40), 50).astype(np.float32)
    return out


def _most(score: F32, lines: Batch, steps: range) -> F32:
    most = np.full(len(score), _NOTHING, dtype=np.float32)
    for step in steps:
        np.maximum(most, shifted(score, lines, step, _NOTHING), out=most)
    return most
