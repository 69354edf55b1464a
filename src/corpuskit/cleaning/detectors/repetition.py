"""What a document says twice by accident: a line, its title, a sentence pulled out of a paragraph."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpuskit.cleaning.facts import HEAD
from corpuskit.cleaning.page import Cut

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["pull_quote", "repeated_line", "repeated_title"]

_LONG_REPEAT = 16     # words from which no refrain or formula is expected: the later copy goes
_QUOTE_WORDS = (7, 45)
_NEAR = 14            # filled lines within which a pull quote stands from its paragraph
_WORD = re.compile(r"\w+")


def repeated_line(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The later of two equal lines that are too long to be a refrain."""
    first: dict[int, int] = {}
    for line in page.facts.filled:
        key = page.facts.keys[line]
        if page.facts.words[line] < _LONG_REPEAT or not page.standing(line):
            continue
        if key in first:
            yield Cut(line, rule.id, rule.confidence, f"{page.facts.words[line]} words that stand on line {first[key] + 1}")
        else:
            first[key] = line


def repeated_title(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The first line once more in the head of the document, before the article has begun."""
    if not page.facts.filled:
        return
    title = page.facts.filled[0]
    if page.facts.words[title] < 3 or page.facts.long[title]:
        return
    for line in page.facts.filled[1:8]:
        if page.facts.long[line] or not page.facts.zones[line] & HEAD:
            return
        if page.facts.keys[line] == page.facts.keys[title] and page.standing(line):
            yield Cut(line, rule.id, rule.confidence, "the title once more")


def pull_quote(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line of its own that stands word for word inside a longer paragraph near it: the paragraph stays."""
    facts = page.facts
    low, high = _QUOTE_WORDS
    # the first line is a title: "The Long Pier" / "The Long Pier: A Story (Image via Acme)" makes a caption of the second
    quotes = [(rank, line) for rank, line in enumerate(facts.filled) if rank and low <= facts.words[line] <= high]
    if not quotes:
        return
    folded: dict[int, str] = {}
    for rank, line in quotes:
        if not page.standing(line):
            continue
        mine = " ".join(_WORD.findall(page.left[line].lower()))
        for other in facts.filled[max(0, rank - _NEAR) : rank + _NEAR + 1]:
            if other == line or facts.words[other] < facts.words[line] + 5 or not page.standing(other):
                continue
            if other not in folded:
                folded[other] = f" {' '.join(_WORD.findall(page.left[other].lower()))} "
            if f" {mine} " in folded[other]:
                yield Cut(line, rule.id, rule.confidence, f"stands word for word in line {other + 1}")
                break
