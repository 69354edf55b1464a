"""Paragraphs as units that may be repeated: where they stand, a digest of their folded words, and how they are
marked in the ledger.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.shingles import tokens
from corpuskit.model import Edit
from corpuskit.patterns import later

__all__ = ["FAMILY", "RULE", "Paragraphs", "marked", "paragraphs"]

#: The family of repeated passages in the ledger; no rule that removes anything can have it.
FAMILY = "passage"
RULE = f"{FAMILY}.any.repeated"

_BLANK = later(r"\n[^\S\n]*\n\s*")
_LINE = later(r"\n\s*")


@dataclass(frozen=True, slots=True, eq=False)
class Paragraphs:
    """The long paragraphs of some texts, one row each."""

    texts: NDArray[np.int64]     #: index of the text
    starts: NDArray[np.int64]    #: first character
    ends: NDArray[np.int64]      #: one past the last
    words: NDArray[np.int64]
    digests: NDArray[np.uint64]  #: two columns: 128 bits of the folded words


def paragraphs(texts: Sequence[str], least: int) -> Paragraphs:
    """Return the paragraphs of at least `least` words of `texts`.

    A paragraph stands between blank lines; in a text without a blank line, each line is one.
    """
    spans = [(at, *span) for at, text in enumerate(texts) for span in _spans(text) if span[1] - span[0] >= least]
    found = tokens([texts[at][start:end] for at, start, end in spans])
    words = np.diff(found.offsets)
    digests = np.frombuffer(b"".join(found.digests), dtype="<u8").astype(np.uint64).reshape(-1, 2)
    long = words >= least
    places = np.array(spans, dtype=np.int64).reshape(-1, 3)[long]
    return Paragraphs(places[:, 0], places[:, 1], places[:, 2], words[long], digests[long])


def _spans(text: str) -> list[tuple[int, int]]:
    """Spans of the paragraphs, without the white space around them."""
    border = _BLANK if _BLANK.search(text.strip()) else _LINE
    spans = []
    at = len(text) - len(text.lstrip())
    end = len(text.rstrip())
    for gap in border.finditer(text, at, end):
        spans.append((at, at + len(text[at : gap.start()].rstrip())))
        at = gap.end()
    return [*spans, (at, end)] if at < end else spans


def marked(text: str, ledger: Sequence[Edit], passages: Iterable[tuple[int, int, str]]) -> list[Edit]:
    """Return `ledger` with a mark for each of `passages` (start and end in the clean `text`, and the evidence), which
    are sorted and disjoint.

    A mark is an edit that puts back what it takes, so that ledger and texts give one another as before. Where edits
    cut into a passage, each stretch between them has a mark of its own.
    """
    stretches = []  # start and end in the clean text of what no edit touched, and how far behind it stands in the raw
    at = shift = 0
    for edit in ledger:
        stretches.append((at, edit.start - shift, shift))
        at = edit.start - shift + len(edit.inserted)
        shift = edit.end - at
    stretches.append((at, len(text), shift))
    marks: list[Edit] = []
    place = 0
    for start, end, evidence in passages:
        while stretches[place][1] <= start and place + 1 < len(stretches):
            place += 1
        for low, high, shift in stretches[place:]:
            if low >= end:
                break
            low, high = max(low, start), min(high, end)
            if piece := text[low:high].strip():
                low = text.index(piece, low)
                marks.append(Edit(RULE, low + shift, low + shift + len(piece), piece, piece, evidence, 1.0))
    return sorted((*ledger, *marks), key=lambda edit: edit.start)
