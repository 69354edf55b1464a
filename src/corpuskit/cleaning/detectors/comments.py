"""Readers who speak after the author has finished."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpuskit.cleaning.page import Cut

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["after_sign_off"]

_MOST_LINES = 6  # a longer end is an afterword until something else says that it is not
_MOST_WORDS = 80


def after_sign_off(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A remark to the author ("You've made me think again!") in the few lines below the author's sign-off.

    `lines` are those that speak to somebody. The sign-off is a line that a sign-off rule has taken; everything
    below it must be short, or it is an afterword.
    """
    signed = [line for line, cut in page.taken.items() if "sign-off" in cut.rule]
    if not signed:
        return
    last = max(signed)
    below = [line for line in page.facts.filled if line > last]
    if len(below) > _MOST_LINES or any(page.facts.words[line] > _MOST_WORDS for line in below):
        return
    for line in lines:
        if line > last:
            yield Cut(line, rule.id, rule.confidence, f"speaks to the author who signed as {page.facts.lines[last]!r}")
