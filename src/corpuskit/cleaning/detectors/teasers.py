"""Other texts of the site, each with its headline and the beginning of its first paragraph."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from statistics import median
from typing import TYPE_CHECKING

from corpuskit.cleaning.page import Cut

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["cut_off"]

_CUT = ("...", "…", "...]", "…]")
_WIDTH = (60, 400)      # characters of the beginning of a paragraph; an author who trails off has fewer
_HEADLINE = 130         # characters
_NO_HEADLINE = (".", ",", ";")
_APART = 4              # filled lines from one to the next: a headline, a section and a date may stand between
_ARTICLE_SHARE = 0.25   # of the words stands above; a page that is nothing but such a list is its own text
_ARTICLE_PARAGRAPHS = 2
_RESIDUE = 0.2    # what the line model says of half of a run: 0.04 where all of one was the article's, 0.23 and more elsewhere
_PARAGRAPH = 0.5  # and of a paragraph below: it stood so below two of the three runs that were all the article's


def cut_off(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """Two or more paragraphs that break off with dots, each below a headline; the lines between them go, too.

    Of 3,200 words in such runs below articles of the labelled sets none was the article's.
    """
    facts = page.facts
    if facts.text.count("...") + facts.text.count("…") < 2:
        return
    run: list[int] = []
    runs: list[list[int]] = []
    for rank, line in enumerate(facts.filled):
        if rank and _breaks_off(facts.lines[line]) and _heads(facts.lines[facts.filled[rank - 1]]):
            if not run or rank - run[-1] > _APART:
                run = []
                runs.append(run)
            run.append(rank)
    runs = [run for run in runs if len(run) > 1]
    if not runs:
        return
    words = [0, *accumulate(facts.words[line] for line in facts.filled)]
    paragraphs = [0, *accumulate(facts.long[line] and not _breaks_off(facts.lines[line]) for line in facts.filled)]
    for run in runs:
        above = run[0] - 1
        if words[above] < _ARTICLE_SHARE * facts.total_words or paragraphs[above] < _ARTICLE_PARAGRAPHS:
            continue
        if page.chances and _is_told(page, facts.filled[above : run[-1] + 1]):
            continue
        for line in facts.filled[above : run[-1] + 1]:
            if page.standing(line):
                yield Cut(line, rule.id, rule.confidence, f"among {len(run)} texts that break off below their headlines")


def _is_told(page: Page, run: Sequence[int]) -> bool:
    """Whether the line model finds no residue in most of the run, or goes on with the text in a paragraph below it."""
    if median(page.chances[line] for line in run) < _RESIDUE:
        return True
    return any(page.facts.long[line] and page.chances[line] < _PARAGRAPH for line in page.following(run[-1]))


def _breaks_off(line: str) -> bool:
    text = line.strip()
    return _WIDTH[0] <= len(text) <= _WIDTH[1] and text.endswith(_CUT)


def _heads(line: str) -> bool:
    text = line.strip()
    return len(text) <= _HEADLINE and not text.endswith(_NO_HEADLINE)
