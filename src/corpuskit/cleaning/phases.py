"""The one way through cleaning: repair, facts, then rounds of span, line and context cuts to a fixpoint.

Detectors and rules propose `Cut`s; only this module decides which are made, and turns them into edits of the raw
text. A batch of documents shares the calls to the matcher and to numpy, and nothing else.
"""

from __future__ import annotations

import re
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from corpuskit import text as positions
from corpuskit import words
from corpuskit.cleaning.account import account
from corpuskit.cleaning.chosen import known_rules
from corpuskit.cleaning.detectors import DETECTORS, SELDOM
from corpuskit.cleaning.detectors.ends import LEAST_PROSE
from corpuskit.cleaning.facts import Facts, gather
from corpuskit.cleaning.line_model import LineModel, Scores, marked, named, shipped
from corpuskit.cleaning.options import Options
from corpuskit.cleaning.page import WHOLE, Cut, Page, settled
from corpuskit.cleaning.repair import repair
from corpuskit.cleaning.rules import loader as rulebook
from corpuskit.cleaning.rules.engine import Matcher
from corpuskit.cleaning.rules.rule import RuleSet
from corpuskit.cleaning.slots import known_values
from corpuskit.cleaning.templates import RULE as TEMPLATE
from corpuskit.cleaning.templates import Finder, Templates
from corpuskit.cleaning.trust import MODEL, Trust, guesses, puzzling
from corpuskit.cleaning.wrapping import unwrapped
from corpuskit.errors import LawError
from corpuskit.model import Candidate, Cleaned, Edit

__all__ = ["Cleaner", "Owner", "cleaner"]

_SUSPECTED = 0.6  # what the line model finds less likely than this is not even a suspect
_SURE_OF_HEAD = 0.99  # what the line model must say of the last short line above the first paragraph: the title is one
_LETTER = re.compile(r"\w")
_DOUBT = 0.6  # of the dial: below it, how likely the line model finds a line is not asked to the end
_IN_DOUBT = 0.85  # of the dial: what the likeliest line that stands must reach for a second look to find anything
_LOOKS_AGAIN = 3  # of 1,407 articles 124 lose more by one, 12 by a second, 4 by a third and 1 by a fourth


@dataclass(frozen=True, slots=True)
class Owner:
    """Where a text comes from: its source ("" where there is none) and the fields that came with it."""

    source: str = ""
    given: tuple[Candidate, ...] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What one kind of cuts had to say of a document, once `changes` had been made to it."""

    changes: int
    suspects: list[Cut]


class Cleaner:
    """Rules, line model and options made ready; `clean` may be called any number of times and remembers nothing."""

    def __init__(self, rules: RuleSet, options: Options, model: LineModel | None = None) -> None:
        kept = tuple(
            rule for rule in rules.rules if rule.family not in options.disable and rule.id not in options.disable
        )
        self.options = options
        self.model = model if options.model and "model" not in options.disable else None
        self.rules = RuleSet(kept)
        self._groups = named(self.rules)
        self._context = {number: rule for number, rule in enumerate(kept) if rule.scope == "context"}
        self._patternless = sorted(number for number, rule in self._context.items() if not rule.patterns)
        self._seldom = frozenset(number for number, rule in self._context.items() if rule.detector in SELDOM)
        self.matcher = Matcher(self.rules, self._seldom)
        own = {rule.id for rule in kept} - rulebook.built_in_ids() if options.rules else frozenset()
        self.trust = Trust(self.rules, own)

    @cached_property
    def _least(self) -> float:
        return self.options.least

    def clean(
        self, raws: Sequence[str], owners: Sequence[Owner] | None = None, templates: Templates | None = None
    ) -> list[Cleaned]:
        """Return what cleaning makes of each raw text, with the account proved.

        `templates` act on the texts whose source in `owners` they name.
        Raises `LawError` when an account does not add up, which is a defect of corpuskit.
        """
        repairs = [repair(raw) for raw in raws]
        repaired = [positions.apply(raw, edits) if edits else raw for raw, edits in zip(raws, repairs, strict=True)]
        read = [unwrapped(one) for one in repaired]
        found = words.scan(read)
        facts = gather(read, found)
        if owners and templates and templates.entries and not {"template", TEMPLATE} & {*self.options.disable}:
            finder = Finder(templates)
            facts = [
                replace(one, templates=finder.marks(one, owner.source, known_values(owner.source, owner.given)))
                for one, owner in zip(facts, owners, strict=True)
            ]
        pages = self._open(facts)
        for page, owner in zip(pages, owners or (), strict=False):
            page.given = owner.given
        whole = [range(len(page.left)) for page in pages]
        scores = self._look(pages, whole, self.model, found) if self.model else None
        del found  # of a long text several times its size
        suspects = [self._settle(page) for page in pages]
        if self.model and scores:
            self._explain(pages, whole, self.model, scores)
            del scores  # a kilobyte for each line
            self._look_again(pages, suspects, self.model)
        return [
            account(raw, edits, text, page, doubts, self.options)
            for raw, edits, text, page, doubts in zip(raws, repairs, repaired, pages, suspects, strict=True)
        ]

    def _open(self, facts: list[Facts]) -> list[Page]:
        """Return a page for each document, with the hits of its lines, from one call to the matcher."""
        pages = [Page(one, list(one.lines), bytearray(len(one.lines))) for one in facts]
        owners = [(page, line) for page in pages for line in page.facts.filled]
        whole, parts = self.matcher.match([page.left[line] for page, line in owners])
        for hit in whole:
            page, line = owners[hit.line]
            page.hits.setdefault(line, []).append(hit)
        for hit in parts:
            page, line = owners[hit.line]
            page.parts.setdefault(line, []).append(hit)
        for page in pages:
            self.trust.spare_stories(page)
        return pages

    def _look(
        self,
        pages: Sequence[Page],
        kept: Sequence[Sequence[int]],
        model: LineModel,
        found: words.Words,
        least: float = 0.0,
    ) -> Scores:
        """Let the line model look at what is left of the documents, and at what rules match in it.

        `kept` are the lines that it is made of, `found` its words. Nothing is asked about documents no line of which
        is residue with a probability of `least`.
        """
        doubt = _DOUBT * self._least
        long = bytearray()
        for page, some, first in zip(pages, kept, _firsts(pages, found), strict=True):
            long += bytes(first - len(long))  # a text may end in a line that is empty
            long += page.facts.long if len(some) == len(page.left) else bytes([page.facts.long[line] for line in some])
        long += bytes(len(found.line_starts) - len(long))
        floors = np.where(np.frombuffer(long, dtype=bool), min(LEAST_PROSE, doubt), doubt)
        scores = model.score((), self._told(pages, kept, found), found, floors, least)
        for page, some, said in zip(pages, kept, scores.lines, strict=True):
            chances = said.tolist()
            if len(some) < len(page.left):
                every = [0.0] * len(page.left)
                for line, chance in zip(some, chances, strict=False):
                    every[line] = chance
                chances = every
            chances += [0.0] * (len(page.left) - len(chances))
            page.chances = array("d", chances)
            likely = [line for line, chance in enumerate(chances) if chance >= _SUSPECTED]
            page.likely = tuple(sorted(likely, key=chances.__getitem__, reverse=True))
        return scores

    def told(self, texts: Sequence[str]) -> NDArray[np.uint8]:
        """Return what the line model is told of each line of some texts (see `hits.marked`): it learns from the same."""
        found = words.scan(texts)
        pages = self._open(gather(texts, found))
        return self._told(pages, [range(len(page.left)) for page in pages], found)

    def _told(self, pages: Sequence[Page], kept: Sequence[Sequence[int]], found: words.Words) -> NDArray[np.uint8]:
        lines: list[int] = []
        rules: list[int] = []
        for page, some, first in zip(pages, kept, _firsts(pages, found), strict=True):
            shown = [(line, self.trust.shown(page, line)) for line in page.hits]
            place = {line: number for number, line in enumerate(some)} if len(some) < len(page.left) else None
            for line, hits in (*shown, *page.parts.items()):
                number = line if place is None else place.get(line, -1)
                if number >= 0:
                    lines += [first + number] * len(hits)
                    rules += [hit.rule for hit in hits]
        return marked(self._groups, lines, rules, len(found.line_starts))

    def _explain(
        self, pages: Sequence[Page], kept: Sequence[Sequence[int]], model: LineModel, scores: Scores
    ) -> None:
        """Write into each cut of the line model what speaks for it, from the `scores` of the lines `kept`."""
        asked: list[tuple[int, int]] = []
        cuts: list[tuple[Page, Cut]] = []
        for number, (page, some) in enumerate(zip(pages, kept, strict=True)):
            for line, cut in page.taken.items():
                if cut.rule == MODEL and not cut.evidence:
                    asked.append((number, bisect_left(some, line)))
                    cuts.append((page, cut))
        for (page, cut), reasons in zip(cuts, model.reasons(scores, asked), strict=True):
            named = ", ".join(f"{name} {weight:+.1f}" for name, weight in reasons) or "as the lines around it"
            page.taken[cut.line] = cut._replace(evidence=f"line model: {named}")

    def _look_again(self, pages: Sequence[Page], suspects: list[list[Cut]], model: LineModel) -> None:
        """Let the line model look again at documents that have lost something and hold suspects, until they lose no more.

        What stood beside a menu now stands beside the text: "Helyi hírek" under the sections of a paper, "FOTO" under a
        caption. So cleaning what is clean finds next to nothing.
        """
        again = [n for n, page in enumerate(pages) if page.taken and self._is_in_doubt(page) and not puzzling(page)]
        for _ in range(_LOOKS_AGAIN):
            some = [pages[number] for number in again]
            kept = [[line for line in range(len(page.left)) if not page.gone[line]] for page in some]
            scores = self._look(some, kept, model, _words_left(some, kept), self.options.least)
            more = [n for n in again if any(pages[n].chances[line] >= self.options.least for line in pages[n].likely)]
            again = []
            for number in more:
                before = len(pages[number].taken)
                suspects[number] = self._settle(pages[number])
                if len(pages[number].taken) > before:
                    again.append(number)
            self._explain(some, kept, model, scores)
            del scores
            if not again:
                break

    def _is_in_doubt(self, page: Page) -> bool:
        """Whether a line stands that a second look may cut."""
        least = _IN_DOUBT * self.options.least
        return any(chance >= least and stands for chance, stands in zip(page.chances, page.stands, strict=True))

    # ------------------------------------------------------------------------------------------ one document

    def _settle(self, page: Page) -> list[Cut]:
        """Cut until nothing more is to be cut; return what was doubted and stays."""
        # Each round takes something away, so this ends; a stack of labels, each an orphan once the next is gone, takes
        # a round for each. One round more than there are characters would be a defect.
        asked: dict[str, _Asked] = {}
        for _ in range(len(page.facts.text) + 2):
            suspects: list[Cut] = []
            if not self._round(page, suspects, asked):
                return suspects
        raise LawError("cleaning did not come to rest")

    def _round(self, page: Page, suspects: list[Cut], asked: dict[str, _Asked]) -> bool:
        """Make one round of cuts; return whether any was made. `asked` is what earlier rounds have found.

        `suspects` gets what was doubted, which is all that counts of a round in which nothing was cut.
        """
        done = False
        for phase in (self._span_cuts, self._line_cuts, self._context_cuts):
            before = asked.get(phase.__name__)
            if before and before.changes == page.changes:
                suspects += before.suspects
                continue
            proposed = [cut for cut in phase(page) if page.stands[cut.line]]
            sure = [cut for cut in proposed if self._is_sure(cut)]
            doubted = [cut for cut in proposed if not self._is_sure(cut)] if len(sure) < len(proposed) else []
            asked[phase.__name__] = _Asked(page.changes, doubted)
            suspects += doubted
            for cut in settled(sure) if sure else ():
                done = True
                self._make(page, cut)
        if not done:
            for cut in self._head_cuts(page):
                if self._is_sure(cut):
                    done = True
                    self._make(page, cut)
                else:
                    suspects.append(cut)
        return done

    def _is_sure(self, cut: Cut) -> bool:
        return cut.confidence >= self._least and (self.options.preview or not cut.preview)

    def _span_cuts(self, page: Page) -> Iterable[Cut]:
        for line, hits in page.parts.items():
            for hit in hits:
                rule = self.rules[hit.rule]
                if page.in_zone(line, rule.zone):
                    start, end = _with_blank(page.left[line], hit.start, hit.end)
                    whole = not _LETTER.search(page.left[line][:start] + page.left[line][end:])
                    yield Cut(
                        line,
                        rule.id,
                        rule.confidence,
                        rule.why,
                        WHOLE if whole else start,
                        WHOLE if whole else end,
                        hit.fields,
                        rule.status == "preview",
                    )

    def _line_cuts(self, page: Page) -> Iterable[Cut]:
        rules = self.rules.rules
        for line, hits in page.hits.items():
            if page.gone[line]:
                continue
            for hit in hits:
                rule = rules[hit.rule]
                if rule.scope == "line" and (rule.zone == "any" or page.in_zone(line, rule.zone)):
                    preview = rule.status == "preview"
                    sure = self.trust.confidence(page, line, hit.rule)
                    yield Cut(line, rule.id, sure, rule.why, WHOLE, WHOLE, hit.fields, preview)

    def _context_cuts(self, page: Page) -> Iterable[Cut]:
        for line, confidence, evidence in page.facts.templates:
            yield Cut(line, TEMPLATE, confidence, evidence)
        yield from self._model_cuts(page, page.facts.long.find(1), len(page.chances))
        # looked up once for all rules: there are some hundred, and most pages have hits of two or three
        matching = page.matching(self._context)
        seldom = {name: few(page) for name, few in SELDOM.items()}
        asked = self._seldom if any(seldom.values()) else frozenset()
        numbers = sorted({*self._patternless, *asked, *matching}) if asked or matching else self._patternless
        for number in numbers:
            rule = self._context[number]
            lines = matching.get(number, [])
            if rule.zone != "any":
                lines = [line for line in lines if page.in_zone(line, rule.zone)]
            if number in asked:
                few = [line for line in seldom[rule.detector] if page.in_zone(line, rule.zone)]
                lines = [line for line in few if self.matcher.fits(number, page.left[line])]
            if lines or not rule.patterns:
                for cut in DETECTORS[rule.detector](page, rule, lines, self.matcher):
                    yield cut._replace(preview=True) if rule.status == "preview" else cut

    def _head_cuts(self, page: Page) -> Iterable[Cut]:
        """What the line model says of the lines above the first paragraph, asked when the rules have come to rest.

        The last short line that is left there is the title, however much it looks like a section: it stays.
        """
        first = page.facts.long.find(1)
        if not any(line < first for line in page.likely):
            return
        left = {line for line in range(max(first, 0)) if page.standing(line)}
        for cut in self._model_cuts(page, 0, first):
            if self._is_sure(cut):
                if len(left) == 1 and cut.confidence < _SURE_OF_HEAD:
                    continue
                left.remove(cut.line)
            yield cut

    def _model_cuts(self, page: Page, start: int, end: int) -> Iterable[Cut]:
        """What the line model proposes among the lines `[start, end)`, the most likely first; tables and lists stay."""
        start = max(start, 0)
        lines = [line for line in page.likely if start <= line < end and page.stands[line]]
        if not lines:
            return
        data = page.data()
        for line, sure in zip(lines, guesses(page, lines), strict=True):
            if line in data or line in self.trust.entries(page) or page.signs_quotation(line):
                continue
            yield Cut(line, MODEL, sure, "" if sure >= self._least else "the line model doubts it")

    def _make(self, page: Page, cut: Cut) -> None:
        line = cut.line
        facts = page.facts
        if cut.fields or cut.start != WHOLE:
            inner = page.inner.get(line, ())
            seen = positions.view(facts.lines[line], inner)
            self._harvest(page, cut, seen)
        if cut.start == WHOLE:
            page.gone[line] = 1
            page.taken[line] = cut
            page.keep(line, "")
        else:
            removed = seen.text[cut.start : cut.end]
            edit = Edit(cut.rule, cut.start, cut.end, removed, "", cut.evidence, cut.confidence)
            page.inner[line] = positions.compose(facts.lines[line], inner, (edit,))
            page.keep(line, seen.text[: cut.start] + seen.text[cut.end :])
        page.parts.pop(line, None)
        if page.standing(line):
            page.hits.pop(line, None)
            hits, parts = self.matcher.match([page.left[line]])
            if hits:
                page.hits[line] = hits
            if parts:
                page.parts[line] = parts

    def _harvest(self, page: Page, cut: Cut, seen: positions.View) -> None:
        """Keep what a rule extracts from the line that it cuts, which reads as `seen`."""
        offset = page.facts.edges[cut.line]
        for field, start, end in cut.fields:
            if start < end:
                a, b = seen.lift(start, end)
                page.candidates.append(
                    Candidate(
                        field, seen.text[start:end].strip(), "text", seen.text.strip()[:200], cut.rule,
                        offset + a, offset + b, cut.confidence,
                    )
                )  # fmt: skip


def _firsts(pages: Sequence[Page], found: words.Words) -> list[int]:
    """The number of the first line of each page among those of the batch, of which `found` are the words."""
    firsts: list[int] = np.searchsorted(found.line_docs, np.arange(len(pages))).tolist()
    return firsts


def _words_left(pages: Iterable[Page], kept: Iterable[Iterable[int]]) -> words.Words:
    """The words of some lines of each page, in what is left of them."""
    return words.scan(["\n".join([page.left[line] for line in lines]) for page, lines in zip(pages, kept, strict=True)])


def _with_blank(line: str, start: int, end: int) -> tuple[int, int]:
    """Widen a cut over the blanks that would be left doubled, or dangling at either end of the line."""
    while start > 0 and line[start - 1].isspace() and (end == len(line) or line[end].isspace()):
        start -= 1
    if start == 0:
        while end < len(line) and line[end].isspace():
            end += 1
    return start, end


def cleaner(options: Options = Options(), own: tuple[rulebook.RuleFile, ...] | None = None) -> Cleaner:  # noqa: B008 - frozen
    """Return the cleaner for `options`, with the shipped line model, the built-in rules and `own`: by default those of the
    folders in `options` as they are now.

    Raises `RuleError` for rules that do not load, `ConfigError` for a disabled rule that there is not.
    """
    return _made(options, rulebook.read_own(options.own_rules) if own is None else own)


@lru_cache(maxsize=8)
def _made(options: Options, own: tuple[rulebook.RuleFile, ...]) -> Cleaner:
    rules = known_rules(options, own)
    try:
        model = shipped() if options.model else None
    except FileNotFoundError:
        model = None
    return Cleaner(rules, options, model)
