"""How far a rule that looks at one line is believed when the line may be a sentence of the text.

"Ez a süti nem sikerül mindig." speaks of a cake and not of cookies, "未经许可，他不敢离开村子一步。" of a village. Rules for
languages of which few pages are labelled were written from what their sites say, and hardly a sentence of a story has
tried them. So where such a rule matches a whole sentence, the line model is not told, and must find the line likely to be
residue by itself. Between the paragraphs of a text it must agree with all rules for menus, notices and forms. Rules that
say of themselves that they match whole sentences (`prose`) are believed: what they ask for is no story's.

On the labelled pages this spares some ten lines of 545 articles. Of 381 sentences that were written to look like
furniture rules and line model cut 172 in the middle of a text before, and 78 after it.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from itertools import pairwise
from typing import TYPE_CHECKING

from corpuskit.cleaning.narration import is_sentence, speaking
from corpuskit.cleaning.rules.engine import is_whole
from corpuskit.patterns import later

if TYPE_CHECKING:
    from corpuskit.cleaning.page import Page
    from corpuskit.cleaning.rules.engine import Hit
    from corpuskit.cleaning.rules.rule import RuleSet

__all__ = ["HEADING", "MODEL", "Trust", "guesses", "heads_prose", "puzzling"]

MODEL = "model.any.line"  #: the id of the line model's cuts

_TRIED = ("en", "de", "es", "fr", "sv", "any")  # languages in which labelled pages hold such sentences
_FURNITURE = ("nav", "comment")
_OF_BOXES = ("byline", "caption", "related")  # "Author: Ida Fell" in a box of data, "Label: Kelp Records"
_BARE_WORDS = (".menu", ".skip", ".buttons", ".thread", ".form")
_LABELS = (
    ".menu", ".legal", ".button", ".buttons", ".skip", ".player", ".form", ".follow", ".tags", ".widget", ".account",
)  # fmt: skip
_DAYS = ".thread-of-days"
#: The line model is not told of these: it believes too much of what stands beside. Of twenty pictures in an essay on painting it
#: doubted the last paragraph, below "3 thoughts on teaching" the numbered paragraphs of an essay.
_UNTOLD = (".file-name", ".counted")
_I = later(r"(?<![\w’'.])I (?![.A-Z])")
_SUBHEAD = 2  # words: "Discussion", "Further reading"
_THE = 50        # words, one of which is "the" in English at least: in prose it is one of twenty
_VERSE_LINES = 3     # lines of a poem, at least; its first two may be title and author
_VERSE_CHARS, _VERSE_SHARE = 45, 0.8  # in a text without a paragraph so many of the lines are shorter
_WORD_CHARS = 14
_LOWER = 0.4         # of the lines: where the article may end
_BROKEN, _LEAST_BROKEN = 0.55, 10  # of the lines, whose sentence goes on in the next one; of labelled pages 0.52 at most
_STOPS = (".", "!", "?", "…", ":", ";", ".”", "!”", "?”", '."', '!"', '?"')
_LONELY = 2.0        # times as often the line model errs there when no rule agrees that it has: 0.96 is 0.92
_LIKELY, _BLOCK = 0.9, 5  # unless there are so many lines that it finds so likely: a letter closes in fewer
_PUZZLED = 10.0      # times as often it errs in a text that puzzles it: of words so cut in 15 forum pages 4 of 5 were text
_PUZZLES = 400       # words of paragraphs about which it cannot say either
_NEITHER = (0.4, 0.9)  # so likely does it find them to be residue
_ALONE = 0.7     # what the line model must say of a sentence of which it was not told that a rule matches it
HEADING = 0.75  # and of "FAQ" or "Accessibility" right above a paragraph: on labelled pages 20 such were text, 1 was not
_BETWEEN = 0.9   # and of one between paragraphs; disclaimers stand there ("All investing is subject to risk.")


_ANNOUNCING = 8  # words: "More from Ida Fell:" heads a list of links
_ENTRIES = 4     # dates alone on their lines; of 29 labelled pages with as many, two were logs
_TOLD, _TOLD_SHARE = 0.5, 0.75  # what the line model says of the lines below most of them


class Trust:
    """What of the hits of a rule set counts."""

    def __init__(self, rules: RuleSet, own: AbstractSet[str] = frozenset()) -> None:
        """`own` are the ids of a person's own rules: these are believed."""
        self._rules = rules.rules
        others = {number: rule for number, rule in enumerate(rules.rules) if rule.id not in own}
        single = {number: rule for number, rule in others.items() if rule.scope == "line"}
        self._single, self._others = frozenset(single), frozenset(others)
        self._untried = frozenset(
            number for number, rule in single.items() if rule.language not in _TRIED and not rule.prose
        )
        self._widgets = self._untried | {
            number for number, rule in single.items() if rule.family in _FURNITURE and not rule.prose
        }
        self._comments = frozenset(number for number, rule in others.items() if rule.family == "comment")
        self._words = frozenset(number for number, rule in single.items() if rule.id.endswith(_BARE_WORDS))
        self._dates = frozenset(
            number for number, rule in others.items() if rule.id.endswith(".date") or rule.detector == "thread"
        )
        self._days = frozenset(number for number, rule in others.items() if rule.id.endswith(_DAYS))
        self._datelines = frozenset(number for number, rule in others.items() if rule.family == "dateline")
        self._named = frozenset(number for number, rule in single.items() if rule.family in _OF_BOXES)
        self._bios = frozenset(number for number, rule in single.items() if rule.family == "bio")
        self._labels = frozenset(number for number, rule in others.items() if rule.id.endswith(_LABELS))
        self._foreign = frozenset(number for number, rule in others.items() if rule.language not in ("en", "any"))
        self._headings = {number: rule for number, rule in others.items() if rule.heading_patterns}
        self._untold = frozenset(number for number, rule in others.items() if rule.id.endswith(_UNTOLD))
        self._asked = self._bios | self._widgets | self._labels | self._named | self._dates  # all others are as sure everywhere

    def spare_stories(self, page: Page) -> None:
        """Take away what rules match in lines that tell a story: the line model believes hits, and ends follow them."""
        if not page.hits:
            return
        telling, opening = speaking(page.left, page.facts.filled, page.hits)
        verse = self._words_of_verse(page)
        loans = _lone_words(page)
        for line, hits in list(page.hits.items()):
            spared: set[int] = set()
            if line in telling:
                spared |= self._single
            if line in opening:
                spared |= self._comments
            if line in verse:
                spared |= self._words
            if line in loans:
                spared |= self._foreign
            if _is_quoted(page, line):
                spared |= self._others
            if spared and (left := [hit for hit in hits if hit.rule not in spared]) != hits:
                page.hits[line] = left
                if not left:
                    del page.hits[line]

    def _words_of_verse(self, page: Page) -> set[int]:
        """The lines of a poem or a table that are a word: "close" is a button only where buttons stand beside it."""
        facts = page.facts
        filled = facts.filled
        if not page.hits or 1 in facts.long or len(filled) < _VERSE_LINES:
            return set()
        if sum(len(page.left[line].strip()) < _VERSE_CHARS for line in filled) < _VERSE_SHARE * len(filled):
            return set()
        return {
            line for above, line, below in zip(filled[1:], filled[2:], [*filled[3:], -1], strict=False)
            if line in page.hits and len(page.left[line].strip()) <= _WORD_CHARS
            and above not in page.hits and below not in page.hits
        }  # fmt: skip

    def shown(self, page: Page, line: int) -> list[Hit]:
        """The hits of a line that the line model is told of."""
        hits = page.hits[line]
        hidden: AbstractSet[int] = self._untold
        if not self._bios.isdisjoint([hit.rule for hit in hits]) and _opens(page, line):
            hidden = self._bios | self._untold
        elif not self._untried.isdisjoint([hit.rule for hit in hits]) and is_sentence(page.left[line]):
            hidden = self._untried | self._untold
        elif page.facts.words[line] <= _SUBHEAD and heads_prose(page, line):
            # told of the hit it finds "Links" over a paragraph likely (0.96, and 0.49 by itself), and doubts what is below
            # "Discussion" of a paper, as a rule for comments says of its own lines; "Comments" over a paragraph is hardly one
            hidden = self._labels | self._untold | {hit.rule for hit in hits if self._may_head(hit.rule, page.left[line])}
        if not self._datelines.isdisjoint([hit.rule for hit in hits]):
            hidden = hidden | self._days  # the day of the page is no sign of a thread, and is told once
        return [hit for hit in hits if hit.rule not in hidden] if hidden else hits

    def _may_head(self, number: int, line: str) -> bool:
        rule = self._headings.get(number)
        return rule is not None and is_whole(line, rule.heading_patterns, rule.ignore_case)

    def entries(self, page: Page) -> frozenset[int]:
        """The lines that head the entries of a log, a diary or a chat: dates ("3 May 1911, 4.10 a.m.") over what the line model
        does not doubt, again and again. A page has a date or two, and a thread of readers is doubted.
        """
        if page.entries is None:
            page.entries = self._entries(page)
        return page.entries

    def _entries(self, page: Page) -> frozenset[int]:
        if not page.chances:
            return frozenset()
        dates = self._dates
        dated = {line for line, hits in page.hits.items() for hit in hits if hit.rule in dates}
        if len(dated) < _ENTRIES:
            return frozenset()
        filled = page.facts.filled
        below = {filled[place] for line in dated if (place := bisect_right(filled, line)) < len(filled)} - dated
        told = sum(page.chances[line] < _TOLD for line in below)
        return frozenset(dated) if told > _TOLD_SHARE * len(dated) else frozenset()

    def confidence(self, page: Page, line: int, number: int) -> float:
        """How sure a cut of a line by a rule is: as sure as the line model is where it must agree and does not."""
        sure = self._rules[number].confidence
        if number not in self._asked:
            return sure
        if number in self._bios and _opens(page, line):
            return 0.0
        if (number in self._named and line in page.box()) or (number in self._dates and line in self.entries(page)):
            return 0.0
        if not page.chances:
            return sure
        needed = 0.0
        if number in self._widgets and is_sentence(page.left[line]):
            between = page.facts.long.find(1) < line < page.facts.long.rfind(1)
            needed = _BETWEEN if between else _ALONE if number in self._untried else 0.0
        elif number in self._labels and heads_prose(page, line):
            needed = HEADING
        chance = page.chances[line]
        return sure if chance >= needed else min(sure, chance)


def _opens(page: Page, line: int) -> bool:
    """Whether a line is the first paragraph of a text of several, and the author's: "Ida Fell is the author of two books that I
    read in May." tells whom a review of six lines is about, all of which are its last ones; a note on the author has no I."""
    long = page.facts.long
    return long[line] == 1 and long.find(1) == line and long.count(1) > 1 and _I.search(page.left[line]) is not None


def _lone_words(page: Page) -> set[int]:
    """The lines of an English text that are a word, between lines without hits: "Tips" over what a cook advises is no button of
    a Norwegian page, "Top" over the pattern of a cap no link of a Korean one.
    """
    facts = page.facts
    if facts.text.count(" the ") * _THE < facts.total_words:
        return set()
    filled = facts.filled
    return {
        line for above, line, below in zip((-1, *filled), filled, (*filled[1:], -1), strict=False)
        if line in page.hits and facts.words[line] == 1 and above not in page.hits and below not in page.hits
    }  # fmt: skip


def _is_quoted(page: Page, line: int) -> bool:
    """Whether a paragraph right above announces the line: "The sign said what all of them said:", "Comments are closed."."""
    facts = page.facts
    above = line - 1  # as a rule
    if above >= 0 and not facts.lines[above].strip():
        place = bisect_right(facts.filled, line) - 2
        above = facts.filled[place] if place >= 0 else -1
    return above >= 0 and facts.words[above] >= _ANNOUNCING and facts.lines[above].rstrip().endswith(":")


def heads_prose(page: Page, line: int) -> bool:
    """Return whether a line stands below the first long paragraph and right above another paragraph, as a subhead does."""
    facts = page.facts
    first = facts.long.find(1)
    place = bisect_right(facts.filled, line)
    if not 0 <= first < line or place == len(facts.filled):
        return False
    return page.is_paragraph(facts.filled[place])


def guesses(page: Page, lines: Sequence[int]) -> list[float]:
    """How sure cuts are of `lines` that the line model alone finds likely to be residue, where it errs more often, too."""
    times = _PUZZLED if puzzling(page) else 1.0
    start, lonely = _lonely_from(page), max(times, _LONELY)
    return [max(0.0, round(1 - (lonely if line >= start else times) * (1 - page.chances[line]), 3)) for line in lines]


def puzzling(page: Page) -> bool:
    """Return whether the line model does not know what to make of a text, as it first stood.

    A thread of a forum, an essay that argues with quoted posts, a long dialogue: of hundreds of words of their paragraphs it
    cannot say whether they are text or remarks of readers, and what it does find likely is no better than its neighbours. A
    thread below an article it finds likely as a whole.
    """
    if page.puzzling is None:
        least, likely = _NEITHER
        words, long = page.facts.words, page.facts.long
        doubted = taken = 0
        for line, chance in enumerate(page.chances):
            if chance >= least and page.stands[line]:
                if chance >= likely:
                    taken += words[line]
                elif long[line]:
                    doubted += words[line]
        page.puzzling = doubted >= max(_PUZZLES, taken / 2)
    return page.puzzling


def _lonely_from(page: Page) -> int:
    """The line from which on the guesses of the line model count for less; behind the last one where it is to be believed.

    Where no rule has cut anything in the lower part of a text, the end of a letter, of a play or of a recipe ("Yours
    sincerely,", "Vorhang.", "Enjoy!") looks like the furniture of a page, and the model errs the more often. So it does in all of
    a text that is not mostly paragraphs: verse, scenes, lists, the pages of a shop.
    """
    if not page.is_mostly_paragraphs() or _is_broken(page):
        return 0
    lower = int(_LOWER * len(page.left))
    if any(at >= lower and cut.rule != MODEL for at, cut in page.taken.items()):
        return len(page.left)
    block = [line for line in page.likely if line >= lower and page.chances[line] >= _LIKELY]
    return len(page.left) if len(block) >= _BLOCK else lower


def _is_broken(page: Page) -> bool:
    """Whether sentences run on from line to line ("“I’m" / "sorry?”" / "Ahuitzotl" / "waved it away"), as where the breaks of the
    page's source were kept: of such pieces the line model took the last hundred words of a story."""
    if page.broken is None:
        lines = [page.facts.lines[line].strip() for line in page.facts.filled]
        broken = sum(below[0].islower() and not above.endswith(_STOPS) for above, below in pairwise(lines))
        page.broken = broken >= max(_LEAST_BROKEN, _BROKEN * len(lines))
    return page.broken
