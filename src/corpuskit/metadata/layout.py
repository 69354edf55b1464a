"""Where the article lies among its lines: what stands above the first paragraph and below the last."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpuskit.metadata.hints import ANY, hint, hinter
from corpuskit.metadata.lexicon import Lexicon
from corpuskit.patterns import later

__all__ = ["SHOWN", "Layout", "Line", "layout", "layouts", "quoted"]

#: A line this long is a paragraph: captions and headlines rarely reach 140 characters, paragraphs nearly
#: always do.
_PARAGRAPH = 140
_DENSE_PARAGRAPH = 60  # in scripts that are written without spaces


#: "— Jane Doe (@janedoe) November 3, 2023", "Posted by Jane Doe on Monday, …": a post that the article shows.
_TWEET = later(r"[—–-]\s.{1,80}\(@\w+\)")
_POST = later(r"Posted by .{1,60} on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,")
SHOWN = hint(lambda _: f"{_TWEET.pattern}|{_POST.pattern}", "start")


class Line(NamedTuple):
    """A line that is not blank, without the white space around it."""

    text: str
    start: int  #: of the stripped text, in the raw text
    end: int
    hints: int = ANY  #: what it may hold, see `hints`


@dataclass(frozen=True, slots=True)
class Layout:
    """The lines of a text that are not blank, and where its paragraphs begin and end among them."""

    lines: tuple[Line, ...]
    first: int  #: index of the first paragraph; the number of lines where there is none
    last: int  #: index of the last paragraph; -1 where there is none
    close: int  #: index of the last paragraph of the article proper, before teasers and comments
    hints: int = ANY  #: those of all lines

    def head(self, count: int) -> Sequence[Line]:
        """The first `count` lines."""
        return self.lines[:count]

    def foot(self, count: int) -> Sequence[Line]:
        """The last `count` lines, and the first eight behind the article where those are others."""
        start = max(len(self.lines) - count, 0)
        if not 0 <= self.close < start:
            return self.lines[start:]
        return [*self.lines[self.close : min(self.close + 9, start)], *self.lines[start:]]


def layout(text: str, words: Lexicon | None = None) -> Layout:
    """Return the layout of `text`; with `words`, the hints of its lines are told, and without, all may be anything."""
    return _laid_out(text, hinter(words)([text]) if words else None, 0)


def layouts(texts: Sequence[str], words: Sequence[Lexicon]) -> list[Layout]:
    """Return the layouts of `texts`, each with the hints of its lines, told by its words."""
    groups: dict[Callable[[Sequence[str]], dict[int, int]], list[int]] = {}
    for at, lexicon in enumerate(words):
        groups.setdefault(hinter(lexicon), []).append(at)
    found: dict[int, Layout] = {}
    for hints, places in groups.items():
        told = hints([texts[at] for at in places])
        number = 0
        for at in places:
            found[at] = _laid_out(texts[at], told, number)
            number += texts[at].count("\n") + 1
    return [found[at] for at in range(len(texts))]


def _laid_out(text: str, told: Mapping[int, int] | None, first: int) -> Layout:
    """The layout of `text`, of whose lines `told` has the hints, by numbers that begin with `first`."""
    found = []
    start = seen = 0
    for number, piece in enumerate(text.split("\n"), start=first):
        if bare := piece.strip():
            at = start + piece.index(bare)
            hints = ANY if told is None else told.get(number, 0)
            seen |= hints
            found.append(Line(bare, at, at + len(bare), hints))
        start += len(piece) + 1
    long = [at for at, line in enumerate(found) if _paragraph(line.text)]
    begin, last = (long[0], long[-1]) if long else (len(found), -1)
    return Layout(tuple(found), begin, last, _close(found, long), seen)


def _close(found: list[Line], long: list[int]) -> int:
    """The end of the run of paragraphs with the most text; a run ends where more than eight other lines follow."""
    best, close, size = -1, -1, 0
    for place, at in enumerate(long):
        size = size + len(found[at].text) if place and at - long[place - 1] <= 9 else len(found[at].text)
        if size > best:
            best, close = size, at
    return close


def _paragraph(text: str) -> bool:
    if len(text) >= _PARAGRAPH:
        # A headline of a tabloid reaches 200 characters, but does not end like a sentence.
        return len(text) >= 260 or text.endswith((".", "!", "?", "”", '"', "…", ":", ")", "»", "“", "。"))
    return len(text) >= _DENSE_PARAGRAPH and not text.isascii() and text.count(" ") * 12 < len(text)


def quoted(line: Line, *, above: bool) -> bool:
    """Whether a line is the signature of an embedded post; `above` the article a "Posted by" is its own byline."""
    return bool(line.hints & SHOWN and (_TWEET.match(line.text) or (not above and _POST.match(line.text))))
