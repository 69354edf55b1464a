"""All evidence for the fields of a document, each piece as a candidate with its origin, place and confidence."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from corpuskit.metadata.bylines import bylines
from corpuskit.metadata.credits import clean_credit, glued_credit, image_credits, stated_credit
from corpuskit.metadata.dates import DATED, clock, written
from corpuskit.metadata.headlines import Marks, bare
from corpuskit.metadata.hints import hint
from corpuskit.metadata.layout import Layout, Line, quoted
from corpuskit.metadata.lexicon import Lexicon, alternatives
from corpuskit.metadata.masking import mask_text
from corpuskit.metadata.moments import calendar_date
from corpuskit.metadata.names import unglue
from corpuskit.metadata.options import Options
from corpuskit.metadata.people import people
from corpuskit.metadata.record import Byline, SourceFacts
from corpuskit.metadata.rights import rights
from corpuskit.metadata.tags import language_code
from corpuskit.metadata.title import Title, titles
from corpuskit.metadata.urls import canonical, site
from corpuskit.model import Candidate, Edit
from corpuskit.patterns import later

__all__ = ["Read", "collect", "marks"]

_TOLD = 200  # characters of a value that is not taken


@dataclass(frozen=True, slots=True)
class Read:
    """A document as its evidence is looked for."""

    raw: str
    page: Layout  #: of the raw text
    ledger: Sequence[Edit]
    given: Sequence[Candidate]
    source: SourceFacts | None
    words: Lexicon  #: the raw text is read with


def collect(read: Sequence[Read], options: Options) -> list[list[Candidate]]:
    """Return the candidates of all fields but language and counts: `given` first, then source, text, ledger.

    Field by field, and not document by document: what finds one field of all documents stays in the processor's cache.
    """
    authors = _authors([one.page for one in read], [one.words for one in read], options)
    shown = [_credits(one.page, one.words) for one in read]
    dates = [_dates(one.page, one.words, options) for one in read]
    named: Sequence[list[Candidate]] = [[]] * len(read)
    if options.title:
        known = [
            marks(one.page, by, of, on, one.ledger)
            for one, by, of, on in zip(read, authors, shown, dates, strict=True)
        ]
        named = _titles(read, known)
    stated = [_rights(one.raw, one.page, pictures) for one, pictures in zip(read, shown, strict=True)]
    first = [_beside(one) for one in read]
    return [
        [*some, *author, *credit, *date, *title, *_urls(one.given), *right]
        for one, some, author, credit, date, title, right in zip(
            read, first, authors, shown, dates, named, stated, strict=True
        )
    ]


def _beside(one: Read) -> list[Candidate]:
    """What comes with a document, what is declared of its source, and what the removed lines say."""
    found = [fitting for entry in one.given for fitting in _fitting(entry, one.words)]
    found += _from_source(one.source)
    found += _from_ledger(one.ledger, one.words, {(entry.start, entry.field) for entry in one.given if entry.start >= 0})
    return found


def _fitting(entry: Candidate, words: Lexicon) -> list[Candidate]:
    """Return what comes of a candidate that a column, a page or a cleaning rule has given, as it is published."""
    if entry.field == "image_credit" and entry.origin == "text":
        value = stated_credit(entry.value)
        return [replace(entry, value=value)] if value else []
    if entry.field == "language" and not language_code(entry.value):
        return [_refused(entry, "no language code of ISO 639")]
    return _in_iso(entry, words) if entry.field.startswith("date_") else [entry]


def _in_iso(entry: Candidate, words: Lexicon) -> list[Candidate]:
    """Return a candidate with its date in ISO 8601: rules and columns give it as it was written ("Mar 30, 2024").

    What an input gives and cannot be read as a date is refused; in a text it is no candidate.
    """
    value = calendar_date(entry.value)
    if value is None:
        value = next((date.value for date in written(entry.value, words) if date.value), "")
    if value:
        return [entry if value == entry.value else replace(entry, value=value)]
    return [] if entry.origin == "text" else [_refused(entry, "no date of the calendar")]


def _refused(entry: Candidate, why: str) -> Candidate:
    """Return a candidate that is told and never taken. A column that holds something else may hold addresses of people."""
    value = mask_text(entry.value, ("email",))[:_TOLD]
    return replace(entry, value=value, evidence=f"{entry.evidence}: {why}", confidence=0.0)


def _from_source(source: SourceFacts | None) -> list[Candidate]:
    if source is None:
        return []
    stated = (("site", source.name), ("publisher", source.publisher), ("license", source.license))
    return [
        Candidate(field, value, "given", "sources.toml", "source.declared", confidence=0.9)
        for field, value in stated
        if value
    ]


def _from_ledger(ledger: Sequence[Edit], words: Lexicon, known: set[tuple[int, str]]) -> list[Candidate]:
    """What the removed lines say, where no rule has extracted it already."""
    found: list[Candidate] = []
    for edit in ledger:
        family = edit.rule.partition(".")[0]
        if family not in ("byline", "caption"):
            continue
        text = edit.removed.strip()
        if not text or len(text) > 600:
            continue
        if edit.rule.endswith(".job"):
            continue  # "Staff reporter" is what the author is, not who
        if family == "byline" and not any((edit.start, field) in known for field in ("author", "editor")):
            for person in people(text, words):
                found.append(_candidate(person.role, person.name, text, edit, 0.9))
        elif family == "caption" and (edit.start, "image_credit") not in known:
            value = _caption_credit(text)
            if value:
                found.append(_candidate("image_credit", value, text, edit, 0.7))
    return found


def _caption_credit(text: str) -> str:
    """The credit of a line that cleaning has removed as a caption, where no label gives it away."""
    return clean_credit(glued_credit(text)) if len(text) <= 200 else ""


def _candidate(field: str, value: str, evidence: str, edit: Edit, confidence: float) -> Candidate:
    return Candidate(field, value, "text", evidence[:200], edit.rule, edit.start, edit.end, confidence)


def _authors(pages: Sequence[Layout], words: Sequence[Lexicon], options: Options) -> list[list[Candidate]]:
    found = bylines(pages, words, options.head_lines, options.tail_lines)
    return [[_author(entry, page) for entry in some] for some, page in zip(found, pages, strict=True)]


def _author(entry: Byline, page: Layout) -> Candidate:
    return Candidate(
        entry.person.role,
        entry.person.name,
        "text",
        _line_at(page, entry.start),
        f"text.{entry.sign}",
        entry.start,
        entry.end,
        entry.confidence,
    )


def _line_at(page: Layout, start: int) -> str:
    return next((line.text[:200] for line in page.lines if line.start == start), "")


def _credits(page: Layout, words: Lexicon) -> list[Candidate]:
    return [
        Candidate(
            "image_credit",
            entry.value,
            "text",
            _line_at(page, entry.start),
            "text.credit",
            entry.start,
            entry.end,
            entry.confidence,
        )
        for entry in image_credits(page, words)
    ]


def marks(
    page: Layout,
    authors: Iterable[Candidate],
    shown: Iterable[Candidate],
    dates: Iterable[Candidate],
    ledger: Sequence[Edit] = (),
) -> Marks:
    """Return what is known of the first lines: who signs, credits of pictures, dates, and what cleaning removed."""
    removed = [edit for edit in ledger if not edit.inserted]  # in order, and disjoint
    starts = [edit.start for edit in removed]

    def is_gone(line: Line) -> bool:
        at = bisect_right(starts, line.start) - 1
        return at >= 0 and line.end <= removed[at].end

    return Marks(
        frozenset(entry.start for entry in authors),
        frozenset(entry.start for entry in shown),
        frozenset(entry.start for entry in dates),
        frozenset(line.start for line in page.lines[: page.first + 1] if is_gone(line)),
    )


def _titles(read: Sequence[Read], known: Sequence[Marks]) -> list[list[Candidate]]:
    found = titles([one.page for one in read], [one.words for one in read], known)
    return [[_titled(one, value)] if value else [] for one, value in zip(read, found, strict=True)]


def _titled(one: Read, found: Title) -> Candidate:
    """The candidate for a title, with the repairs of its line."""
    value = found.value
    repairs = [edit for edit in one.ledger if edit.inserted and found.start <= edit.start and edit.end <= found.end]
    if repairs:
        text = next(line.text for line in one.page.lines if line.start == found.start)
        for edit in sorted(repairs, key=lambda edit: -edit.start):
            text = text[: edit.start - found.start] + edit.inserted + text[edit.end - found.start :]
        value = bare(text, one.page)
    return Candidate("title", value, "text", found.value, "text.headline", found.start, found.end, found.confidence)


def _urls(given: Sequence[Candidate]) -> list[Candidate]:
    found = []
    for entry in given:
        if entry.field != "url":
            continue
        name = site(entry.value)
        if name:
            found.append(Candidate("site", name, "url", entry.value, "url.host", confidence=0.8))
        plain = canonical(entry.value)
        if plain and plain != entry.value:
            found.append(Candidate("url", plain, "url", entry.value, "url.canonical", confidence=0.95))
    return found


def _rights(raw: str, page: Layout, shown: Sequence[Candidate]) -> list[Candidate]:
    """Statements about rights, those about a picture left out: "Photo: Jane Doe, CC BY 2.0"."""
    pictures = [(entry.start, entry.end) for entry in shown]
    return [entry for entry in rights(raw, page) if not any(start <= entry.start < end for start, end in pictures)]


def _dates(page: Layout, words: Lexicon, options: Options) -> list[Candidate]:
    """Dates that stand in datelines around the article, or behind a label anywhere in the head and the foot."""
    found: list[Candidate] = []
    bare: list[Candidate] = []
    depth = max(options.head_lines, min(page.first + 4, 25))
    foot = {line.start for line in page.foot(options.tail_lines)}
    pending = ""
    for at, line in enumerate(page.lines):
        if at >= depth and line.start not in foot:
            continue
        if not line.hints & _STAMPED:
            pending = ""
            continue
        label = line.text.strip(" :|•-–").lower()
        if label in words.published or label in words.modified:
            pending = "date_modified" if label in words.modified else "date_published"
            continue
        text = unglue(line.text[:240]).replace("‖", " ‖ ") if len(line.text) <= 200 else ""
        dates = [date for date in written(text, words) if date.value] if text else []
        near = at <= page.first + 3
        for place, date in enumerate(dates):
            if quoted(line, above=at <= page.first) or (
                _OTHER_LABEL.search(text[: date.start]) and not _label_before(text[: date.start].lower(), words)
            ):
                continue
            kind = pending or _label_before(text[dates[place - 1].end if place else 0 : date.start].lower(), words)
            if not kind and (near or at > page.close) and _signed(text, words):
                kind = "date_published"
            if kind:
                found.append(_dated(kind, date.value, line, 0.9))
            elif len(date.value) == 10 and place == 0:
                if near and not line.text.startswith("|") and _left_over(text, words) <= 6:
                    bare.append(_dated("date_published", date.value, line, 0.85 if clock(text) else 0.8))
                elif page.close < at <= page.close + 3 and _left_over(text, words) <= 2:
                    bare.append(_dated("date_published", date.value, line, 0.7))
        pending = ""
    return found + _agreed(bare)


#: "Event: 21.02.2020", "available until 6 May": a date of something else.
_OTHER_LABEL = later(
    r"[^\W\d_]\s?:\s{0,2}(?:[^\W\d_]{2,10}\.?,?\s)?$|(?<!\w)(?:bis|until|till|ab|from|through|since|seit|"
    r"before|after|by|due|jusqu.au|hasta|desde|fino al|tot)\s(?:zum\s|the\s)?$",
    re.IGNORECASE,
)


def _dated(field: str, value: str, line: Line, confidence: float) -> Candidate:
    return Candidate(field, value, "text", line.text[:200], "text.date", line.start, line.end, confidence)


def _agreed(bare: list[Candidate]) -> list[Candidate]:
    """Dates without a label, as far as they do not contradict each other.

    A page shows the day of the visit as well ("Monday, 30 June 2025" in its header): of two dates the one
    with a time of day is the article's. Where that does not decide, each keeps too little confidence to be
    taken.
    """
    if len({entry.value for entry in bare}) <= 1:
        return bare
    best = max(entry.confidence for entry in bare)
    alone = len({entry.value for entry in bare if entry.confidence == best}) == 1
    return [entry if alone and entry.confidence == best else replace(entry, confidence=0.4) for entry in bare]


def _label_before(before: str, words: Lexicon) -> str:
    was = [match.end() for match in _labels(words.published).finditer(before)]
    now = [match.end() for match in _labels(words.modified).finditer(before)]
    if was and (not now or was[-1] >= now[-1]):
        return "date_published"
    return "date_modified" if now else ""


#: A line that holds a date, or is a label of one.
_STAMPED = hint(lambda words: rf"^[\s:|•–-]*(?i:{alternatives(words.published | words.modified)})[\s:|•–-]*$", "start") | DATED


@cache
def _labels(labels: frozenset[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W\d_])(?:{alternatives(label for label in labels if len(label) > 3)})(?![^\W\d_])")


def _signed(text: str, words: Lexicon) -> bool:
    """Whether a line with a date is a byline: "By Jane Doe - Thursday, December 21, 2023"."""
    tokens = text.split()
    first = tokens[0].strip(":").lower()
    return len(tokens) <= 16 and (first in words.by or first in ("author", "autor", "autorin", "posted"))


def _left_over(text: str, words: Lexicon) -> int:
    """How many words a line has besides its dates, times and days of the week."""
    rest = text
    for start, end in sorted([(date.start, date.end) for date in written(text, words)] + clock(text), reverse=True):
        rest = rest[:start] + " " + rest[end:]
    return sum(token.lower() not in words.weekdays for token in re.findall(r"[^\W\d_]{2,}", rest))
