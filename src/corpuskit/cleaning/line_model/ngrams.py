"""What a line says, as hashed words and pairs of words, and the linear scores learnt on them.

A token is a bucket number in `[0, 2**bits)`. Tokens of a line: each word, each pair, the beginning of longer
words (a poor man's stem), the first and the last one and two words marked as such, and triples at the borders of
the line. Numbers are one word per count of digits: "2019" and "2024" are the same token.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.batch import KIND, Batch, nearest, segment_means, shifted
from corpuskit.words import SINGLE, Places, fold, mix

__all__ = ["HEAD", "TAIL", "columns", "far", "lanes", "near", "says", "tokens"]

F32 = NDArray[np.float32]
I8 = NDArray[np.int8]
I64 = NDArray[np.int64]
U64 = NDArray[np.uint64]

HEAD, TAIL = 40, 20  #: words of a line that are read, from its beginning and from its end

_STEM = 5  # letters of a word's beginning
_BORDER = 6  # words from either end of a line within which triples are tokens, too
_NOTHING = -6.0
_LANE, _MASK = 16, 0xFFFF  # bits of a head in a number of `lanes`
_MOVED = 128  # what is added to each weight there, so that none is below 0
_BLOCK = 1 << 12  # lines whose tokens are there at a time: of a long text they would need twenty times its size


def _salted(values: U64, salt: int) -> U64:
    return mix(values + np.uint64(salt * 0x9E3779B97F4A7C15 & 0xFFFFFFFFFFFFFFFF), in_place=True)


def tokens(lines: Batch, bits: int) -> tuple[Places, I64]:
    """Return `(line, bucket)`, one pair per token of each content line, in no useful order."""
    found = list(_kinds(lines, bits, slice(None)))
    return np.concatenate([line for line, _ in found]), np.concatenate([bucket for _, bucket in found])


def _kinds(lines: Batch, bits: int, some: slice) -> Iterator[tuple[Places, I64]]:
    """Yield `(line, bucket)` of the tokens of some lines, kind by kind; of each kind in the order of the lines."""
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
    hashes = lines.words.hashes[mine].copy()
    hashes[digit] = _salted(np.arange(10, dtype=np.uint64), 7)[np.minimum(wide[digit], 9)]
    single = lines.words.classes[starts] == SINGLE
    three = np.uint64(3)

    def bucket(values: U64, salt: int) -> I64:
        return (_salted(values, salt) >> np.uint64(64 - bits)).astype(np.int64)

    at = index[read]
    yield word_line[at], bucket(hashes[at], 1)
    at = index[read & (to_end >= 1)]
    yield word_line[at], bucket(hashes[at] * three + hashes[at + 1], 2)
    at = index[read & (to_end >= 2) & (single | (from_start < _BORDER) | (to_end < _BORDER))]
    yield word_line[at], bucket((hashes[at] * three + hashes[at + 1]) * three + hashes[at + 2], 3)
    at = index[read & (wide > _STEM) & ~digit]
    stem = np.zeros(len(at), dtype=np.uint64)
    for step in range(_STEM):
        stem *= np.uint64(0x9E3779B97F4A7C15)
        stem += fold(lines.words.points[starts[at] + step])
    yield word_line[at], bucket(stem, 4)
    yield word_line[first], bucket(hashes[first], 5)
    yield word_line[last], bucket(hashes[last], 6)
    at = first[number >= 2]
    yield word_line[at], bucket(hashes[at] * three + hashes[at + 1], 8)
    at = last[number >= 2]
    yield word_line[at], bucket(hashes[at - 1] * three + hashes[at], 9)


def lanes(weights: I8) -> list[U64]:
    """Return the weights of each bucket side by side in numbers of 64 bits, four heads in each, for `says`.

    A line has at most 4 * (HEAD + TAIL) + 4 tokens, and each weight, moved above 0, is at most 255: no sum of a head
    reaches the bits of the next.
    """
    moved = (weights.astype(np.int64) + _MOVED).astype(np.uint64)
    found: list[U64] = [np.zeros(len(moved), dtype=np.uint64) for _ in range(0, moved.shape[1], 4)]
    for head, column in enumerate(moved.T):
        found[head // 4] |= column << np.uint64(_LANE * (head % 4))
    return found


def says(lines: Batch, weights: Sequence[U64], scales: F32, biases: F32) -> F32:
    """Return one linear score per content line and head: `bias + scale * sum(weights) / sqrt(tokens)`.

    `weights` are those of `lanes`; sums of integers are exact in any order.
    """
    found = np.empty((len(lines.rows), len(scales)), dtype=np.float32)
    bits = len(weights[0]).bit_length() - 1
    for begin in range(0, len(found), _BLOCK):
        some = slice(begin, min(begin + _BLOCK, len(found)))
        count = some.stop - begin
        number = np.zeros(count, dtype=np.int64)
        sums = [np.zeros(count, dtype=np.uint64) for _ in weights]
        for line, bucket in _kinds(lines, bits, some):
            many = np.bincount(line - begin, minlength=count)
            number += many
            stops = np.cumsum(many)
            up_to = np.zeros(len(line) + 1, dtype=np.uint64)
            for each, total in zip(weights, sums, strict=True):
                np.cumsum(each[bucket], out=up_to[1:])
                total += up_to[stops] - up_to[stops - many]
        every = [total >> np.uint64(shift) & np.uint64(_MASK) for total in sums for shift in range(0, 64, _LANE)]
        heads = np.stack(every[: len(scales)], axis=1).astype(np.int64) - _MOVED * number[:, None]
        found[some] = heads / np.sqrt(number)[:, None] * scales.astype(np.float64) + biases
    return found


def columns(lines: Batch, scores: F32, heads: tuple[str, ...]) -> dict[str, F32]:
    """Return the columns made of the linear scores of a line and of those around it. The first head is the whole."""
    return {**near(lines, scores, heads), **far(lines, scores, heads)}


def near(lines: Batch, scores: F32, heads: tuple[str, ...]) -> dict[str, F32]:
    """Return those on a line and the few lines around it."""
    here = np.arange(len(scores), dtype=np.int64)
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
    return out


def far(lines: Batch, scores: F32, heads: tuple[str, ...]) -> dict[str, F32]:
    """Return those for which the whole document is looked at."""
    here = np.arange(len(scores), dtype=np.int64)
    out = {
        f"says {head} document": segment_means(scores[:, number], lines, lines.first, lines.last + 1, _NOTHING)
        for number, head in enumerate(heads)
    }
    before, after = nearest(scores[:, 0] > 0, lines)
    out["since says residue"] = np.where(before >= 0, np.minimum(here - before, 40), 50).astype(np.float32)
    out["until says residue"] = np.where(after >= 0, np.minimum(after - here, 40), 50).astype(np.float32)
    return out


def _most(score: F32, lines: Batch, steps: range) -> F32:
    most = np.full(len(score), _NOTHING, dtype=np.float32)
    for step in steps:
        np.maximum(most, shifted(score, lines, step, _NOTHING), out=most)
    return most
