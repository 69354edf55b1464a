"""Names of the author that stand alone: above the text without a "By", or at the head of a note below it."""

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

__all__ = ["author_note", "lone_name"]

_NAME = re.compile(r"[^\W\d_a-z][\w.'’-]*(?: (?:(?:de|da|di|del|la|van|von|der|zu|el|y) )*[^\W\d_a-z][\w.'’-]*){1,3}$")
_NOTE_LINES = 6      # filled lines at the end in which a note about the author stands
_NOTE_WORDS = 90


def _folded(name: str) -> str:
    return " ".join(name.split()).casefold()


def _notes(page: Page) -> list[int]:
    """Lines below the text in which a note about its author may stand."""
    facts = page.facts
    return [line for line in facts.filled[-_NOTE_LINES:] if 4 <= facts.words[line] <= _NOTE_WORDS]


def lone_name(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line of the head that is nothing but a name, when a note below the text begins with the same name."""
    facts = page.facts
    heads = [
        line
        for line in facts.filled[:6]
        if facts.zones[line] & HEAD and facts.words[line] <= 5 and _NAME.match(facts.lines[line].strip())
    ]
    for line in heads:
        name = _folded(facts.lines[line])
        below = [note for note in _notes(page) if note > line and _folded(facts.lines[note]).lstrip("*_").startswith(name)]
        if below and page.standing(line):
            text = page.left[line]
            span = (len(text) - len(text.lstrip()), len(text.rstrip()))
            why = f"a name alone, and line {below[0] + 1} tells of the same person"
            yield Cut(line, rule.id, rule.confidence, why, fields=(("author", *span),))


def author_note(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A short paragraph at the end that begins with the name of the author, who was named above the text."""
    names = {_folded(one.value) for one in page.candidates if one.field == "author" and " " in one.value.strip()}
    above = page.facts.filled[len(page.facts.filled) // 2 :]
    for line in _notes(page):
        if not page.standing(line) or line not in above:
            continue
        start = _folded(page.left[line]).lstrip("*_ ")
        name = next((one for one in sorted(names) if start.startswith(one) and len(start) > len(one) + 8), "")
        if name:
            yield Cut(line, rule.id, rule.confidence, f"a note that begins with the author's name, {name!r}")
