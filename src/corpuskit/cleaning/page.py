"""One document in the middle of being cleaned: what is left of each line, and what rules propose to cut."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import compress
from typing import TYPE_CHECKING, NamedTuple

from corpuskit.cleaning.facts import HEAD, TAIL, Facts
from corpuskit.cleaning.narration import is_sentence, signs
from corpuskit.cleaning.tables import announced_lines, box_lines, table_lines

if TYPE_CHECKING:
    from corpuskit.cleaning.rules.engine import Hit
    from corpuskit.model import Candidate, Edit

__all__ = ["WHOLE", "Cut", "Page", "settled"]

WHOLE = -1  # start and end of a cut that takes the whole line
_PARAGRAPH_WORDS = 12
_PARAGRAPHS = 0.5  # of the words of a text
_TEASER = 0.8  # a quotation that the line model finds that likely to be residue links to another text
_ANNOUNCES_NOTHING = 0.95  # a line that the line model finds that likely to be residue


class Cut(NamedTuple):
    """A rule proposes to cut a line, or a part of what is left of it. Detectors make cuts; only `phases` edits."""

    line: int
    rule: str
    confidence: float
    evidence: str
    start: int = WHOLE  #: in what is left of the line
    end: int = WHOLE
    fields: tuple[tuple[str, int, int], ...] = ()  #: (metadata field, start, end) in what is left of the line
    preview: bool = False

    @property
    def width(self) -> int:
        """Characters of the cut; a whole line is wider than any part."""
        return 1 << 60 if self.start == WHOLE else self.end - self.start


@dataclass(slots=True)
class Page:
    """The state of one document between rounds. `left` is blank where a line is gone."""

    facts: Facts
    left: list[str]
    gone: bytearray
    hits: dict[int, list[Hit]] = field(default_factory=dict)  #: whole-line hits of each line that has any
    parts: dict[int, list[Hit]] = field(default_factory=dict)  #: hits inside a line, in what is left of it
    inner: dict[int, tuple[Edit, ...]] = field(default_factory=dict)  #: edits inside lines, in their coordinates
    taken: dict[int, Cut] = field(default_factory=dict)  #: the cut of each line that is gone
    candidates: list[Candidate] = field(default_factory=list)  #: extracted so far, spans in the repaired text
    chances: Sequence[float] = ()  #: the line model's probability for each line
    likely: tuple[int, ...] = ()  #: lines that it suspects, the most likely first
    spared: frozenset[int] | None = None  #: what `data` has found, once somebody has asked
    boxed: frozenset[int] | None = None  #: what `box` has found, once somebody has asked
    entries: frozenset[int] | None = None  #: the lines that head entries of a log, once somebody has asked
    puzzling: bool | None = None  #: whether the line model knows what to make of the text, once somebody has asked
    broken: bool | None = None  #: whether its lines are pieces of sentences, once somebody has asked
    unquoted: set[int] = field(default_factory=set)  #: lines of which it is known that no paragraph holds them
    given: tuple[Candidate, ...] = ()  #: fields that came with the document
    changes: int = 0  #: lines cut or shortened so far
    stands: bytearray = field(init=False)  #: 1 for each line of which something is left

    def __post_init__(self) -> None:
        """See what stands before the first cut."""
        self.stands = bytearray(len(self.left))
        for line in self.facts.filled:
            self.stands[line] = 1

    def keep(self, line: int, text: str) -> None:
        """Say what is left of `line`."""
        self.changes += 1
        self.left[line] = text
        if text:
            self.unquoted.clear()
        self.stands[line] = bool(text) and not text.isspace()

    def standing(self, line: int) -> bool:
        """Whether something is left of `line`."""
        return self.stands[line] == 1

    def after(self, line: int) -> int:
        """The next line below of which something is left, or -1."""
        return self.stands.find(1, line + 1)

    def before(self, line: int) -> int:
        """The next line above of which something is left, or -1."""
        return self.stands.rfind(1, 0, line)

    def following(self, line: int) -> Iterator[int]:
        """The lines below, in order, of which something is left."""
        while (line := self.stands.find(1, line + 1)) >= 0:
            yield line

    def is_mostly_paragraphs(self) -> bool:
        """Whether long lines hold half of the words: the text is no verse, no scene, no list of a shop."""
        facts = self.facts
        return sum(compress(facts.words, facts.long)) >= _PARAGRAPHS * facts.total_words

    def is_paragraph(self, line: int) -> bool:
        """Whether a line is a paragraph, if a short one: long, or a sentence or more of a dozen words."""
        facts = self.facts
        return facts.long[line] == 1 or (facts.words[line] >= _PARAGRAPH_WORDS and is_sentence(self.left[line]))

    def signs_quotation(self, line: int) -> bool:
        """Whether a line names whom the quotation above it is by. A quotation that opens the page is its title, and one that
        the line model doubts a teaser.
        """
        above = self.before(line)
        if above <= self.facts.filled[0] or not signs(self.left[line], self.left[above]):
            return False
        return not self.chances or self.chances[above] < _TEASER

    def data(self) -> frozenset[int]:
        """Lines that are data of a table, list or note: what is only likely to be residue stays there."""
        if self.spared is None:
            sure = {line for line in self.likely if self.chances[line] >= _ANNOUNCES_NOTHING}
            self.spared = self.box() | table_lines(self.facts) | announced_lines(self.facts, sure | self.hits.keys())
        return self.spared

    def box(self) -> frozenset[int]:
        """Lines of boxes of data, of which rules for bylines, captions and links take none either."""
        if self.boxed is None:
            self.boxed = box_lines(self.facts)
        return self.boxed

    def in_zone(self, line: int, zone: str) -> bool:
        """Whether `line` stands in a rule's zone."""
        bits = self.facts.zones[line]
        if zone == "any":
            return True
        if zone == "head":
            return bool(bits & HEAD)
        if zone == "tail":
            return bool(bits & TAIL)
        return bool(bits)

    def matching(self, rules: Container[int]) -> dict[int, list[int]]:
        """For each of some rules that matches a line: those lines, in order. A label that another rule has cut heads its
        list still."""
        found: dict[int, list[int]] = {}
        for line in sorted(self.hits):
            for hit in self.hits[line]:
                if hit.rule in rules:
                    lines = found.setdefault(hit.rule, [])
                    if lines[-1:] != [line]:
                        lines.append(line)
        return found

    def doubled_blanks(self) -> frozenset[int]:
        """The blank lines to cut: around each group of cut lines only the larger of the blank runs on its two sides
        stays; at the top and the bottom of the text none does."""
        facts = self.facts
        count = len(facts.lines)
        extra: set[int] = set()
        if len(facts.filled) == count:
            return frozenset()
        blank = bytearray(b"\1") * count
        for line in facts.filled:
            blank[line] = 0
        stop = 0
        for line in sorted(self.taken):
            if line < stop:
                continue  # of the group before
            first = line
            while first > 0 and blank[first - 1]:
                first -= 1
            stop = line
            runs: list[list[int]] = [list(range(first, line))]
            while stop < count and (blank[stop] or stop in self.taken):
                if blank[stop]:
                    runs[-1].append(stop)
                else:
                    runs.append([])
                stop += 1
            runs_wide = max(runs, key=len)
            keep = runs_wide if first > 0 and stop < count else []
            extra.update(number for run in runs if run is not keep for number in run)
        return frozenset(extra)


def settled(cuts: Iterable[Cut]) -> list[Cut]:
    """The cuts of one phase that are made: of overlapping ones the widest, then the earliest, then by rule id."""
    proposed: dict[int, list[Cut]] = {}
    for cut in cuts:
        proposed.setdefault(cut.line, []).append(cut)
    settled: list[Cut] = []
    for line in sorted(proposed):
        some = proposed[line]
        if len(some) > 1:
            some.sort(key=lambda c: (-c.width, c.start, c.rule, -c.confidence))
        chosen = some[:1]
        if chosen[0].start != WHOLE:
            for cut in some[1:]:
                if all(cut.end <= other.start or other.end <= cut.start for other in chosen):
                    chosen.append(cut)
            chosen.sort(key=lambda c: -c.start)  # from right to left, so that making one cut does not move the next
        settled += chosen
    return settled
