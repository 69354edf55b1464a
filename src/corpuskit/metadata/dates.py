"""Dates as people write them, as ISO 8601: complete (2024-05-03) or as much as was said (2024-05, 2024).

Whether 9/8/2015 is in August or in September is told by the language and the clock beside it; where nothing
tells, only the year is given.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from corpuskit.metadata.hints import hint, look, loosened
from corpuskit.metadata.lexicon import Lexicon, alternatives
from corpuskit.patterns import later

__all__ = ["DATED", "TIMED", "Written", "clock", "iso", "written"]


@dataclass(frozen=True, slots=True)
class Written:
    """A date in a text. `value` is empty where no year is given: such a date can be cut out, not published."""

    value: str  #: ISO 8601, "2024-05-03", "2024-05" or "2024"
    start: int
    end: int


_NUMERIC = later(
    r"(?<![\d./:-])(?:"
    r"(?P<y1>(?:1[5-9]|20)\d\d)(?P<s1>[-/.])(?P<m1>\d{1,2})(?P=s1)(?P<d1>\d{1,2})(?!\d)"
    r"|(?P<y4>(?:1[5-9]|20)\d\d)(?P<m4>0[1-9]|1[0-2])(?P<d4>0[1-9]|[12]\d|3[01])(?=T\d|$)"
    r"|(?P<a2>\d{1,2})(?P<s2>\s?\.\s?|[-/])(?P<b2>\d{1,2})(?P=s2)(?P<y2>(?:1[5-9]|20)\d\d|\d\d)(?![\d/.-]\d|"
    r"\d)"
    r"|(?P<y3>(?:1[5-9]|20)\d\d)\s?[年년]\s?(?P<m3>\d{1,2})\s?[月월]\s?(?:(?P<d3>\d{1,2})\s?[日일])?"
    r"|(?P<y5>20\d\d)\.\s(?P<m5>\d{1,2})\.\s(?P<d5>\d{1,2})(?!\d)"
    r")"
)
_DIGIT = later(r"\d")
_CLOCK = later(
    r"(?<![\d.,])(?:[01]?\d|2[0-4])[:.h][0-5]\d(?:[:.][0-5]\d)?(?!\d|[.,]\d)"
    r"(?:\s?(?:a\.?m\.?|p\.?m\.?|uhr|hrs?|h|น\.)(?![a-z]))?"
    r"(?:\s?(?:[A-Z]{2,5}T|ET|PT|CT|MT|GMT|UTC|BST|IST|CET|CEST|WIB|Uhr)(?![a-z]))?(?:\s?[+-]\d\d:?\d\d)?"
    r"|\b(?:1[0-2]|0?[1-9])\s?(?:a\.m\.|p\.m\.|am|pm)(?![a-z])(?:\s?[A-Z]{2,4}\b)?",
    re.IGNORECASE,
)
#: A clock that is read in the United States: the month comes first there.
_AMERICAN = later(r"(?:\b|(?<=\d))(?:[ECMP][SD]?T|a\.?m\.?|p\.?m\.?)\b", re.IGNORECASE)


def _spellings(words: Lexicon) -> str:
    month = alternatives(words.months)
    year = r"(?:1[5-9]|20)\d\d"
    joint = r"(?:\s{0,2}(?:[-/.,]|de\s|of\s|d['’]|del\s|tháng\s)?\s{0,2})"
    return (
        rf"(?<!\w)(?P<y0>{year})\.?\s(?P<n0>{month})\.?\s(?P<d0>[0-3]?\d)(?!\d)\.?"
        rf"|(?<![\d.,/])(?P<d1>[0-3]?\d)(?:st|nd|rd|th|er|º|ª|°|\.)?{joint}(?P<n1>{month})(?![^\W\d_])\.?"
        rf"(?:{joint}(?:(?P<y1>{year})|['’]?(?P<z1>\d\d)(?![\d:.h])))?"
        rf"|(?<![^\W\d_])(?P<n2>{month})\.?[\s-]{{1,2}}(?P<d2>[0-3]?\d)(?!\d|:\d)(?:st|nd|rd|th)?"
        rf"(?:(?:\s\d\d:\d\d(?::\d\d)?)?,?\s{{0,2}}(?:de\s)?(?P<y2>{year})|,\s?['’](?P<z2>\d\d)(?!\d))?"
        rf"|(?<![^\W\d_])(?P<n3>{month})\.?,?\s{{1,2}}(?:de\s|del\s|năm\s)?(?P<y3>{year})(?!\d)"
    )


@cache
def _named(words: Lexicon) -> re.Pattern[str]:
    """Dates with the name of a month, in any of the orders in use."""
    return re.compile(_spellings(words), re.IGNORECASE)


_VIETNAMESE = later(
    r"(?P<d>[0-3]?\d)\s+tháng\s+(?P<m>[01]?\d)(?:,?\s+năm)?,?\s+(?P<y>(?:19|20)\d\d)", re.IGNORECASE
)


def _dates(words: Lexicon) -> str:
    spelled = f"|{_spellings(words)}" if words.months else ""
    vietnamese = f"|{_VIETNAMESE.pattern}" if "vi" in words.languages else ""
    return f"(?i:{_NUMERIC.pattern}{spelled}{vietnamese})"


DATED = hint(_dates, "digits")  #: what `written` needs in a line
TIMED = hint(lambda _: f"(?i:{_CLOCK.pattern})", "digits")  #: what `clock` needs


@cache
def _some(words: Lexicon) -> Callable[[str], bool]:
    """A quick look: most lines with digits hold no date."""
    return look(loosened(_dates(words)))


_SOME_CLOCK = look(loosened(f"(?i:{_CLOCK.pattern})"))


def iso(year: int, month: int = 0, day: int = 0) -> str:
    """Return the ISO form of a date, partial where `month` or `day` is 0, "" where there is no such day.

    Years of two digits are 1970 to 2069, the range of POSIX `strptime`.
    """
    if year < 100:
        year += 2000 if year < 70 else 1900
    if not 1450 <= year <= 2099 or not 0 <= month <= 12:
        return ""
    if not month:
        return f"{year:04d}"
    if not day:
        return f"{year:04d}-{month:02d}"
    if not 1 <= day <= monthrange(year, month)[1]:
        return ""
    return f"{year:04d}-{month:02d}-{day:02d}"


def clock(text: str) -> list[tuple[int, int]]:
    """Return the spans of the times of day in `text`."""
    if not _DIGIT.search(text) or not _SOME_CLOCK(text):
        return []
    return [match.span() for match in _CLOCK.finditer(text)]


def written(text: str, words: Lexicon) -> list[Written]:
    """Return the dates of a short text (a line, not a document), left to right, without overlaps."""
    found: list[Written] = []
    if _DIGIT.search(text) and _some(words)(text):
        if "vi" in words.languages:
            for match in _VIETNAMESE.finditer(text):
                value = iso(int(match["y"]), int(match["m"]), int(match["d"]))
                found.append(Written(value, *match.span()))
        for match in _NUMERIC.finditer(text):
            found.append(Written(_numeric(match, text, words), *match.span()))
        if words.months:
            for match in _named(words).finditer(text):
                found.append(Written(_spelled(match, words), *match.span()))
    found.sort(key=lambda date: (date.start, -date.end))
    kept: list[Written] = []
    for date in found:
        if not kept or date.start >= kept[-1].end:
            kept.append(date)
    return kept


def _numeric(match: re.Match[str], text: str, words: Lexicon) -> str:
    for which in ("1", "3", "4", "5"):
        if match["y" + which]:
            return iso(int(match["y" + which]), int(match["m" + which]), int(match["d" + which] or 0))
    first, second, year = int(match["a2"]), int(match["b2"]), int(match["y2"])
    if len(match["y2"]) == 2 and "." not in match["s2"] and match["s2"] != "/":
        return ""  # 10-12-14 is as often a part number as a date
    if "." in match["s2"] or first > 12:
        return iso(year, second, first)
    if second > 12:
        return iso(year, first, second)
    if first == second:
        return iso(year, first, second)
    if _AMERICAN.search(text) and words.languages[-1] == "en":
        return iso(year, first, second)
    if words.languages[0] != "en" and len(words.languages) == 2:
        return iso(year, second, first)
    return iso(year)


def _spelled(match: re.Match[str], words: Lexicon) -> str:
    for which in "0123":
        name = match["n" + which]
        if name is None:
            continue
        month = words.months[" ".join(name.lower().split())]
        day = match["d" + which] if which != "3" else "0"
        year = match["y" + which] or (match["z" + which] if which in "12" else None)
        return iso(int(year), month, int(day)) if year else ""
    return ""
