"""Paragraphs as units that may be repeated: where they stand, and a digest of their folded words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpuskit.duplicates.shingles import tokens

__all__ = ["RULE", "Paragraphs", "paragraphs"]

#: How a repeated passage is named, in the manner of the ledger's rules: its family is "passage".
RULE = "passage.any.repeated"

_BLANK = re.compile(r"\n[^\S\n]*\n\s*")
_LINE = re.compile(r"\n\s*")


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
