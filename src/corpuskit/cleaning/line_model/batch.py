"""The content lines of a batch of texts as arrays: the lines that hold a word.

Blank lines and rows of asterisks are no neighbours: how a writer separates paragraphs must not matter.

No feature of the model goes through a logarithm or an exponential, whose last bit differs between machines: sums
of integers, divisions and square roots are exact everywhere, and so the scores are the same everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpuskit.words import SINGLE, Places, Points, Words, looked_up, pieces, scan

__all__ = ["CHARACTERS", "KIND", "LONG", "REACH", "Batch", "batch", "kinds_of", "nearest", "part", "segment_means", "shifted"]

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
BOOL = NDArray[np.bool_]

#: Kinds of characters that are counted per line. The order is part of the model.
CHARACTERS = (
    "other", "lower", "upper", "letter", "single", "digit", "space", "stop", "exclamation", "question",
    "comma", "colon", "quote", "dash", "bracket", "separator", "handle", "ellipsis", "symbol",
)  # fmt: skip
KIND = {name: number for number, name in enumerate(CHARACTERS)}
_SIGNS = {
    "stop": ".。．।۔", "exclamation": "!！¡", "question": "?？؟¿", "comma": ",;、，；،؛", "colon": ":：",
    "quote": "\"'“”„‘’«»「」『』‹›", "dash": "-–—−‐", "bracket": "()[]{}（）【】", "separator": "|/\\·•●▪■►▶→><»›~_*+=",
    "handle": "@#", "ellipsis": "…", "symbol": "©®™℗§°%$€£¥✔✓★☆♥❤",
}  # fmt: skip

LONG = 20.0  #: words (two characters of an unspaced script count as one) from which a line is a paragraph
REACH = 15  #: lines above and below that a column of `near` (in `shape`, `hits` and `ngrams`) looks at, at most


_MARGIN = 64  # blanks at either end of a line that are passed over for all lines at a time
_SIZE = 0x20000  # the two first planes; what lies beyond is of kind "other"
_UNSEEN = 255


@lru_cache(maxsize=1)
def _table() -> U8:
    """Kind of each code point that was met so far, `_UNSEEN` for the others: to ask for all of them takes a while."""
    return np.full(_SIZE, _UNSEEN, dtype=np.uint8)


@lru_cache(maxsize=1)
def _signs() -> dict[int, int]:
    """Kinds that do not follow from Unicode's properties; the later a sign is named, the more it counts."""
    found = {ord(sign): KIND[name] for name, signs in _SIGNS.items() for sign in signs}
    return found | dict.fromkeys(map(ord, "«»‹›"), KIND["quote"])


def _kind(point: int) -> int:
    """The kind of a code point."""
    if point in _signs():
        return _signs()[point]
    if 0xD800 <= point < 0xE000:
        return KIND["other"]
    if 0x1F000 <= point < 0x1FB00:
        return KIND["symbol"]
    char = chr(point)
    if char.isspace() or point in (0x200B, 0xFEFF):
        return KIND["space"]
    if char.isdigit():
        return KIND["digit"]
    if char.isupper():
        return KIND["upper"]
    if char.islower():
        return KIND["lower"]
    if char.isalpha():
        return KIND["letter"]
    return KIND["symbol"] if 0x2190 <= point < 0x2C00 else KIND["other"]


def kinds_of(points: Points) -> U8:
    """Return the kind of each code point."""
    table = _table()
    kinds = looked_up(table, points)
    for some in pieces(len(points)):
        unseen = kinds[some] == _UNSEEN
        if unseen.any():
            met = np.minimum(points[some][unseen].astype(np.uint32), _SIZE - 1)
            for point in np.flatnonzero(np.bincount(met)).tolist():  # `unique` would import masked arrays
                table[point] = _kind(point)
            kinds[some] = looked_up(table, points[some])
    return kinds


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """The content lines of a batch of texts, with their characters and words.

    Arrays ending in a comment "lines" have one entry per content line, "words" one per word.
    """

    words: Words
    kinds: U8  #: kind of each character
    rows: I64  #: lines: index among all lines of the batch
    docs: I64  #: lines: index of the document
    first: I64  #: lines: index of the first content line of the same document
    last: I64  #: lines: index of the last one
    starts: I64  #: lines: position of the first character that is no blank
    ends: I64  #: lines: one past the last such character
    word_from: I64  #: lines: index of the first word
    word_to: I64  #: lines: one past the last word
    word_line: Places  #: words: index of the content line
    size: F32  #: lines: length in words; two characters of an unspaced script are one word
    neighbours: dict[int, I64] = field(default_factory=dict)  #: of `shifted`: the line so many lines further down, if any


def batch(texts: Sequence[str], found: Words | None = None) -> Batch:
    """Return the content lines of `texts`. `found` are their words, where they are known already."""
    words = found or scan(texts)
    kinds = kinds_of(words.points)
    kinds[words.classes == SINGLE] = KIND["single"]
    fresh = np.ones(len(words.lines), dtype=bool)
    np.not_equal(words.lines[1:], words.lines[:-1], out=fresh[1:])
    word_from = np.flatnonzero(fresh)
    rows = words.lines[word_from].astype(np.int64)
    word_to = np.append(word_from[1:], len(words.starts)).astype(np.int64)
    word_line = np.repeat(np.arange(len(rows), dtype=words.lines.dtype), word_to - word_from)
    docs = words.line_docs[rows]
    begin = np.flatnonzero(np.append(True, docs[1:] != docs[:-1])) if len(docs) else np.zeros(0, dtype=np.int64)
    lengths = np.diff(np.append(begin, len(docs)))
    first = np.repeat(begin, lengths).astype(np.int64)
    last = np.repeat(begin + lengths - 1, lengths).astype(np.int64)
    starts, ends = _edges(words, kinds, rows)
    single = words.classes[words.starts] == SINGLE
    size = (word_to - word_from).astype(np.float32)
    if single.any():
        size -= 0.5 * np.bincount(word_line[single], minlength=len(rows)).astype(np.float32)
    return Batch(words, kinds, rows, docs, first, last, starts, ends, word_from, word_to, word_line, size)


def part(lines: Batch, begin: int, end: int) -> Batch:
    """Return the content lines `[begin, end)`, at least one, as if there were no others; all numbers count from the first."""
    return batch((), lines.words.part(int(lines.rows[begin]), int(lines.rows[end - 1]) + 1))


def _edges(words: Words, kinds: U8, rows: I64) -> tuple[I64, I64]:
    """The position of the first character of some lines that is no blank, and one past the last; each line holds a word."""
    starts, ends = words.line_starts[rows], words.line_ends[rows]
    for places, inside, step in ((starts, 0, 1), (ends, -1, -1)):
        left = np.flatnonzero(kinds[places + inside] == KIND["space"])
        for _ in range(_MARGIN):
            places[left] += step
            left = left[kinds[places[left] + inside] == KIND["space"]]
            if not len(left):
                break
        for line in left.tolist():
            places[line] += step * int(np.argmax(kinds[starts[line] : ends[line]][::step] != KIND["space"]))
    return starts, ends


def shifted(values: NDArray[np.generic], lines: Batch, by: int, fill: float) -> F32:
    """Return the value of the line `by` lines further down in the same document, `fill` where there is none."""
    if by not in lines.neighbours:
        here = np.arange(len(lines.rows), dtype=np.int64) + by
        lines.neighbours[by] = np.where((here >= lines.first) & (here <= lines.last), here, len(here))
    padded = np.full(len(values) + 1, fill, dtype=np.float32)
    padded[:-1] = values
    return padded[lines.neighbours[by]]


def segment_means(values: NDArray[np.generic], lines: Batch, low: I64, high: I64, fill: float) -> F32:
    """Return the mean of `values` over the lines `[low, high)`, cut to the document; `fill` where it is empty."""
    low = np.maximum(low, lines.first)
    high = np.minimum(high, lines.last + 1)
    total = np.zeros(len(values) + 1, dtype=np.float64)
    np.cumsum(values, dtype=np.float64, out=total[1:])
    count = np.maximum(high - low, 0)
    sums = total[np.maximum(high, low)] - total[low]
    return np.where(count > 0, sums / np.maximum(count, 1), fill).astype(np.float32)


def nearest(mask: BOOL, lines: Batch) -> tuple[I64, I64]:
    """Return the nearest line with `mask` before and after each line of the same document, -1 where there is none."""
    here = np.arange(len(mask), dtype=np.int64)
    marks = np.flatnonzero(mask)
    padded = np.concatenate([[-1], marks, [len(mask)]])
    before = padded[np.searchsorted(marks, here)]
    after = padded[np.searchsorted(marks, here, side="right") + 1]
    return np.where(before >= lines.first, before, -1), np.where(after <= lines.last, after, -1)
