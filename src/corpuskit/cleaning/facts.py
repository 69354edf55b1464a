"""What is known about the lines of a document before any rule cuts: frozen after repair, never recomputed.

Rules and detectors may only ask for these facts and for the text that is left, so the order in which rules run
cannot change what they see of the document's shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from corpuskit import text as positions
from corpuskit import words

__all__ = ["HEAD", "TAIL", "Facts", "gather", "is_long"]

HEAD, TAIL = 1, 2  # bits of `Facts.zones`

_HEAD_LINES = 8    # a title, a byline, a date, a caption and a menu crumb or two
_TAIL_LINES = 20   # the end block as readers of labelled documents saw it
_LONG = 180        # characters from which a line is a paragraph; one without spaces counts 2.5 times
_SINGLE_EXTRA = 1.5


@dataclass(frozen=True, slots=True)
class Facts:
    """The shape of one document: parallel sequences, one item per line."""

    text: str                            #: the repaired text
    spans: tuple[tuple[int, int], ...]   #: of the lines in it, each with its line break
    lines: tuple[str, ...]               #: the lines without their line breaks
    filled: tuple[int, ...]              #: numbers of the lines that are not blank
    words: tuple[int, ...]               #: words of each line
    keys: tuple[int, ...]                #: hash of the folded words of each line; 0 where there are none
    zones: bytes                         #: HEAD and TAIL bits of each line
    long: bytes                          #: 1 for paragraphs
    templates: tuple[tuple[int, float, str], ...] = ()   #: line, confidence, evidence of source templates

    @property
    def total_words(self) -> int:
        """Words of the document."""
        return sum(self.words)


def is_long(characters: int, singles: int) -> bool:
    """Return whether a line of that many characters, `singles` of them of a script without spaces, is a paragraph."""
    return characters + _SINGLE_EXTRA * singles >= _LONG


def gather(texts: Sequence[str]) -> list[Facts]:
    """Return the facts of repaired `texts`: one pass of numpy over the batch, then slices per document."""
    if not texts:
        return []
    found = words.scan(texts)
    count = len(found.line_starts)
    line_words = np.bincount(found.lines, minlength=count)
    ends = np.cumsum(line_words)
    starts = ends - line_words
    keys = np.where(line_words > 0, words.stretches(found.hashes, starts, ends), np.uint64(0))
    singles = np.add.reduceat((found.classes == words.SINGLE).astype(np.int32), found.line_starts)
    widths = found.line_ends - found.line_starts
    long = (widths + _SINGLE_EXTRA * singles >= _LONG).astype(np.uint8)
    first_lines = np.searchsorted(found.line_docs, np.arange(len(texts) + 1))
    result = []
    for number, text in enumerate(texts):
        a, b = int(first_lines[number]), int(first_lines[number + 1])
        spans = tuple(positions.lines(text))
        b = a + len(spans)  # a text that ends in a break has no further line after it
        lines = tuple([text[s : e - 1] if text[e - 1] == "\n" else text[s:e] for s, e in spans])
        filled = tuple([i for i, line in enumerate(lines) if line and not line.isspace()])
        flags = long[a:b].tobytes()
        result.append(
            Facts(
                text=text,
                spans=spans,
                lines=lines,
                filled=filled,
                words=tuple(line_words[a:b].tolist()),
                keys=tuple(keys[a:b].tolist()),
                zones=_zones(filled, flags),
                long=flags,
            )
        )
    return result


def _zones(filled: tuple[int, ...], long: bytes) -> bytes:
    """HEAD: the first lines, and all before the first paragraph. TAIL: the last lines, and all after the last."""
    zones = bytearray(len(long))
    first, last = long.find(1), long.rfind(1)
    for rank, line in enumerate(filled):
        if rank < _HEAD_LINES or line < first:
            zones[line] |= HEAD
        if rank >= len(filled) - _TAIL_LINES or line > last:
            zones[line] |= TAIL
    return bytes(zones)
