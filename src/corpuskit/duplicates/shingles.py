"""Words and word shingles of a batch of texts as flat arrays, in bounded memory.

`PASSAGE` consecutive words are the unit in which texts are compared. Long texts are scanned in pieces cut
at white space, so a book costs a few hundred bytes per *piece* character at a time, not for all of it at
once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from corpuskit.words import BREAK, OTHER, WORD, Words, fold, mix, scan

__all__ = ["PASSAGE", "Tokens", "fold_back", "grams", "tokens"]

U64 = NDArray[np.uint64]
I64 = NDArray[np.int64]

#: Words in the shingles that anchor, verify and measure passages. Five words in a row are rarely shared by
#: chance ("at the end of the" is), and one exchanged word still leaves its neighbours recognisable.
PASSAGE = 5

_PIECE = 1 << 19  # characters scanned at once: about 40 bytes each while they are scanned
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)  # of a 64-bit congruential generator (Steele & Vigna 2022)
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True, eq=False)
class Tokens:
    """The words of some texts laid end to end."""

    hashes: U64      #: hash of each word, folded
    starts: I64      #: first character of each word, in its own text
    ends: I64        #: one past its last character
    offsets: I64     #: index of each text's first word; one more entry for the end
    digests: tuple[bytes, ...]  #: 16 bytes for each text: BLAKE2b of its folded words in their order


def tokens(texts: Sequence[str]) -> Tokens:
    """Return the words of `texts`; a text without any word gets the digest of its characters."""
    hashes: list[U64] = []
    starts: list[I64] = []
    ends: list[I64] = []
    counts = np.zeros(len(texts), dtype=np.int64)
    hashers = [blake2b(digest_size=16) for _ in texts]
    for batch in _batches(texts):
        words = scan([texts[at][begin:end] for at, begin, end in batch])
        where = np.array([at for at, _, _ in batch], dtype=np.int64)
        shift = np.array([begin for _, begin, _ in batch], dtype=np.int64) - words.doc_starts[:-1]
        hashes.append(words.hashes)
        starts.append(words.starts + shift[words.docs])
        ends.append(words.ends + shift[words.docs])
        np.add.at(counts, where, np.bincount(words.docs, minlength=len(batch)))
        _digest(words, where, hashers)
    for at in np.flatnonzero(counts == 0).tolist():
        hashers[at].update(b"\0wordless\0" + texts[at].encode("utf-8", "surrogatepass"))
    offsets = np.zeros(len(texts) + 1, dtype=np.int64)
    np.cumsum(counts, out=offsets[1:])
    return Tokens(
        np.concatenate(hashes) if hashes else np.zeros(0, dtype=np.uint64),
        np.concatenate(starts) if starts else np.zeros(0, dtype=np.int64),
        np.concatenate(ends) if ends else np.zeros(0, dtype=np.int64),
        offsets,
        tuple(hasher.digest() for hasher in hashers),
    )


def _batches(texts: Sequence[str]) -> Iterator[list[tuple[int, int, int]]]:
    """Yield lists of (text, start, end) in order, each list of at most about `_PIECE` characters."""
    batch: list[tuple[int, int, int]] = []
    room = _PIECE
    for at, text in enumerate(texts):
        begin = 0
        while begin < len(text) or not begin:
            end = min(len(text), begin + _PIECE)
            if end < len(text):
                # White space is looked for near the end of the piece only: a line without any is cut anyway.
                spaces = [match.start() for match in _SPACE.finditer(text, end - 4096, end)]
                end = spaces[-1] if spaces else end
            if end - begin > room and batch:
                yield batch
                batch, room = [], _PIECE
            batch.append((at, begin, end))
            room -= end - begin
            if end == len(text):
                break
            begin = end
    if batch:
        yield batch


def _digest(words: Words, where: I64, hashers: list[blake2b]) -> None:
    """Feed the folded words of a scanned batch to the hashers, a zero after each run of letters."""
    word = words.classes == WORD
    wanted = (words.classes != OTHER) & (words.classes != BREAK)
    after = np.zeros(len(word), dtype=bool)
    after[1:] = word[:-1] & ~wanted[1:]
    kept = wanted | after
    letters = fold(words.points[kept]).astype("<u4", copy=False)
    letters[after[kept]] = 0
    # Each text has a break at least, and so none is empty.
    counts = np.add.reduceat(kept, words.doc_starts[:-1], dtype=np.int64)
    edges = [0, *np.cumsum(counts).tolist()]
    for index, at in enumerate(where.tolist()):
        hashers[at].update(letters[edges[index] : edges[index + 1]].tobytes())


def grams(hashes: U64, size: int) -> U64:
    """Return the mixed hash of each run of `size` words; one per start, so `size - 1` fewer than words."""
    count = len(hashes) - size + 1
    if count <= 0:
        return np.zeros(0, dtype=np.uint64)
    value = hashes[:count].copy()
    for step in range(1, size):
        value *= _MULTIPLIER
        value += hashes[step : step + count]
    return mix(value)


def fold_back(text: str, start: int, end: int) -> str:
    """Return `text[start:end]` on one line, white space squeezed: how passages are shown to a person."""
    return " ".join(text[start:end].split())
