"""Labels of lists and blocks: "Related stories", "Comments", "By" with the name on the next line."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import islice
from statistics import median
from typing import TYPE_CHECKING

from corpuskit.cleaning.detectors.ends import heads_sources
from corpuskit.cleaning.page import Cut
from corpuskit.cleaning.trust import HEADING, heads_prose
from corpuskit.patterns import later

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["end_anchor", "label_list", "label_value", "orphan_label", "section_label"]

_STOPS = tuple(".!?…。！？।؟")
_CLOSERS = "\"'”’»)]"
_NUMBERED = later(r"(?:\[?\d{1,3}[.)\]]|[a-z]\))\s")
_MOST_ITEMS = 14
_SUBHEAD_WORDS, _SUBHEAD_CHARS = 3, 30  # at most, of a subhead; in the scripts without blanks each character is a word
_ITEM_CHARS = 160
_BULLETS = ("-", "•", "*", "·", "–")
_LEAST_BULLETS, _BULLET_CHARS = 2, 260
_LEAST_SUMMARIES, _SUMMARY_CHARS = 3, 400
#: Labels of an author's own list as often as of a site's: "Recommended reading" headed the six books that an essay was about.
_READING = later(r"(?i)reading|weiterlesen|lectur|leitur|lettur|lektur|läsning|verder lezen")
_NOT_THE_AUTHORS = 0.7  # what the line model says of half of its items where it is the site's
#: Below "Leia mais", whose link is gone, and right above a paragraph stands the article's own subhead, unless the line model
#: finds it that likely to be residue. Of 18 such lines of labelled pages the 15 links were at 0.57 and more, 2 of 3 others below.
_SUBHEAD = 0.55
_SECTION_LINES = 5  # filled lines at the top among which title and section stand
_REMARK = 0.5  # what the line model says of a paragraph that is a remark, below the number of these
_ANCHOR_FROM = 0.4  # share of the words above an anchor: 58 of 58 labelled articles were over by then
_SURE_OF_LABEL = ("orphan-label", "label-list", "end-anchor", "label-value")


def _is_item(page: Page, line: int) -> bool:
    """Whether a line looks like a headline or link in a list: short, not a sentence, not a label, not numbered (below
    "See also" and "Notes" stand footnotes: "1. Book of Hours, chapter 11")."""
    text = page.facts.lines[line].strip()
    return (
        len(text) <= _ITEM_CHARS
        and not page.facts.long[line]
        and not text.endswith(":")
        and not _NUMBERED.match(text)
        and not (_ends_sentence(text) and not text.endswith(("…", "...", "?")))
    )


def _ends_sentence(text: str) -> bool:
    return text.rstrip(_CLOSERS).endswith(_STOPS)


def _bulleted(page: Page, label: int) -> list[int]:
    """The lines right below a label that begin with the same bullet: no subheading does, so all are its list."""
    facts = page.facts
    found: list[int] = []
    bullet = ""
    for line in _below(page, label):
        text = facts.lines[line].strip()
        bullet = bullet or text[:1]
        if bullet not in _BULLETS or not text.startswith(f"{bullet} ") or len(text) > _BULLET_CHARS:
            break
        found.append(line)
    if len(found) < _LEAST_BULLETS:
        return []
    # "Don't miss:" may head what the author recommends; what the article goes on after must look like headlines.
    sentences = sum(facts.lines[line].rstrip().endswith(".") for line in found)
    return found if 2 * sentences <= len(found) or not any(facts.long[below] for below in page.following(found[-1])) else []


def _with_summaries(page: Page, label: int, matcher: Matcher) -> list[int]:
    """The headlines below a label, each with a sentence or two on its text, down to the end of the page."""
    facts = page.facts
    found: list[int] = []
    for line in _below(page, label):
        text = facts.lines[line].strip()
        if _is_label(page, line, matcher):
            break
        summary = len(text) <= _SUMMARY_CHARS and _ends_sentence(text)
        if not (summary if len(found) % 2 else _is_item(page, line)):
            return []
        found.append(line)
    return found if len(found) >= 2 * _LEAST_SUMMARIES and len(found) % 2 == 0 else []


def _below(page: Page, label: int) -> Iterator[int]:
    """The lines below a label that were not blank, cut ones, too: so its list stays the same."""
    filled = page.facts.filled
    return islice(filled, bisect_right(filled, label), None)


def _is_label(page: Page, line: int, matcher: Matcher) -> bool:
    return line in page.hits and any(matcher.rules[hit.rule].detector in _SURE_OF_LABEL for hit in page.hits[line])


def orphan_label(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A label below which nothing is left for it to head: the end, another label, or only what was cut."""
    for line in lines:
        below = page.after(line)
        if below < 0:
            yield Cut(line, rule.id, rule.confidence, "a label with nothing after it")
        elif _is_label(page, below, matcher):
            yield Cut(line, rule.id, rule.confidence, f"a label followed by another: {page.left[below].strip()[:40]!r}")
        elif any(page.gone[i] and page.facts.words[i] for i in range(line + 1, below)):
            yield Cut(line, rule.id, rule.confidence, "a label whose content was cut")


def label_list(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A label that heads links to other pages: it goes, and the headline-like lines after it.

    Where the article goes on below, only the first item is sure: the others may be its own subheadings.
    """
    for line in lines:
        if not page.stands[line] and page.after(line) < 0:
            continue  # nothing is left of it and its list
        if page.facts.words[line] > 4 and _ends_sentence(page.left[line].strip()):
            continue  # "Other articles of faith he had none." is no label, however it begins
        items: list[int] = []
        for below in _below(page, line):
            if len(items) == _MOST_ITEMS or _is_label(page, below, matcher) or not _is_item(page, below):
                break
            if heads_sources(page.facts.lines[below]):
                break
            items.append(below)
        shaped = max(_bulleted(page, line), _with_summaries(page, line, matcher), key=len)
        uniform = bool(shaped) and len(shaped) >= len(items)
        items = shaped if uniform else items
        if items and _READING.search(page.left[line]) and _is_the_authors(page, items):
            continue
        last = items[-1] if items else line
        resumes = any(page.facts.long[below] for below in page.following(last))
        linked = uniform or any(page.facts.lines[item].lstrip().startswith(_BULLETS) for item in items)
        if resumes and not linked and _is_title(page, line):
            items = []
        yield Cut(line, rule.id, rule.confidence, f"a label of links, {len(items)} below it")
        for rank, item in enumerate(items):
            if resumes and not linked and _is_subhead(page, item, only=len(items) == 1):
                continue
            sure = rule.confidence - (0.02 if rank < 6 or uniform else 0.05)
            if resumes:
                sure -= 0.03 if rank == 0 or uniform else 0.12
            yield Cut(item, rule.id, round(sure, 3), f"item {rank + 1} under {page.left[line].strip()[:40]!r}")


def _is_subhead(page: Page, item: int, only: bool) -> bool:
    """Whether a line below a label is a subhead of the article: right above a paragraph, and no headline for the line model,
    or the `only` line there, of a few words ("Читайте также!", whose links are gone, above "Розовый цвет").
    """
    facts = page.facts
    below = page.after(item)
    if below < 0 or not facts.long[below]:
        return False
    brief = len(facts.lines[item].strip()) <= _SUBHEAD_CHARS and facts.words[item] <= _SUBHEAD_WORDS
    if only and brief and item > facts.long.find(1):
        return True
    return bool(page.chances) and page.chances[item] < _SUBHEAD


def _is_title(page: Page, label: int) -> bool:
    """Whether what stands below a label whose links are gone is the title: "실시간 뉴스", and nothing above that can be it."""
    filled = page.facts.filled
    return label < page.facts.long.find(1) and not any(page.standing(n) for n in filled[: bisect_left(filled, label)])


def _is_the_authors(page: Page, items: Sequence[int]) -> bool:
    return bool(page.chances) and median(page.chances[item] for item in items) < _NOT_THE_AUTHORS


def end_anchor(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line that opens the block after the article; it goes, and what follows as long as no paragraph does.

    A long remark below the number of them ("4 Comments") looks like a paragraph, and is none where the line model doubts it.
    """
    facts = page.facts
    total = facts.total_words or 1
    for line in lines:
        if sum(facts.words[:line]) < _ANCHOR_FROM * total:
            continue  # "3 comments" beside the title; and an article that goes on after a block in its middle
        if facts.words[line] == 1 and page.chances and page.chances[line] < HEADING and heads_prose(page, line):
            continue  # "Discussion" heads a section of a paper
        yield Cut(line, rule.id, rule.confidence, "opens the block after the article")
        counts = rule.family == "comment" and any(char.isdigit() for char in page.left[line])
        for rank, below in enumerate(page.following(line)):
            if facts.long[below] and not (counts and page.chances and page.chances[below] >= _REMARK):
                break
            sure = rule.confidence - 0.03 - min(0.05, 0.005 * rank)
            yield Cut(below, rule.id, round(sure, 3), f"{rank + 1} below {page.left[line].strip()[:40]!r}")


def label_value(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A label with its value alone on the next line: "Published" / "3 May 2021". Both go."""
    for line in lines:
        below = page.after(line)
        if any(page.gone[i] and page.facts.words[i] for i in range(line + 1, below if below >= 0 else len(page.left))):
            yield Cut(line, rule.id, rule.confidence, "a label whose value was cut")
            continue
        if below < 0 or not matcher.is_value(rule, page.left[below]):
            continue
        text = page.left[below]
        value = (len(text) - len(text.lstrip()), len(text.rstrip()))
        fields = tuple((name, *value) for name, group in rule.extract if group == "value")
        yield Cut(line, rule.id, rule.confidence, f"a label with its value {text.strip()[:40]!r} on the next line")
        yield Cut(below, rule.id, rule.confidence, f"the value of {page.left[line].strip()[:40]!r}", fields=fields)


def section_label(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The name of a section among the first lines, when another line there, or the given title, can be the title.

    A text may be called "Letters": with nothing else above the first paragraph the line stays.
    """
    facts = page.facts
    first = facts.long.find(1)
    top = [n for n in facts.filled[:_SECTION_LINES] if page.standing(n) and (first < 0 or n < first)]
    titles = {" ".join(one.value.split()).casefold() for one in page.given if one.field == "title"}
    for line in lines:
        if line not in top or page.left[line].strip().casefold() in titles:
            continue
        at = top.index(line)
        beside = [
            n
            for n in (*top[max(0, at - 1) : at], *top[at + 1 : at + 2])
            if n not in lines and not page.left[n].rstrip().endswith((".", "。"))  # no title, but what it says
        ]
        if titles or beside:
            yield Cut(line, rule.id, rule.confidence, "the name of a section, beside the title")
