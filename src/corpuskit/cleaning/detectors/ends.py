"""Where the article is over: below a sure sign of its end, nothing that follows is the article."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from statistics import median
from typing import TYPE_CHECKING

from corpuskit.cleaning.narration import is_postscript
from corpuskit.cleaning.page import Cut
from corpuskit.patterns import later

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["LEAST_PROSE", "below_end", "closing_note", "doubted_tail", "heads_sources", "likely_below_end"]

#: From which share of the document's words on a cut line of that family says that the article is over. Measured on
#: labelled articles: 70 documents with a comment line below seven tenths had 1,878 further words of residue after
#: it and none of the article; menus and calls stand in the middle of articles too, so theirs is stricter. Links to other
#: articles are no sign at all: of 643 words that stood below one at the very end, 582 were the article's.
_FROM = {"bio": 0.5, "share": 0.6, "comment": 0.7, "byline": 0.7, "nav": 0.9, "promo": 0.9}
_LIKELY_FROM = 0.5   # share of the words above that cut
_LIKELY_THERE = 0.7  # of 316 words there that the model finds that likely, 305 were residue
#: No signs of the end: questions and answers follow a disclaimer as often as not, articles for subscribers hold a prompt to
#: log in, and guesses prove nothing.
_NO_END = (".disclaimer", ".account", ".below-end", ".likely-residue")
#: Nor do these take what is below them unseen: a recipe has its stars above the ingredients, its values above questions and
#: answers, a gallery has buttons wherever it stands, and below the address of a reporter are the figures of a match. What is
#: likely to be residue there is it still.
_INSIDE = (".votes", ".figures-notice", ".recipe-asks", ".viewer", ".address")
#: A paragraph that the line model finds no likelier to be residue goes on with the article: "Discussion" headed a
#: section. Below menus and calls such paragraphs of up to 0.7 had 733 words of the article's and 122 others; below
#: authors, buttons and comments, whose threads are prose, 57 and 555.
_PROSE = {"nav": 0.7, "promo": 0.7}
_USUAL_PROSE = 0.1
#: Nor is a paragraph right below the sign that it finds less likely: "DISCUSSION" over the last section of a paper and its
#: references. Of 53 such paragraphs with more than that 6 were the article's, of 2 with less both.
_NEXT_PROSE = 0.5
#: A sentence or two that close a text are often short: "Comments are closed." was what a sign said in the paragraph before.
_CLOSING, _CLOSING_PROSE = 2, 0.75
#: Of doubted tails: what the line model says of a line or a paragraph of the text, and of half and a quarter of the tail at
#: least; how far the tail is above even odds in all; and what it says of three quarters of the text above at most.
_UNDOUBTED, _UNDOUBTED_PARAGRAPH = 0.3, 0.6
_EVEN, _TAIL_DOUBT = 0.5, 1.0
_TAIL_LINES, _TAIL_FROM = 5, 0.4
_TAIL_FIRST, _NAME_WORDS = 0.86, 4
_TAIL_HALF, _TAIL_QUARTER = 0.8, 0.6
_TOLD_LINES, _TOLD_QUARTER = 6, 0.1
#: "Copiar", "Compartilhar" below each of twenty sayings: a button that stands as often above ends nothing.
_AGAIN = 3
#: What heads the author's list of sources, below a call of the site: "Bibliografia", "References"; and its entries, by a year
#: or an address.
_SOURCES = later(
    r"(?i)\W*(?:bibliogra|ref[eé]r[eê]n[cz]|riferimenti|works cited|obras citadas|literatur|quellen|przypisy|źródła|källor"
    r"|kilder|lähteet|(?:endnot|footnot|fußnot|fotnot|voetnot)|(?:notes?|notas?|sources|fonti|fuentes|fontes|surse)\W*$)"
)
_ENTRY = later(r".*(?:(?:1[5-9]|20)\d\d|https?://|www\.)")
_LEAST_ENTRIES = 2
_CREDIT = later(r"\s*([^\W\d_][^\W\d_ ]*(?: [^\W\d_]+){0,2} ?:)\s*\S")
LEAST_PROSE = min(_USUAL_PROSE, *_PROSE.values())  #: below it, nobody asks how likely a paragraph is to be residue
_REST = 2        # lines that nobody has taken may stand below a note on the author
_REST_WORDS = 8  # and their words, each
_NOTES = 6       # notes, at most: a text has few authors, and a page that is a list of people is about them
_HEADING_WORDS = 3
_NAME_PARTS = 4  # words among which the family name is: "Anna van der Meer"
_STORY = 3       # lines of the article, at least, stand above such a note


@lru_cache(maxsize=4096)
def _least(rule: str) -> float | None:
    """From which share of the words on a cut by that rule says that the article is over; None where none does."""
    return None if rule.endswith(_NO_END) else _FROM.get(rule.partition(".")[0])


def likely_below_end(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """Below the last paragraph, under a line that a rule cut, what the line model finds likely to be residue."""
    facts = page.facts
    if not page.taken or not page.chances:
        return
    last = facts.long.rfind(1)
    while last >= 0 and not page.stands[last]:
        last = facts.long.rfind(1, 0, last)
    if last < 0:  # an interview of short lines has no last paragraph
        return
    cut = [line for line, one in page.taken.items() if line > last and _least(one.rule) is not None]
    if not cut:
        return
    top = min(cut)
    if sum(facts.words[:top]) < _LIKELY_FROM * facts.total_words:
        return
    rest = list(page.following(top))
    spared = page.data() | _sources(page, rest)
    for line in rest:
        if page.chances[line] >= _LIKELY_THERE and line not in spared and not is_postscript(facts.lines[line]):
            why = f"likely, and below {facts.lines[top].strip()[:40]!r}"
            yield Cut(line, rule.id, rule.confidence, why)


def below_end(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """Everything below the first line that was cut as an end sign, unless a paragraph of the article follows."""
    facts = page.facts
    if not page.taken:
        return
    total = facts.total_words
    if not total:
        return
    for line in sorted(page.taken):
        rule_id = page.taken[line].rule
        least = _least(rule_id)
        if least is None or rule_id.endswith(_INSIDE) or sum(facts.words[:line]) < least * total:
            continue
        rest = list(page.following(line))
        several = _is_one_of_several(page, line) or _recurs(facts.lines, line, rest)
        if _stands_again(page, line) or (rule_id.startswith("byline.") and several):
            continue
        prose = _PROSE.get(rule_id.partition(".")[0], _USUAL_PROSE)
        if any(facts.long[n] and (not page.chances or page.chances[n] < prose) for n in rest):
            continue
        if rest and facts.long[rest[0]] and page.chances[rest[0]] < _NEXT_PROSE:
            continue
        if page.chances and any(page.chances[n] < _USUAL_PROSE and page.is_paragraph(n) for n in rest):
            continue
        if page.chances and 0 < len(rest) <= _CLOSING and all(_closes(page, n) for n in rest):
            continue
        if any(is_postscript(facts.lines[n]) for n in rest):
            continue
        cited = page.data() | _sources(page, rest)
        for below, next_ in zip(rest, (*rest[1:], -1), strict=False):
            if below in cited or (next_ in cited and facts.words[below] <= _HEADING_WORDS):
                continue  # "References" stands over those of the text
            yield Cut(
                below, rule.id, rule.confidence, f"below the end of the article: {facts.lines[line].strip()[:40]!r}"
            )
        return


def _stands_again(page: Page, line: int) -> bool:
    text = page.facts.lines[line].strip()
    return sum(above < line and page.facts.lines[above].strip() == text for above in page.taken) >= _AGAIN


def _is_one_of_several(page: Page, line: int) -> bool:
    """Whether a byline has another above it, below the first paragraph: four interviews on one page have four, and who signs
    at the end signs once.
    """
    if not page.taken[line].rule.startswith("byline."):
        return False
    first = page.facts.long.find(1)
    return any(0 <= first < above < line and cut.rule.startswith("byline.") for above, cut in page.taken.items())


def heads_sources(text: str) -> bool:
    """Whether a line reads like the heading of what the author read: "Bibliography", "Referencias"."""
    return _SOURCES.match(text) is not None


def _sources(page: Page, rest: Sequence[int]) -> frozenset[int]:
    """The heading of the author's sources among `rest` and its entries, down to the last in a row with a year or an address."""
    lines = page.facts.lines
    for place, line in enumerate(rest):
        if not heads_sources(lines[line]):
            continue
        entries = list(takewhile(lambda below: _ENTRY.match(lines[below]) is not None, rest[place + 1 :]))
        if len(entries) >= _LEAST_ENTRIES:
            return frozenset((line, *entries))
    return frozenset()


def doubted_tail(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The last lines, where the line model doubts one after the other and hardly any above them.

    No sign says that the article is over, and no line alone is sure; but below a text that is told from its first paragraph
    on, a block that is doubted as a whole is not.
    """
    facts = page.facts
    if not page.chances:
        return
    doubt, most, size, read = 0.0, _TAIL_DOUBT, 0, 0
    line = page.before(len(page.stands))
    while line >= 0:
        chance = page.chances[line]
        if chance < _UNDOUBTED or (facts.long[line] and chance < _UNDOUBTED_PARAGRAPH):
            break
        read += 1
        doubt += chance - _EVEN
        if doubt > most:
            most, size = doubt, read
        line = page.before(line)
    if size < _TAIL_LINES:
        return
    standing = [line for line in facts.filled if page.stands[line]]
    start = len(standing) - size
    while start < len(standing) and page.chances[standing[start]] < _TAIL_FIRST:
        start += 1  # the article's last lines look a little like what follows
    if len(standing) - start < _TAIL_LINES:
        return
    tail = standing[start:]
    if sum(facts.words[: tail[0]]) < _TAIL_FROM * facts.total_words:
        return
    if sum(facts.words[line] for line in tail) <= _NAME_WORDS * len(tail):
        return  # "Rose Cottage", "The Old Smithy": an essay on the names of houses closes with them
    chances = sorted(page.chances[line] for line in tail)
    if chances[len(chances) // 4] < _TAIL_QUARTER or median(chances) < _TAIL_HALF:
        return
    first = facts.long.find(1)
    told = sorted(page.chances[line] for line in standing[:start] if line >= first)
    if len(told) < _TOLD_LINES or told[3 * len(told) // 4] > _TOLD_QUARTER:
        return
    spared = page.data() | _sources(page, tail)
    for line in tail:
        if line not in spared:
            yield Cut(line, rule.id, rule.confidence, f"one of {len(tail)} last lines that the line model doubts")


def _recurs(lines: Sequence[str], line: int, rest: Sequence[int]) -> bool:
    """Whether the label of a line opens another one below: "Written by: Ida Fell" tells of a song, and under the next title
    stands who wrote that."""
    found = _CREDIT.match(lines[line])
    return found is not None and any(lines[below].lstrip().startswith(found.group(1)) for below in rest)


def _closes(page: Page, line: int) -> bool:
    return page.is_paragraph(line) and page.chances[line] < _CLOSING_PROSE


def closing_note(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The lines that match, where nothing but such lines and a label or two stands below them: notes on the author.

    A paragraph or two that go on about the same name belong to a note. Whoever the article names is somebody that it
    is about.
    """
    facts = page.facts
    standing = [line for line in facts.filled if page.standing(line)]
    notes = set(lines)
    rest: list[int] = []
    last = max(_STORY, len(standing) - _NOTES * (1 + _REST))
    for place in range(len(standing) - 1, last - 1, -1):
        line = standing[place]
        if line not in notes:
            rest.append(line)
            if len(rest) > _REST:
                return
            continue
        given, family = _names(facts.lines[line])
        if any(family in facts.lines[above] for above in standing[:place] if facts.long[above]):
            return
        more = [below for below in rest if given in facts.lines[below]]
        if any(facts.words[below] > _REST_WORDS for below in rest if below not in more):
            return
        for one in (line, *more):
            yield Cut(one, rule.id, rule.confidence, "says who somebody is, and nothing follows")
        rest = []


def _names(line: str) -> tuple[str, str]:
    """The given and the family name with which a line begins ("Anna de Vos"), or one word twice ("Kirjoittaja on …")."""
    words = [word.strip(",.:;") for word in line.strip("(•*- \t").split(None, _NAME_PARTS)[:_NAME_PARTS]]
    first = words[0] if words else ""
    return first, next((word for word in words[1:] if word[:1].isupper()), first)
