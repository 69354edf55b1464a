"""Texts whose paragraphs are broken at a fixed width: mail, books as Project Gutenberg has them, the text layer of a PDF.

A line of such a text is no paragraph, and what it begins with is no beginning: "Photo: Kessel.” It did not say that one of
the" is the middle of a sentence. Cleaning reads the text with a blank for each break inside a paragraph. It is as long as
it was, so places stay what they are, and the account is kept of the text with its breaks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from corpuskit.words import UNSPACED

__all__ = ["unwrapped"]

_NARROWEST, _WIDEST = 40, 120  # characters: two columns of a journal, a wide window
_OUTLIERS = 0.02       # of the lines may be longer: an address, a table
_FULL = 0.9            # of the width: letters of a printed page are of several widths
_WORD = 15             # characters of the next word that count: a longer one may have been left whole, or not
_LEAST, _SHARE = 6, 0.5  # full lines, and the share of all characters that they hold
_SENTENCES = 0.35      # of the full lines may end a sentence; of one with a sentence a line all do
_CAPITALS = 0.6        # of the lines behind them may begin with a capital: of verse, or a list of names, nearly all do
_STOPS = ".!?:;…。！？；：”»\")"

#: The first word of a line; of a script without spaces the first character.
_HEAD = re.compile(rf"\s*([^\s{UNSPACED}]{{1,{_WORD}}}|\S)")
_ITEM = re.compile(r"\s*(?:[-*•‣◦▪·]|\(?(?:\d{1,3}|[a-zA-Z])[.)])\s")
_DASH = re.compile(r"\s*[–—―-]")  # what somebody says, where a sentence ends above; in the middle of one a mere dash


def unwrapped(text: str) -> str:
    """Return `text` as it is to be read: with a blank for each break inside a paragraph that is broken at a fixed width.

    Most texts have a line for each paragraph and come back as they are. Where in doubt, a break stays.
    """
    if len(text) > (_WIDEST + 1) * (text.count("\n") + 1):  # most texts: their lines are longer in the mean
        return text
    lines = text.split("\n")
    inside = frozenset(_breaks(lines))
    if not inside:
        return text
    joints = [" " if number in inside else "\n" for number in range(len(lines) - 1)]
    return "".join([part for pair in zip(lines, [*joints, ""], strict=True) for part in pair])


def _breaks(lines: Sequence[str]) -> list[int]:
    """The lines at whose end a paragraph goes on; none unless the text is broken at a fixed width."""
    lengths = sorted(size for line in lines if (size := len(line.rstrip())))
    width = lengths[int((1 - _OUTLIERS) * (len(lengths) - 1))] if lengths else 0
    if not _NARROWEST <= width <= _WIDEST:
        return []
    full = list(_full(lines, width))
    if len(full) < _LEAST or sum(len(lines[number].rstrip()) for number in full) < _SHARE * sum(lengths):
        return []
    ended = sum(lines[number].rstrip()[-1] in _STOPS for number in full)
    capital = sum(lines[number + 1].lstrip()[0].isupper() for number in full)
    return full if ended <= _SENTENCES * len(full) and capital <= _CAPITALS * len(full) else []


def _full(lines: Sequence[str], width: int) -> Iterator[int]:
    """The lines that had no room for the first word of the next one, which opens no paragraph or item of its own."""
    for number, (line, below) in enumerate(pairwise(lines)):
        head = _HEAD.match(below)
        own = line.rstrip()
        if not own or head is None or len(own) + 1 + len(head[1]) <= _FULL * width:
            continue
        indented = head.start(1) > len(line) - len(line.lstrip())
        if indented or _ITEM.match(below) or (own[-1] in _STOPS and _DASH.match(below)):
            continue
        yield number
