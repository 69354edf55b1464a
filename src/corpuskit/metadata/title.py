"""The title of a text, where one of its first lines is one; None where the text opens with prose.

The lines above the first paragraph compete with each other and with "none of them": a conditional softmax over
small symmetric trees (CatBoost's QuerySoftMax), trained on labelled articles and on hand-written ones of 28
languages (`benchmarks/title_model.py` trains them again and prints the scores with folds by site). Above all it
counts whether the words of a line come back in the article, then its length, place, punctuation and neighbours.

How sure it must be depends on what stands beside the line: less where a byline or a date follows directly and
nothing but navigation comes before, where the line is repeated, or where it has a number before a subtitle or at its
end, as no menu entry has ("Letters from the Quay 5: On salt"; of its series the article may not say a word). Else the
bar is set for precision, since a missing title costs less than a menu entry taken for one. A heading that Markdown
marks as the only one of the first order, at the head of the text, is taken as it is. A question alone above the text
is as often the first question of the text, and is never taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from corpuskit.metadata.headlines import SIGNS, Headline, Marks, headlines
from corpuskit.metadata.layout import Layout
from corpuskit.metadata.lexicon import Lexicon
from corpuskit.patterns import later

__all__ = ["Title", "chances", "likeliest", "sure", "table", "titles"]

# From the precision with folds by site: of what passes, at least 97 in 100 are the labelled title.
_SURE = 0.96  # without further signs
_NEAR = 0.9  # a byline or a date within two lines below
_FRAMED = 0.7  # a byline or a date directly below, nothing but navigation above
_NUMBERED = 0.8  # a number at its end or before a subtitle, nothing but navigation above
_REPEATED = 0.6  # the line stands in the text twice
_STATED = 0.95  # confidence of a heading that is marked as one
_FIRST_ORDER = later(r"#\s{1,3}(?P<value>[^#\s].{0,258}?)(?:\s{1,3}#{1,6})?")
_UNDERLINE = later("={3,300}")
_NUMBER = later(r".*[^\W\d_]{2}.*[\s#№(](?:\d{1,4}|[IVX]{1,5})\)?(?P<subtitle>(?:[.:]|\s?[–—-])\s[^\w\s]?[^\W\d_].*)?")
#: What "none of them" is told by; the rest of its signs are missing.
_OF_PAGE = tuple(SIGNS.index(name) for name in ("candidates", "lines", "english"))
_MISSING = -2.0


@dataclass(frozen=True, slots=True)
class Title:
    """A title and the line it is."""

    value: str
    start: int
    end: int
    confidence: float


@dataclass(frozen=True, slots=True, eq=False)
class _Trees:
    """Symmetric trees: question k of tree t asks whether column `columns[k, t]` is above `borders[k, t]`."""

    columns: NDArray[np.int64]
    borders: NDArray[np.float32]
    leaves: NDArray[np.float64]  # of one tree after the other

    def scores(self, rows: NDArray[np.float32]) -> NDArray[np.float64]:
        depth, trees = self.borders.shape
        answers = (rows.take(self.columns, axis=1) > self.borders).view(np.uint8)
        answers <<= np.arange(depth, dtype=np.uint8)[:, None]
        leaf = answers.sum(axis=1, dtype=np.uint8) + (np.arange(trees) << depth)
        return np.asarray(self.leaves.take(leaf).sum(axis=1))


@lru_cache(maxsize=1)
def _trees() -> _Trees:
    with (files("corpuskit.metadata") / "data" / "title.npz").open("rb") as file:
        stored = np.load(file, allow_pickle=False)
        columns, borders = (np.ascontiguousarray(stored[name].T) for name in ("columns", "borders"))
        return _Trees(columns.astype(np.int64), borders, stored["leaves"].astype(np.float64).reshape(-1))


def titles(pages: Sequence[Layout], words: Sequence[Lexicon], marks: Sequence[Marks]) -> list[Title | None]:
    """Return the title of each text, or None. `marks` says which of its lines are known to be something else.

    The trees are asked about the lines of all texts, one text after the other: between two texts whose other fields are
    looked for, they would leave the processor's cache.
    """
    found: list[Title | None] = []
    asked: dict[int, list[Headline]] = {}
    for at, (page, own, known) in enumerate(zip(pages, words, marks, strict=True)):
        stated = _heading(page)
        found.append(stated if stated and stated.start not in known.gone else None)
        if not found[at] and (lines := headlines(page, own, known)):
            asked[at] = lines
    for at, likely in zip(asked, chances(list(asked.values())), strict=True):
        best, chance = likeliest(asked[at], likely)
        if sure(best, chance):
            line = pages[at].lines[best.at]
            found[at] = Title(best.value, line.start, line.end, round(chance, 3))
    return found


def _heading(page: Layout) -> Title | None:
    """The heading of the first order that opens a text in Markdown, where it is the only one."""
    if not page.lines:
        return None
    first, *rest = page.lines
    match = _FIRST_ORDER.fullmatch(first.text)
    if match and not any(_FIRST_ORDER.fullmatch(line.text) for line in rest if line.text[0] == "#"):
        return Title(match["value"], first.start, first.end, _STATED)
    if rest and len(first.text) <= 260 and _UNDERLINE.fullmatch(rest[0].text) and first.text[-1] not in ".:;,":
        return Title(first.text, first.start, first.end, _STATED)
    return None


def table(found: Sequence[Headline]) -> NDArray[np.float32]:
    """Return the signs of the lines of one text as rows, with a last row for "none of them"."""
    none = np.full(len(SIGNS), _MISSING)
    for column in _OF_PAGE:
        none[column] = found[0].signs[column]
    return np.asarray([*(line.signs for line in found), none], dtype=np.float32)


def chances(texts: Sequence[Sequence[Headline]]) -> list[list[float]]:
    """Return the probability of each line of each text to be its title."""
    trees, listed = _trees(), []
    for found in texts:
        scores = trees.scores(table(found))
        weights = np.exp(scores - scores.max())
        listed.append((weights / weights.sum())[:-1].tolist())
    return listed


def likeliest(found: Sequence[Headline], likely: Sequence[float]) -> tuple[Headline, float]:
    """Return the most likely title of one text and its probability; lines that give the same one count together."""
    best = max(range(len(found)), key=lambda at: (likely[at], -at))
    same = [chance for line, chance in zip(found, likely, strict=True) if line.value == found[best].value]
    return found[best], sum(same)


def sure(line: Headline, chance: float) -> bool:
    """Whether `chance` is enough for the most likely line of a text, given what stands beside it."""
    sign = dict(zip(SIGNS, line.signs, strict=True))
    if sign["lone_question"]:
        return False
    direct = sign["author_below"] or sign["date_below"]
    opening = sign["at_top"] or sign["crumb_above"] or sign["short_above"] or not sign["before"]
    if line.repeated and chance >= _REPEATED:
        return True
    if direct and opening:
        return chance >= _FRAMED
    if chance >= _NUMBERED and opening and (match := _NUMBER.fullmatch(line.value)) and (match["subtitle"] or not sign["after"]):
        return True
    return chance >= (_NEAR if direct or sign["author_second"] or sign["date_second"] else _SURE)
