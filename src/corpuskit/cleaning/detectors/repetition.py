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

_LONG_REPEAT = 16  # words from which no refrain or formula is expected: the later copy goes
_THREAD_LINES = 120  # filled lines: few essays are longer, most threads are
_ARTICLE_TWICE = 0.5  # share of the long lines that repeat when an article stands twice or thrice
_QUOTING = (">", "|", "”", "“", "„", "«", "»", '"', "「")
_QUOTE_WORDS = (7, 45)
_NEAR = 14  # filled lines within which a pull quote stands from its paragraph
_BELOW = 2  # filled lines: of 115 words in such lines right below their paragraph, none was the article's
_WORD = re.compile(r"\w+")
# A heading ("The Right Shoes for Snow") may stand in the paragraph below it; a pulled sentence ends like one.
_QUOTED = re.compile("[\"“„«‘'»「『].*[\"”“»’'«」』][.!?]?$")
_STOPS = tuple(".!?…。！？।؟")
_CLOSERS = "\"'”“’‘»«›‹)]」』"
_QUOTE_ENDS = tuple("”»」』")


def repeated_line(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The later of two equal lines that are too long to be a refrain, and that do not open as a quotation.

    Threads and wikis quote themselves ("> The first way to change streams …"), and they are long: in a long document
    repetition counts only when it makes up much of it, as where a whole article stands twice.
    """
    facts = page.facts
    if 1 not in facts.again:
        return
    first: dict[int, int] = {}
    again: list[tuple[int, int]] = []
    heavy = 0
    for line in facts.filled:
        if facts.words[line] < _LONG_REPEAT or facts.lines[line].lstrip().startswith(_QUOTING):
            continue
        heavy += 1
        earlier = first.setdefault(facts.keys[line], line)
        if earlier != line:
            again.append((line, earlier))
    if len(facts.filled) > _THREAD_LINES and len(again) < _ARTICLE_TWICE * heavy:
        return
    for line, earlier in again:
        if page.standing(line):
            yield Cut(line, rule.id, rule.confidence, f"{facts.words[line]} words that stand on line {earlier + 1}")


def repeated_title(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The first line left once more in the head of the document, before the article has begun."""
    facts = page.facts
    if 1 not in facts.again:
        return
    left = [line for line in facts.filled[:9] if page.standing(line)]
    if not left or facts.words[left[0]] < 3 or facts.long[left[0]]:
        return
    for line in left[1:]:
        if facts.long[line] or not facts.zones[line] & HEAD:
            return
        if facts.keys[line] == facts.keys[left[0]]:
            yield Cut(line, rule.id, rule.confidence, "the title once more")


def pull_quote(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line of its own that stands word for word inside a longer paragraph near it: the paragraph stays.

    Sure are a line that is all quotation, and a sentence right below its paragraph; one above it may open a list or
    sum up what follows.
    """
    facts = page.facts
    low, high = _QUOTE_WORDS
    echoes = None if page.inner else facts.echoes  # what is left of lines with cuts in them may say anything
    if echoes is not None and 1 not in echoes:
        return
    # the first line is a title: "The Long Pier" / "The Long Pier: A Story (Image via Acme)" makes a caption of the second
    quotes = [
        (rank, line)
        for rank, line in enumerate(facts.filled)
        if rank and low <= facts.words[line] <= high and (echoes is None or echoes[line])
    ]
    if not quotes:
        return
    folded: dict[int, str] = {}
    lowered: dict[int, str] = {}
    for rank, line in quotes:
        text = page.left[line].rstrip()
        if not page.standing(line) or not (text.endswith(_QUOTE_ENDS) or text.rstrip(_CLOSERS).endswith(_STOPS)):
            continue
        own = _WORD.findall(text.lower())
        mine = " ".join(own)
        longest = max(own, key=len, default="")  # hardly ever in the other line, and then no word is looked at
        for other in facts.filled[max(0, rank - _NEAR) : rank + _NEAR + 1]:
            if other == line or not facts.long[other] or facts.words[other] < facts.words[line] + 5:
                continue
            if other not in lowered:
                lowered[other] = page.left[other].lower()
            if longest not in lowered[other] or not page.standing(other):
                continue
            if other not in folded:
                folded[other] = f" {' '.join(_WORD.findall(lowered[other]))} "
            if f" {mine} " in folded[other]:
                sure = rule.confidence
                below = facts.filled.index(other) in range(rank - _BELOW, rank)
                if len(facts.filled) > _THREAD_LINES or not (below or _QUOTED.match(page.left[line].strip())):
                    sure -= 0.2
                yield Cut(line, rule.id, round(sure, 3), f"stands word for word in line {other + 1}")
                break
