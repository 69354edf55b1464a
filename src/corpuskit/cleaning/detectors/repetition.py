"""What a document says twice by accident: a line, its title, a sentence pulled out of a paragraph."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from itertools import islice, pairwise
from typing import TYPE_CHECKING

from corpuskit.cleaning.facts import HEAD, QUOTE_WORDS
from corpuskit.cleaning.page import Cut
from corpuskit.patterns import later

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Matcher
    from corpuskit.cleaning.rules.rule import Rule

__all__ = ["doubled_caption", "doubled_line", "page_title", "pull_quote", "repeated_line", "repeated_run", "repeated_title"]

_LONG_REPEAT = 16  # words from which no refrain or formula is expected: the later copy goes
_THREAD_LINES = 120  # filled lines: few essays are longer, most threads are
_ARTICLE_TWICE = 0.5  # share of the long lines that repeat when an article stands twice or thrice
_TITLES = 12  # filled lines among which a title and its copy stand
_TITLE_PLACES = 4  # below them a list of contents may stand, whose entries head the sections
_TITLE_WORDS = 4  # "3. Liga" and "Auto & Motor" are labels
_TITLE_CHANCE = 0.85  # what the line model finds likelier to be residue is a menu and no title
_PAGE_TITLES = 8  # filled lines among which the title of the page and that of the article stand
_BASE_CHARS, _SITE_CHARS = 20, 70  # of the title of the page, and of the name of the site behind it
_SITE = later(r"\s+(?:[-–—|·•»]|::)\s+\S|\s?\|\s?\S")  # " - Harbour Post", "| HP"
_ALT_WORDS = (6, 45)  # of a caption that stands twice: fewer are labels, and a paragraph is longer
_CREDIT_WORDS = 15
_BEGINNING = 6  # characters that both have: most neighbours differ in the first
_CAPTION_WORDS, _BROKEN_OFF = 12, 4  # words at the beginning of two captions of which one breaks off, and where they differ
_DASHES = ("-", "–", "—", "―", "~")
_NO_TITLE = (".", ",", ";", "。", "，", "、", "；", "،", "।")
_RUN_WORDS = 20  # fewer are two labels and a date
_SENTENCE = 10  # words; a line of a chorus that ends in a full stop has fewer
_QUOTING = (">", "|", "”", "“", "„", "«", "»", '"', "「")
_NO_CAPTION = (*_QUOTING, *_DASHES, "*", "•", ".", "…")
_NEAR = 14  # filled lines within which a pull quote stands from its paragraph
_BELOW = 2  # filled lines: of 115 words in such lines right below their paragraph, none was the article's
_DOUBLED_WORDS = 2  # "No." and "No." is talk
_BOTH, _SURE_OF_BOTH = 0.6, 0.9  # what the line model says of the first where both go: no heading, and not said twice
_WORD = later(r"\w+")
# A heading ("The Right Shoes for Snow") may stand in the paragraph below it; a pulled sentence ends like one.
_QUOTED = later("[\"“„«‘'»「『].*[\"”“»’'«」』][.!?]?$")
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


def doubled_line(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The second of two equal short lines, one right below the other and beside a paragraph: what a picture is called, once
    in place of it and once below it. The first goes, too, where the line model thinks so: else it may be a heading.

    On labelled articles of 50 such pairs the second was the article's in two, and the first in three.
    """
    facts = page.facts
    first = facts.long.find(1)
    if first < 0 or 1 not in facts.again or len(facts.filled) > _THREAD_LINES:
        return
    if not page.is_mostly_paragraphs():
        return
    for above, below in pairwise(range(len(facts.filled))):
        line, copy = facts.filled[above], facts.filled[below]
        if facts.keys[line] != facts.keys[copy] or line < first or facts.long[line] or facts.words[line] < _DOUBLED_WORDS:
            continue
        text = facts.lines[line].strip()
        if " " in text and facts.words[line] >= _ALT_WORDS[0]:
            continue  # a caption in words, of which both go (`doubled_caption`)
        beside = (*facts.filled[above - 1 : above], *facts.filled[below + 1 : below + 2])
        if text.startswith((*_QUOTING, *_DASHES)) or text.endswith((",", *_STOPS)) or not any(facts.long[one] for one in beside):
            continue  # "Nobody came." twice is an author's
        if copy in page.data():  # addresses of sources
            continue
        if page.standing(copy):
            yield Cut(copy, rule.id, rule.confidence, f"line {line + 1} once more")
        if page.standing(line) and page.chances and page.chances[line] >= _BOTH:
            yield Cut(line, rule.id, _SURE_OF_BOTH, f"what line {copy + 1} says again, and likely no heading")


def repeated_title(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line of the head once more before the article has begun: the first line left, or any title of a text that has
    paragraphs below.

    "Caption / Title / Title / Standfirst" and "Title / Standfirst / Title / …" are what templates print.
    """
    facts = page.facts
    if 1 not in facts.again:
        return
    left = [line for line in facts.filled[:_TITLES] if page.standing(line)]
    if not left:
        return
    last = facts.long.rfind(1)
    first: dict[int, int] = {}
    paragraphs = 0
    for line in left:
        if facts.long[line]:
            paragraphs += 1
            if paragraphs > 1:
                return
            continue
        if not facts.zones[line] & HEAD and paragraphs == 0:
            return
        count = facts.words[line]
        earlier = first.setdefault(facts.keys[line], line)
        if earlier == line or count < 3:
            continue
        top = earlier == left[0] and not paragraphs and facts.zones[line] & HEAD
        title = earlier in left[:_TITLE_PLACES] and count >= _TITLE_WORDS and _titular(facts.lines[line].strip())
        if top or (title and line < last and not _heads_sections(page, earlier, line)):
            yield Cut(line, rule.id, rule.confidence, "the title once more")


def page_title(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The first line, where it is the title with the name of the site behind it and the title itself stands below.

    "Boats are late - Harbour Post" / "Posted Monday" / "Boats are late" opens a page whose head was taken for text. The name
    of the site may have made the title too long: "Boats are late for the third ti - Harbour Post".
    """
    facts = page.facts
    first = page.stands.find(1)
    if first < 0 or facts.long[first] or not facts.zones[first] & HEAD:
        return
    text = page.left[first].strip()
    seams = [seam.start() for seam in _SITE.finditer(text)]
    bases = [text[:seam].casefold() for seam in seams if seam >= _BASE_CHARS and len(text) - seam <= _SITE_CHARS]
    if not bases:
        return
    for line in islice(page.following(first), _PAGE_TITLES):
        if facts.long[line]:
            return
        title = page.left[line].strip().casefold()
        if any(title == base or (title.startswith(base) and len(title) < len(text)) for base in bases):
            yield Cut(first, rule.id, rule.confidence, f"the title, with the name of the site; it stands on line {line + 1}")
            return


def doubled_caption(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line of the text that stands twice, one copy right below the other, or once more with its credit: the words for
    those who do not see the picture, and its caption.

    "Two boats at the pier" / "Two boats at the pier", "Two boats at the pier" / "Two boats at the pier. Photo: Lena Fox", and,
    where the page opens and closes it, "… in March 2017 less" / "… in March ... more". Of the equal pairs of labelled
    articles below the head 73 were residue both, and five were not. A refrain has no paragraph beside it, and is said a third
    time; of two equal lines the line model must find the first likely.
    """
    facts = page.facts
    low, high = _ALT_WORDS
    if len(facts.filled) > _THREAD_LINES:
        return
    for rank in range(1, len(facts.filled) - 1):
        line, place = facts.filled[rank], rank + 1
        third = facts.filled[rank + 2 : rank + 3]
        if not page.standing(facts.filled[place]) and third and facts.keys[third[0]] == facts.keys[line]:
            place = rank + 2  # "Two boats at the pier" / "Lena Fox/HP" / "Two boats at the pier"
        below = facts.filled[place]
        if not low <= facts.words[line] <= high or facts.words[below] > high + _CREDIT_WORDS:
            continue
        text, other = facts.lines[line].strip(), facts.lines[below].strip()
        if text[:_BEGINNING] != other[:_BEGINNING] or text.startswith(_NO_CAPTION) or " " not in text:
            continue
        if text == other or _broken_off(text, other):
            around = facts.filled[rank - 1 : rank] + facts.filled[place + 1 : place + 2]
            if any(facts.keys[next_to] == facts.keys[line] for next_to in around):
                continue
            if not 0 <= facts.long.find(1) < line and not text.endswith("."):
                continue  # a title that stands twice
            if text == other and facts.long[line]:
                continue  # a paragraph, of which the first stays
            if not page.chances or page.chances[line] < (_SURE_OF_BOTH if text.endswith(_STOPS) else _BOTH):
                continue  # "I did not answer him that day." twice is an author's
            pair: tuple[int, ...] = (line, below)
            why = "stands twice, one copy right below the other"
        elif _credited(page, below) and other.startswith(text.rstrip(".")):
            why, pair = "the beginning of the caption below it", (line,)
        else:
            continue
        near = (page.before(line), page.after(below))
        if any(page.standing(one) for one in pair) and any(one >= 0 and facts.long[one] for one in near):
            for one in pair:
                if page.standing(one):
                    yield Cut(one, rule.id, rule.confidence, why)


def _broken_off(text: str, other: str) -> bool:
    """Whether two lines are equal but for a few words at the end, as where one of them breaks off."""
    own, others = text.split(), other.split()
    least = min(len(own), len(others))
    same = next((place for place, (a, b) in enumerate(zip(own, others, strict=False)) if a != b), least)
    return same >= _CAPTION_WORDS and max(len(own), len(others)) - same <= _BROKEN_OFF


def _credited(page: Page, line: int) -> bool:
    """Whether a line is gone as a caption."""
    return line in page.taken and page.taken[line].rule.startswith("caption.")


def _heads_sections(page: Page, earlier: int, line: int) -> bool:
    """Whether a line is the first subhead of a list of contents: what stands below its entry stands again below it, too."""
    facts = page.facts
    after = facts.filled[bisect_left(facts.filled, earlier) + 1]
    return after < line and any(facts.keys[other] == facts.keys[after] for other in facts.filled if other > line)


def _titular(text: str) -> bool:
    """Whether a line looks like no verse ("La lampe attend sur le palier,") and like no signature ("— Ada Holm, 1951")."""
    return not text.startswith(_DASHES) and not text.endswith(_NO_TITLE)


def repeated_run(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """The later of two equal runs of lines with a sentence or the row of a table among them: a part of the page that
    was rendered for small screens, too. A chorus has no such lines.
    """
    facts = page.facts
    if facts.again.count(1) < 4 or len(facts.filled) > _THREAD_LINES:
        return
    keys = [facts.keys[line] for line in facts.filled]
    first: dict[int, int] = {}
    rank = 0
    while rank < len(keys):
        earlier = first.setdefault(keys[rank], rank) if keys[rank] else rank
        size = 0
        while rank + size < len(keys) and earlier + size < rank and keys[earlier + size] == keys[rank + size]:
            size += 1
        run, start = facts.filled[rank : rank + size], facts.filled[earlier]
        if (
            size > 1
            and sum(facts.words[line] for line in run) >= _RUN_WORDS
            and any(_stated(facts.lines[line].strip(), facts.words[line]) for line in run)
        ):
            for line, other in zip(run, facts.filled[earlier:], strict=False):
                if page.standing(line) and page.standing(other):
                    yield Cut(line, rule.id, rule.confidence, f"one of {size} lines that repeat those from line {start + 1}")
        rank += max(size, 1)


def _stated(text: str, count: int) -> bool:
    """Whether a line is a whole sentence, or the row of a table."""
    return text.startswith("|") or (count >= _SENTENCE and text.rstrip(_CLOSERS).endswith(_STOPS))


def _is_title(page: Page, line: int) -> bool:
    """Whether a line is the first that may be the title, as what somebody says is above an interview."""
    first = page.facts.long.find(1)
    if line > first or not page.chances:
        return False
    above = page.facts.filled[: page.facts.filled.index(line)]
    return not any(page.chances[n] < _TITLE_CHANCE for n in above if page.standing(n))


def pull_quote(page: Page, rule: Rule, lines: Sequence[int], matcher: Matcher) -> Iterator[Cut]:
    """A line of its own that stands word for word inside a longer paragraph near it: the paragraph stays.

    Sure are a line that is all quotation, and a sentence right below its paragraph; one above it may open a list or
    sum up what follows.
    """
    facts = page.facts
    low, high = QUOTE_WORDS
    echoes = None if page.inner else facts.echoes  # what is left of lines with cuts in them may say anything
    if echoes is not None and 1 not in echoes:
        return
    # The first line is a title: "The Long Pier" / "The Long Pier: A Story (Image via Acme)" makes a caption of the second.
    quotes = [
        (rank, line)
        for rank, line in enumerate(facts.filled)
        if rank and (echoes is None or echoes[line]) and low <= facts.words[line] <= high and line not in page.unquoted
    ]
    if not quotes:
        return
    paragraphs = [(rank, line) for rank, line in enumerate(facts.filled) if facts.long[line]]
    folded: dict[int, str] = {}
    lowered: dict[int, str] = {}
    for rank, line in quotes:
        text = page.left[line].rstrip()
        if not page.standing(line) or not (text.endswith(_QUOTE_ENDS) or text.rstrip(_CLOSERS).endswith(_STOPS)):
            continue
        if _QUOTED.match(text.strip()) and _is_title(page, line):
            continue
        own = _WORD.findall(text.lower())
        mine = " ".join(own)
        own.sort(key=len, reverse=True)  # the longest is hardly ever in the other line, and then no word is looked at
        start = bisect_left(paragraphs, (rank - _NEAR,))
        for place, other in islice(paragraphs, start, None):
            if place > rank + _NEAR:
                break
            if other == line or facts.words[other] < facts.words[line] + 5:
                continue
            if other not in lowered:
                lowered[other] = page.left[other].lower()
            if not page.standing(other) or not all(word in lowered[other] for word in own):
                continue
            if other not in folded:
                folded[other] = f" {' '.join(_WORD.findall(lowered[other]))} "
            if f" {mine} " in folded[other]:
                sure = rule.confidence
                below = rank - _BELOW <= place < rank
                if len(facts.filled) > _THREAD_LINES or not (below or _QUOTED.match(page.left[line].strip())):
                    sure -= 0.2
                yield Cut(line, rule.id, round(sure, 3), f"stands word for word in line {other + 1}")
                break
        else:
            page.unquoted.add(line)
