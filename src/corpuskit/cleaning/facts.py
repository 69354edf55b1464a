"""What is known about the lines of a document before any rule cuts: frozen after repair, never recomputed.

Rules and detectors may only ask for these facts and for the text that is left, so the order in which rules run
cannot change what they see of the document's shape.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit import words

__all__ = ["ECHO", "HEAD", "QUOTE_WORDS", "TAIL", "Facts", "gather", "is_long"]

HEAD, TAIL = 1, 2  # bits of `Facts.zones`

_HEAD_LINES = 4, 8    # at least and at most: a title, a byline, a date, a caption and a menu crumb or two
_TAIL_LINES = 6, 20   # the end block as readers of labelled documents saw it
_HEAD_SHARE, _TAIL_SHARE = 0.25, 0.5  # of the lines: else all of a short text would be its own edge
_LONG = 180        # characters from which a line is a paragraph; one without spaces counts 2.5 times
_SINGLE_EXTRA = 1.5

ECHO = 3  # words with which a line that stands in another one is told from most lines
QUOTE_WORDS = 7, 45  # of a line that may be pulled out of a paragraph, at least and at most


@dataclass(frozen=True, slots=True)
class Facts:
    """The shape of one document: parallel sequences, one item per line. Where a book has a million, arrays."""

    text: str                            #: the repaired text, as it is read (see `wrapping`)
    edges: array[int]                    #: where each line begins in it, and the end of the last one
    lines: tuple[str, ...]               #: the lines without their line breaks
    filled: tuple[int, ...]              #: numbers of the lines that are not blank
    words: tuple[int, ...]               #: words of each line
    keys: array[int]                     #: hash of the folded words of each line; 0 where there are none
    zones: bytes                         #: HEAD and TAIL bits of each line
    long: bytes                          #: 1 for paragraphs
    again: bytes = b""                   #: 1 for lines with words that another line has, folded
    seams: bytes = b""                   #: 0 only for lines without a capital A to Z glued to another kind of letter
    echoes: bytes = b""                  #: 0 only for lines of another length than `QUOTE_WORDS`, or whose first or last words
                                         #: stand nowhere else in the document
    templates: tuple[tuple[int, float, str], ...] = ()   #: line, confidence, evidence of source templates

    def span(self, line: int) -> tuple[int, int]:
        """Where a line begins in the text and where it ends, its line break included."""
        return self.edges[line], self.edges[line + 1]

    @property
    def total_words(self) -> int:
        """Words of the document."""
        return sum(self.words)


def is_long(characters: int, singles: int) -> bool:
    """Return whether a line of that many characters, `singles` of them of a script without spaces, is a paragraph."""
    return characters + _SINGLE_EXTRA * singles >= _LONG


def gather(texts: Sequence[str], found: words.Words | None = None, repeats: bool = True) -> list[Facts]:
    """Return the facts of repaired `texts`: one pass of numpy over the batch, then slices per document.

    `found` are the words of `texts`, where they are known already. Without `repeats` the facts end with `long`.
    """
    if not texts:
        return []
    found = found or words.scan(texts)
    count = len(found.line_starts)
    line_words = np.bincount(found.lines, minlength=count)
    ends = np.cumsum(line_words)
    starts = ends - line_words
    keys = np.where(line_words > 0, words.stretches(found.hashes, starts, ends), np.uint64(0))
    widths = (found.line_ends - found.line_starts).astype(np.float64)
    if (found.classes == words.SINGLE).any():
        widths += _SINGLE_EXTRA * np.add.reduceat(found.classes == words.SINGLE, found.line_starts, dtype=np.int32)
    long = (widths >= _LONG).astype(np.uint8).tobytes()
    again = seams = echoes = b""
    if repeats:
        again = _again(found, keys, line_words).tobytes()
        seams = _seams(found).tobytes()
        echoes = _echoes(found, starts, line_words).tobytes()
    first_lines = np.searchsorted(found.line_docs, np.arange(len(texts) + 1)).tolist()
    counts = line_words.tolist()
    result = []
    for number, text in enumerate(texts):
        a = first_lines[number]
        lines = text.split("\n")
        if not lines[-1]:
            lines.pop()  # a text that ends in a break has no further line after it
        b = a + len(lines)
        begins = found.line_starts[a:b] - found.line_starts[a] if b > a else found.line_starts[:0]
        filled = tuple([i for i, line in enumerate(lines) if line and not line.isspace()])
        flags = long[a:b]
        result.append(
            Facts(
                text=text,
                edges=array("q", [*begins.tolist(), len(text)]),
                lines=tuple(lines),
                filled=filled,
                words=tuple(counts[a:b]),
                keys=array("Q", keys[a:b].tobytes()),
                zones=_zones(filled, flags),
                long=flags,
                again=again[a:b],
                seams=seams[a:b],
                echoes=echoes[a:b],
            )
        )
    return result


def _again(found: words.Words, keys: NDArray[np.uint64], count: NDArray[np.int64]) -> NDArray[np.uint8]:
    """1 for each line with words whose key another line of its document has (or, hardly ever, seems to have)."""
    own = words.mix(keys + words.mix(found.line_docs.astype(np.uint64)))
    return ((_times(own, own) > 1) & (count > 0)).astype(np.uint8)


def _seams(found: words.Words) -> NDArray[np.uint8]:
    """1 for each line that may hold a capital A to Z right behind a letter that is none, as in "TrainAcme"."""
    seams = np.zeros(len(found.line_ends), dtype=np.uint8)
    for some in words.pieces(len(found.points)):
        some = slice(some.start, some.stop + 1)  # with the character that its last one may be glued to
        capital = found.points[some] - np.uint32(ord("A")) < 26
        classes = found.classes[some][:-1]
        glued = capital[1:] & ~capital[:-1] & (classes != words.OTHER) & (classes != words.BREAK)
        seams[np.searchsorted(found.line_ends, glued.nonzero()[0] + some.start)] = 1
    return seams


def _echoes(found: words.Words, starts: NDArray[np.int64], count: NDArray[np.int64]) -> NDArray[np.uint8]:
    """0 for lines whose first `ECHO` words, or last, do not stand together anywhere else in the document, and for those that are
    too short or too long to be asked about; for all others 1.

    Words are compared as `re`'s ``\\w+`` finds them in lower case. Where that may be others than those of `found`, as
    in a document with combining marks, all that are asked about have 1.
    """
    low, high = QUOTE_WORDS
    within = (count >= low) & (count <= high)
    doubtful = np.zeros(len(found.doc_starts), dtype=bool)
    doubtful[np.searchsorted(found.doc_starts, words.unlike_re(found), side="right") - 1] = True
    echoes = within & doubtful[found.line_docs]
    asked = np.flatnonzero(within & ~echoes)
    if not len(asked):
        return echoes.astype(np.uint8)
    hashes = found.hashes
    size = len(hashes) - ECHO + 1
    stretch = hashes[:size].copy()
    for step in range(1, ECHO):
        stretch *= np.uint64(3)
        stretch += hashes[step : size + step]
    stretch += words.mix(found.docs[:size].astype(np.uint64))
    own = stretch[np.concatenate([starts[asked], starts[asked] + count[asked] - ECHO])]
    # A small table says which stretches cannot be one of those asked for, and leaves few to be sorted.
    bits = np.uint64(64 - min(22, 4 + len(own).bit_length()))
    table = np.zeros(1 << int(64 - bits), dtype=bool)
    table[words.spread(own) >> bits] = True
    near = stretch[table[words.spread(stretch) >> bits]]
    echoes[asked] = (_times(near, own) > 1).reshape(2, -1).all(axis=0)
    return echoes.astype(np.uint8)


def _times(values: NDArray[np.uint64], asked: NDArray[np.uint64]) -> NDArray[np.int64]:
    """How often each of `asked`, all of which stand in `values`, stands there."""
    ordered = np.sort(values)
    return np.searchsorted(ordered, asked, side="right") - np.searchsorted(ordered, asked)


def _zones(filled: tuple[int, ...], long: bytes) -> bytes:
    """HEAD: the first lines, and all before the first paragraph. TAIL: the last lines, and all after the last."""
    zones = bytearray(len(long))
    count = len(filled)
    head, tail = _share(count, _HEAD_SHARE, *_HEAD_LINES), _share(count, _TAIL_SHARE, *_TAIL_LINES)
    first, last = (long.find(1), long.rfind(1)) if long.count(1) > 1 else (-1, len(long))
    for line in filled[: max(head, bisect_left(filled, first))]:
        zones[line] |= HEAD
    for line in filled[max(0, min(count - tail, bisect_right(filled, last))) :]:
        zones[line] |= TAIL
    return bytes(zones)


def _share(count: int, share: float, least: int, most: int) -> int:
    return max(least, min(most, int(count * share)))
