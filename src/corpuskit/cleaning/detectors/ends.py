"""Where the article is over: below a sure sign of its end, nothing that follows is the article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from corpuskit.cleaning.page import Cut

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["below_end", "likely_below_end"]

#: From which share of the document's words on a cut line of that family says that the article is over. Measured on
#: labelled articles: 70 documents with a comment line below seven tenths had 1,878 further words of residue after
#: it and none of the article; links and calls stand in the middle of articles too, so theirs is stricter.
_FROM = {"bio": 0.5, "share": 0.6, "comment": 0.7, "byline": 0.7, "nav": 0.9, "promo": 0.9, "related": 0.92}
_LIKELY_FROM = 0.5   # share of the words above that cut
_LIKELY_THERE = 0.7  # of 316 words there that the model finds that likely, 305 were residue
#: No signs of the end: questions and answers follow a disclaimer as often as not, and guesses prove nothing.
_NO_END = (".disclaimer", ".below-end", ".likely-residue")
#: A paragraph that the line model finds no likelier to be residue: "Discussion" headed a section, and the twelfth of
#: "12 best games" stood below a box. Of 2,172 words of such paragraphs below a sign, 1,184 were the article's; above, 404
#: of 3,844.
_SIGNS_OF_PROSE = 0.7


def likely_below_end(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """Below the last paragraph, under a line that a rule cut, what the line model finds likely to be residue."""
    facts = page.facts
    cut = [
        line
        for line, one in page.taken.items()
        if one.rule.partition(".")[0] in _FROM and not one.rule.endswith(_NO_END) and not one.rule.startswith("model.")
    ]
    if not page.chances or not cut:
        return
    last = next((line for line in reversed(facts.filled) if facts.long[line] and page.standing(line)), -1)
    above = [line for line in cut if line > last]
    if not above or last < 0:  # an interview of short lines has no last paragraph
        return
    if sum(facts.words[: min(above)]) < _LIKELY_FROM * facts.total_words:
        return
    for line in page.following(min(above)):
        if page.chances[line] >= _LIKELY_THERE and line not in page.data():
            why = f"likely, and below {facts.lines[min(above)].strip()[:40]!r}"
            yield Cut(line, rule.id, rule.confidence, why)


def below_end(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """Everything below the first line that was cut as an end sign, unless a paragraph of the article follows."""
    facts = page.facts
    if not page.taken or not facts.total_words:
        return
    for line in sorted(page.taken):
        rule_id = page.taken[line].rule
        least = _FROM.get(rule_id.partition(".")[0])
        if least is None or rule_id.endswith(_NO_END):
            continue
        if sum(facts.words[:line]) < least * facts.total_words:
            continue
        rest = list(page.following(line))
        if any(facts.long[n] and (not page.chances or page.chances[n] < _SIGNS_OF_PROSE) for n in rest):
            continue
        for below in rest:
            if below in page.data():
                continue
            yield Cut(
                below, rule.id, rule.confidence, f"below the end of the article: {facts.lines[line].strip()[:40]!r}"
            )
        return
