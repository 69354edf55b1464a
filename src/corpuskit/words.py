"""Words of a batch of texts as arrays, in one pass of numpy: no Python object per word, line or character.

A word is a maximal run of letters, digits and combining marks; a character of a script that is written without
spaces (Han, kana, Thai, Lao, Khmer, Burmese) is a word of its own. Words are hashed by a polynomial over their
folded code points modulo 2**64 (prefix sums times a power of the base: the hash of any stretch is one subtraction
and one multiplication), then mixed by the finaliser of SplitMix64 (Steele, Lea & Flood 2014). Hashes depend on
the characters alone: not on the process, the platform or the batch.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "BREAK", "OTHER", "SINGLE", "UNSPACED", "WORD", "Places", "Points", "Words", "characters", "count", "fold", "looked_up",
    "mix", "pieces", "place_type", "scan", "spread", "stretches", "unlike_re",
]  # fmt: skip

U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]
Places = NDArray[np.signedinteger[Any]]  # of 32 bits where there are many
Points = NDArray[np.unsignedinteger[Any]]  # of 32 bits; of 16 in a long text, where that is enough

OTHER, WORD, SINGLE, BREAK = 0, 1, 2, 3  # classes of characters; BREAK is "\n"

_BASE = 0x9E3779B97F4A7C15 | 1  # odd, hence invertible modulo 2**64
_INVERSE = pow(_BASE, -1, 1 << 64)
_BLOCK_BITS = 14
_BLOCK = 1 << _BLOCK_BITS  # places whose powers are kept: what a processor's cache holds
_CACHED = 1 << 13  # numbers that go through several steps at a time
_PIECE = 1 << 20  # characters for which arrays that are of no use later are made at a time: of a long text they would fill memory
_LONG = 1 << 24  # characters from which it pays to look whether 16 bits are enough for each
#: Of a class of `re`: the scripts that are written without spaces.
UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
    "\U00020000-\U0003ffff"
)
_SINGLES = re.compile(f"[{UNSPACED}]+")


def characters() -> str:
    """Return the characters of the two first planes, each at its code point, NUL for the surrogates.

    To ask a pattern about all of them takes a twentieth of what it takes to ask each by itself.
    """
    points = np.arange(0x20000, dtype="<u4")
    points[0xD800:0xE000] = 0
    return points.tobytes().decode("utf-32-le")


@lru_cache(maxsize=1)
def _tables() -> tuple[U8, U32]:
    """Class and folded code point of each code point of the two first planes and the ideographic ones."""
    import unicodedata

    every = characters()
    size = len(every)
    classes = np.zeros(size, dtype=np.uint8)
    for match in re.finditer(r"[^\W_]+", every):
        classes[match.start() : match.end()] = WORD
    for at in (
        m.start()
        for m in re.finditer(
            r"[\u0300-\u036f\u0483-\u0487\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0951-\u0957\u0962\u0963\u0981-\u0983\u09bc-\u09cd\u0a01-\u0a03\u0a3c-\u0a4d\u0b01-\u0b03\u0b82\u0bbe-\u0bcd\u0c01-\u0c03\u0c3e-\u0c56\u0d02\u0d03\u0d3e-\u0d4d]",
            every,
        )
    ):
        classes[at] = WORD
    for match in _SINGLES.finditer(every):
        single = classes[match.start() : match.end()]
        others = np.flatnonzero(single != WORD).tolist()
        single[:] = SINGLE
        single[[at for at in others if unicodedata.category(match.group()[at])[0] != "M"]] = OTHER
    classes[ord("\n")] = BREAK
    # One character for one: "İ".lower() has two, and a final "Σ" lowers by its neighbours.
    folds = np.arange(size, dtype=np.uint32)
    lowered = every.replace("İ", "i").replace("Σ", "σ").replace("ς", "σ").lower()
    folds[:] = np.frombuffer(lowered.encode("utf-32-le"), dtype=np.uint32)
    folds[0xD800:0xE000] = np.arange(0xD800, 0xE000, dtype=np.uint32)
    folds[0x2019] = folds[0x2018] = ord("'")
    return classes, folds


def place_type(count: int) -> type[np.signedinteger[Any]]:
    """Return the type of numbers of so many things: of 32 bits where they are many, which is half the memory."""
    return np.int32 if _PIECE < count < (1 << 31) - _BLOCK else np.int64


def pieces(count: int) -> Iterator[slice]:
    """Yield the stretches in which so many characters are looked at, in order."""
    for begin in range(0, count, _PIECE):
        yield slice(begin, min(begin + _PIECE, count))


def looked_up(table: U8, points: Points) -> U8:
    """Return what a table of all code points that it matters of says of each character; of others it says what of the last."""
    found = np.empty(len(points), dtype=np.uint8)
    for some in pieces(len(points)):
        np.take(table, points[some], out=found[some], mode="clip")
    return found


def fold(points: Points) -> U32:
    """Return code points lower-cased one for one; those of the higher planes as they are."""
    folds = _tables()[1]
    if not len(points) or int(points.max()) < len(folds):
        return folds.take(points, mode="clip")  # which looks at no bounds
    return np.where(points < len(folds), folds[np.minimum(points, len(folds) - 1)], points)


@lru_cache(maxsize=1)
def _unlike() -> NDArray[np.bool_]:
    """Which code points are of a word here and not for `re`, or become two when they are lower-cased."""
    classes = _tables()[0]
    unlike: NDArray[np.bool_] = classes != OTHER
    for match in re.finditer(r"\w+", characters()):
        unlike[match.start() : match.end()] = False
    unlike[[ord("\n"), ord("İ")]] = False, True
    return unlike


def unlike_re(found: Words) -> I64:
    """Return positions of the characters for which `found` may see other words than ``\\w+`` in the text in lower case."""
    later = np.flatnonzero(found.points > 0xFF)  # before them lies nothing of the kind
    points = found.points[later].astype(np.uint32)
    table = _unlike()
    return later[(points >= len(table)) | table[np.minimum(points, len(table) - 1)]]


def spread(values: U64) -> U64:
    """Return `values` with their highest bits depending on all others: enough to number the places of a table."""
    return values * np.uint64(_BASE)


def mix(values: U64, in_place: bool = False) -> U64:
    """Return `values` scrambled so that each bit depends on all bits (the finaliser of SplitMix64)."""
    mixed = values if in_place else values.copy()
    row = mixed.reshape(-1)
    shifts = np.empty(min(len(row), _CACHED), dtype=np.uint64)
    for begin in range(0, len(row), _CACHED):  # piece by piece in the cache, which a long array leaves at each step
        z = row[begin : begin + _CACHED]
        shifted = shifts[: len(z)]
        z ^= np.right_shift(z, np.uint64(30), out=shifted)
        z *= np.uint64(0xBF58476D1CE4E5B9)
        z ^= np.right_shift(z, np.uint64(27), out=shifted)
        z *= np.uint64(0x94D049BB133111EB)
        z ^= np.right_shift(z, np.uint64(31), out=shifted)
    return mixed


def _powers(base: int, count: int) -> U64:
    """Powers 0..count-1 of a number modulo 2**64."""
    powers = np.full(count, base, dtype=np.uint64)
    powers[:1] = 1
    return np.multiply.accumulate(powers)


@lru_cache(maxsize=1)
def _block() -> tuple[U64, U64]:
    """Powers of the base and of its inverse for the places of a block."""
    return _powers(_BASE, _BLOCK), _powers(_INVERSE, _BLOCK)


@dataclass(frozen=True, slots=True, eq=False)
class Words:
    """The characters, lines and words of a batch. Positions count code points of all texts laid end to end,
    each text followed by one ``\\n`` that belongs to no document's text."""

    points: Points  #: code point of each character
    classes: U8  #: OTHER, WORD, SINGLE or BREAK for each character
    doc_starts: I64  #: position of each document's first character; one more entry for the end
    line_starts: I64  #: position of each line's first character
    line_ends: I64  #: position of the BREAK that ends each line
    line_docs: I64  #: index of each line's document
    starts: Places  #: position of each word's first character
    ends: Places  #: one past each word's last
    hashes: U64  #: hash of each word, folded
    docs: Places  #: index of each word's document
    lines: Places  #: index of each word's line in the batch

    def part(self, begin: int, end: int) -> Words:
        """Return what the lines `[begin, end)`, at least one, hold. All numbers count from the first of them."""
        start, stop = int(self.line_starts[begin]), int(self.line_ends[end - 1]) + 1
        first, last = np.searchsorted(self.lines, np.array([begin, end], dtype=self.lines.dtype)).tolist()
        doc, after = int(self.line_docs[begin]), int(self.line_docs[end - 1]) + 1
        return Words(
            self.points[start:stop], self.classes[start:stop],
            np.clip(self.doc_starts[doc : after + 1] - start, 0, stop - start),
            self.line_starts[begin:end] - start, self.line_ends[begin:end] - start, self.line_docs[begin:end] - doc,
            self.starts[first:last] - start, self.ends[first:last] - start, self.hashes[first:last],
            self.docs[first:last] - doc, self.lines[first:last] - begin,
        )  # fmt: skip


def _classified(texts: Sequence[str]) -> tuple[Points, U8, I64]:
    """The code point and the class of each character, and where each text begins and the last one ends."""
    data = ("\n".join(texts) + "\n" if texts else "").encode("utf-32-le", "surrogatepass")
    points: Points = np.frombuffer(data, dtype=np.uint32)
    if len(points) > _LONG and int(points.max()) < 1 << 16:
        points = points.astype(np.uint16)
    del data
    table, _ = _tables()
    classes = looked_up(table, points)
    if len(points) and int(points.max()) >= len(table):
        high = points >= len(table)
        classes[high] = np.where((points[high] >= 0x20000) & (points[high] <= 0x3FFFF), SINGLE, OTHER)
    lengths = np.fromiter((len(t) + 1 for t in texts), dtype=np.int64, count=len(texts))
    doc_starts = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(lengths, out=doc_starts[1:])
    return points, classes, doc_starts


def _begun(classes: U8) -> NDArray[np.bool_]:
    """Where words begin."""
    begins: NDArray[np.bool_] = classes == WORD
    begins[1:] &= ~begins[:-1]
    begins |= classes == SINGLE
    return begins


def count(texts: Sequence[str]) -> list[int]:
    """Return how many words `scan` finds in each of `texts`, in half its time."""
    _, classes, doc_starts = _classified(texts)
    starts = _begun(classes).nonzero()[0]
    return np.diff(np.searchsorted(starts, doc_starts)).tolist()  # type: ignore[no-any-return]


def scan(texts: Sequence[str]) -> Words:
    """Return the words of `texts`. Lone surrogates are passed over as OTHER; no text is changed.

    Lines here are the stretches between breaks: an empty text has one empty line, and a text that ends in
    ``\\n`` has an empty last line.
    """
    points, classes, doc_starts = _classified(texts)
    line_ends = np.flatnonzero(classes == BREAK)
    line_starts = np.empty_like(line_ends)
    if len(line_ends):
        line_starts[0] = 0
        line_starts[1:] = line_ends[:-1] + 1
    line_docs = np.searchsorted(doc_starts, line_starts, side="right") - 1

    place = place_type(len(points))
    starts = _begun(classes).nonzero()[0].astype(place, copy=False)
    finishes = classes == WORD
    finishes[:-1] &= ~finishes[1:]
    finishes |= classes == SINGLE
    ends = finishes.nonzero()[0].astype(place, copy=False)
    ends += 1
    del finishes

    hashes = stretches(points, starts, ends, fold)
    # Lines are few beside words: each is looked for among these, not each word among the lines.
    held = np.diff(np.searchsorted(starts, line_ends.astype(place, copy=False)), prepend=0)
    lines = np.repeat(np.arange(len(line_ends), dtype=place), held)
    docs = np.repeat(line_docs.astype(place, copy=False), held)
    return Words(points, classes, doc_starts, line_starts, line_ends, line_docs, starts, ends, hashes, docs, lines)


def stretches(values: Points, starts: Places, ends: Places, made: Callable[[Any], U32] | None = None) -> U64:
    """Return the hash of `values[start:end]` for each pair: the same wherever the stretch stands. Both are in ascending order.

    With `made`, what it makes of the values is hashed. Used on code points for words, and on word hashes for lines and shingles.
    """
    # Block by block: a power is that of the block's first place times that within the block. Tables for all places of a
    # long text would be sixteen times as large as the text, and the sums up to all places eight times.
    power, inverse = _block()
    blocks = len(values) // _BLOCK + 1
    heads, tails = (_powers(pow(one, _BLOCK, 1 << 64), blocks) for one in (_BASE, _INVERSE))
    opened = closed = [0, len(starts)]  # of one block
    if blocks > 1:
        edges = np.arange(blocks + 1) * _BLOCK
        opened, closed = (np.searchsorted(some, edges.astype(some.dtype), side="right").tolist() for some in (starts, ends))
    found = np.zeros(len(starts), dtype=np.uint64)
    prefix = np.zeros(min(_BLOCK, len(values)) + 1, dtype=np.uint64)  # sums up to the places of a block
    for number, begin in enumerate(range(0, len(values), _BLOCK)):
        block = values[begin : begin + _BLOCK]
        part = (made(block) if made else block).astype(np.uint64)
        part += np.uint64(1)
        part *= power[: len(part)]
        part *= heads[number]
        prefix[:1] = prefix[-1:]  # of the block before, which is a whole one
        part[:1] += prefix[:1]
        np.cumsum(part, out=prefix[1 : 1 + len(part)])
        first, last = closed[number], closed[number + 1]
        found[first:last] += prefix[ends[first:last] - begin]
        first, last = opened[number], opened[number + 1]
        found[first:last] -= prefix[starts[first:last] - begin]
    found *= inverse[starts & (_BLOCK - 1)]  # numpy divides number by number
    if blocks > 1:
        found *= tails[starts >> _BLOCK_BITS]
    found += (ends - starts).astype(np.uint64)
    return mix(found, in_place=True)
