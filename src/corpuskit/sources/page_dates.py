"""The dates of a page: read as ISO 8601, weighed against each other, and found where only readers are shown them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from corpuskit.metadata.moments import calendar_date
from corpuskit.model import Candidate

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["SURE_DATE", "moment", "shown_dates", "weighed_dates"]

SURE_DATE = 0.75  # the confidence of a tag that means this very article; with less, a date is looked for elsewhere

_ISO = re.compile(r"^(?:1[5-9]|20)\d\d(?:-\d\d(?:-\d\d(?:[T ]\d\d?:\d\d[\d:.,]{0,12} ?(?:Z|UTC|[+-]\d\d:?\d\d)?)?)?)?$")
_COMPACT = re.compile(r"^((?:19|20)\d\d)[ .]?(0[1-9]|1[0-2])[ .]?(0[1-9]|[12]\d|3[01])(?!\d{1,3}$)")
#: "Mon Aug 03 12:45:00 EDT 2015": how C and Java print a moment.
_CLOCK_AMID = re.compile(r"\s\d\d:\d\d(?::\d\d)?(?:\s(?:[A-Z]{1,5}|[+-]\d{4}))?(?=\s(?:19|20)\d\d$)")
_FIELDS = ("date_published", "date_modified")
_TEASER = 0.45  # below what metadata takes a candidate for
_SAME = timedelta(minutes=1)
_FARTHEST = timedelta(hours=14)  # of a clock from UTC

_LONGEST = 60  # characters of an element that shows a date and little else
_LABELS = 2  # words beside the date: "Published on", "This story is from" is one too many
_AROUND = 40  # elements before and after the heading
_MARKED = re.compile(
    r"(?:^|[\s_-])(?:date-?line|(?:publish(?:ed)?|publication|posted|pub|post|entry|article|story|news|created?)[-_]{0,2}"
    r"(?:date|day|time|on)|(?:date|time)[-_]{1,2}(?:publish(?:ed)?|posted|pub|created))(?:$|[\s_-])",
    re.IGNORECASE,
)
_MARKED_MODIFIED = re.compile(r"modif|updat|chang|revis", re.IGNORECASE)
_TAIL = re.compile(r"(?:^|\s[|–—·•-]|\s?\|)\s?([^|–—·•]{6,30})$")
_WORD = re.compile(r"[^\W\d_]{2,}")


def moment(value: str, confidence: float) -> tuple[str, float]:
    """Return a date in ISO 8601; what can be read as none stays as it is, with hardly any confidence.

    "Monday, February 12, 2024" and "12/20/2023 20:41:43" stand in tags that promise ISO.
    """
    if _ISO.match(value) and calendar_date(value):
        return value, confidence
    if compact := _COMPACT.match(value):
        return "-".join(compact.groups()), confidence
    from corpuskit.metadata.dates import written  # brings numpy and the word lists, for the rare tag that needs them
    from corpuskit.metadata.lexicon import lexicon

    dates = [date.value for date in written(_CLOCK_AMID.sub("", value), lexicon()) if date.value]
    return (dates[0], confidence - 0.05) if len(dates) == 1 else (value, 0.1)


def weighed_dates(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates of a page, in their order, with the confidence of dates weighed against each other.

    Of several values that tags of one kind state the first is the page's, the others are of teasers further down. And
    where a moment is stated in UTC and again by the clock of the place, the second names the day that readers saw.
    """
    first: dict[tuple[str, str], str] = {}
    found: list[Candidate] = []
    for one in candidates:
        if one.field in _FIELDS and one.rule != "page.json-ld":
            value = first.setdefault((one.field, one.rule), one.value)
            if value != one.value and (_moment_of(value) is None or _moment_of(value) != _moment_of(one.value)):
                one = replace(one, confidence=min(one.confidence, _TEASER))
        found.append(one)
    for field in _FIELDS:
        stated = [one for one in found if one.field == field and one.confidence > _TEASER]
        best = max(stated, key=lambda one: one.confidence, default=None)
        local = _local(best, stated) if best else None
        if best and local and local.confidence <= best.confidence:
            raised = replace(local, confidence=round(min(best.confidence + 0.01, 0.99), 3))
            found[found.index(local)] = raised
    return found


def _moment_of(value: str) -> datetime | None:
    """The moment that a value with a time of day and an offset names; None for a day alone and for anything else."""
    try:
        read = datetime.fromisoformat(value.replace(" UTC", "Z"))
    except ValueError:
        return None
    return read if read.tzinfo else None


def _local(best: Candidate, stated: Sequence[Candidate]) -> Candidate | None:
    """The candidate that tells by the clock of the place what `best` tells in UTC, if there is one."""
    at = _moment_of(best.value)
    if at is None or at.utcoffset():
        return None
    for one in stated:
        other = _moment_of(one.value)
        if other is not None and other.utcoffset() and abs(other - at) <= _SAME:
            return one
    for one in stated:  # a day alone: "Thursday, December 22, 2016" beside an early hour of the 23rd in UTC
        if len(one.value) == 10 and one.value != best.value[:10] and one.confidence >= SURE_DATE:
            try:
                day = datetime.fromisoformat(one.value).replace(tzinfo=UTC)
            except ValueError:
                continue
            if day - _FARTHEST <= at <= day + timedelta(days=1) + _FARTHEST:
                return one
    return None


def shown_dates(root: HtmlElement, heading: HtmlElement | None) -> Iterator[Candidate]:
    """Yield the dates that a page shows its readers: in elements marked so, beside the heading, at the title's end.

    For pages that state none in their tags. Only an element that holds a full date and at most a label counts.
    """
    marked = (
        node
        for node in root.iter("span", "div", "p", "li", "dd", "td", "em", "small", "strong", "time", "abbr")
        if _MARKED.search(f"{node.get('class') or ''} {node.get('id') or ''} {node.get('itemprop') or ''}")
    )
    yield from _first_of(marked, "page.date-element", 0.74)
    if heading is not None:
        below = heading.xpath("following::*[position() <= $most]", most=_AROUND)
        yield from _first_of(below, "page.date-near-heading", 0.72)
    title = root.find(".//title")
    if title is not None and (tail := _TAIL.search(" ".join(title.text_content().split()))):
        for value, _ in _dates(tail.group(1)):
            yield Candidate("date_published", value, "page", "title", "page.title-date", confidence=0.71)


def _first_of(nodes: Iterator[HtmlElement] | Sequence[HtmlElement], rule: str, confidence: float) -> Iterator[Candidate]:
    """The first date of publication and the first of change that elements show."""
    seen: set[str] = set()
    for node in nodes:
        if not isinstance(node.tag, str):
            continue
        text = " ".join(node.text_content().split())
        if not 6 <= len(text) <= _LONGEST:
            continue
        marks = f"{node.get('class') or ''} {node.get('id') or ''}"
        for value, modified in _dates(text):
            field = "date_modified" if modified or _MARKED_MODIFIED.search(marks) else "date_published"
            if field not in seen:
                seen.add(field)
                yield Candidate(field, value, "page", f"{node.tag}: {text}", rule, confidence=confidence)
        if len(seen) == len(_FIELDS):
            return


def _dates(text: str) -> list[tuple[str, bool]]:
    """The full dates of a short text that says little else, each with whether it is labelled as that of a change."""
    from corpuskit.metadata.dates import clock, written
    from corpuskit.metadata.lexicon import lexicon

    words = lexicon()
    dates = written(text, words)
    rest = text
    for start, end in sorted([(one.start, one.end) for one in dates] + clock(text), reverse=True):
        rest = f"{rest[:start]} {rest[end:]}"
    left = [word for word in _WORD.findall(rest.lower()) if word not in words.weekdays]
    if len(left) > _LABELS:
        return []
    found = []
    for at, one in enumerate(dates):
        before = text[dates[at - 1].end if at else 0 : one.start].lower()
        if len(one.value) == 10:
            found.append((one.value, any(label in before for label in words.modified if len(label) > 3)))
    return found
