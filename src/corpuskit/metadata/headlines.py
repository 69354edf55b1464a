"""The lines above an article that may be its title: their signs as numbers, and the title that each would give."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from corpuskit.metadata.dates import DATED, TIMED, clock, written
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, alternatives
from corpuskit.metadata.names import unglue
from corpuskit.metadata.people import people
from corpuskit.patterns import later

__all__ = ["SEARCHED", "SIGNS", "Headline", "Marks", "bare", "headlines"]

SEARCHED = 14  # lines above the first paragraph that are looked at
_LEAD = 1_500  # characters of its beginning
_BODY = 12_000  # characters of the body that the words of a line are looked for in
_LINE = 4_000  # characters of one line of it
_FAR = 9  # lines: no byline or date any nearer
_CENTRAL = 3  # lines with a word from which on the article is about it

#: What is counted of a line; the model of `title` knows its columns by this order.
SIGNS = (
    "overlap", "met", "often", "lead", "central", "central_stems", "stems", "words", "one_word", "two_words",
    "full_stop", "question", "open_end", "capitals", "capitalised", "title_case", "stop_words", "colon", "quotes",
    "cut", "place", "from_end", "first", "before", "after", "candidates", "relative_length", "furniture", "dated",
    "author_below", "date_below", "author_second", "date_second", "author_above", "author_ahead", "author_gap",
    "date_gap", "at_top", "crumb_above", "short_above", "words_above", "stop_words_above", "words_below",
    "overlap_below", "capitalised_below", "text_below", "longest_above", "longest_below", "best_lead_above",
    "lone_question", "lines", "english",
)  # fmt: skip

_MARKS = later(
    r"^#{1,6}\s+|^\d{1,2}/\d{1,2}(?=[^\W\d_])|^\|\s?|\s?\|$|^[•·▪►▶]\s+|^\*{1,3}(?=\S)|(?<=\S)\*{1,3}$|^[-–—]\s+(?=[^\W\d_])"
)
_FIRST, _LAST = "#|•·▪►▶*-–—", "|*\n"  # what those begin and end with, digits aside
_QUOTED = later(r"([\"„“«»].{3,80}[\"“”»«])([A-ZÀ-Þ].+)")
_ENDING = later(r"\s[/|–-]\s(?:[^\W\d_]{3,9}\.?\s)?(?:19|20)\d\d$")
_LABEL = later(r"^(?:title|titel|headline|press release|pressemitteilung)\s?:\s?", re.IGNORECASE)
#: "NEWSThe band announces …", "REVIEW / The band …", "人物｜…": a kicker in capitals before the headline.
_KICKER = later(
    r"^(?:[A-ZÀ-ÖØ-Þ]{3,}\s?){1,3}(?=[«“„\"]|[A-ZÀ-ÖØ-Þ](?!s\b)[’'a-zß-öø-ÿ])(?<=[A-ZÀ-ÖØ-Þ])|"
    r"^(?:[A-ZÀ-ÖØ-Þ]{3,}(?:\s[A-ZÀ-ÖØ-Þ]{3,})?\s[/|·:]\s|[\u3040-\u30ff\u4e00-\u9fff]{2,4}[｜|])(?=\S)"
)
_TOKEN = later(r"[^\W\d_]{4,}|[\u3400-\u9fff\u3040-\u30ff\uac00-\ud7af]{2}|\d{2,}")
_HOME = later(
    r"(?i:home|startseite|start|accueil|inicio|hem|hjem|strona główna|ホーム|главная|головна|domů|etusivu|página inicial)(?!\w)"
)
_CRUMBS = later(
    rf"{_HOME.pattern}|"
    r".{0,120}?(?:\s[›»>/|]\s|›|»)|.{0,120}?\s[-–·•]\s.{1,60}\s[-–·•]\s"
)
_BETWEEN = frozenset("›»>/|-–·•")  # what stands between crumbs
_BARS = later(r"\s[›»>/|•·–-]\s")
_GLUED = later(r"[a-zß-ÿ]:[A-ZÀ-Þ]")  # "Crisis in the north:The latest": a kicker, or a teaser's label
_WORDS = later(r"[|:\s]")
_FURNITURE = later(
    r"(?:share|teilen|partager|compartir|subscribe|sign up|sign in|log in|login|menu|search|suche|home|"
    r"advertisement|anzeige|skip to|cookie|follow us|"
    r"newsletter|zum inhalt|courtesy|your membership|stream|read more|mehr|kontakt|contact|zurück|back to|"
    r"únete|listen|watch)(?!\w)",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Marks:
    """What is already known of the lines, by where they start: bylines, credits, dates, and what cleaning removed."""

    authors: frozenset[int] = frozenset()
    credits: frozenset[int] = frozenset()
    dates: frozenset[int] = frozenset()
    gone: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Headline:
    """A line that may be the title."""

    at: int  #: index among the lines
    value: str  #: the title that it would give
    signs: tuple[float, ...]  #: in the order of `SIGNS`
    repeated: bool  #: the line stands in the text more than once


@dataclass(frozen=True, slots=True)
class _Body:
    """Of the first letters of words those that an article has, has twice, has in three lines, and has in its lead."""

    met: frozenset[str]
    often: frozenset[str]
    central: frozenset[str]
    lead: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Share:
    """Of the content words of a line: how many there are, and the share that comes back in the article."""

    stems: int
    met: int
    often: float
    lead: float
    central: int


def headlines(page: Layout, words: Lexicon, marks: Marks) -> list[Headline]:
    """Return the lines above the first paragraph that may be the title, with their signs."""
    top = page.lines[: min(page.first, SEARCHED)]
    if not top:
        return []
    kinds = [_kind(line, words, marks) for line in top]
    values = {
        at: bare(line.text, page)
        for at, (line, kind) in enumerate(zip(top, kinds, strict=True))
        if kind not in ("author", "credit") and line.start not in marks.gone
    }
    eligible = [
        at
        for at, value in values.items()
        if 2 <= len(value) <= 260 and len(_BARS.findall(top[at].text)) < 3 and not _GLUED.search(value)
    ]
    if not eligible:
        return []
    lowered = [line.text.lower() for line in page.lines]
    stems = {at: _stems(values[at], words) for at in eligible}
    body = _body(page.lines[page.first :], lowered[page.first :], frozenset(stem for own in stems.values() for stem in own))
    shares = {at: _share(own, body) for at, own in stems.items()}
    tokens_of = {at: values[at].split() for at in eligible}
    sizes = {at: _size(values[at], tokens_of[at]) for at in eligible}
    stops = {at: _stops(tokens_of[at], words) for at in eligible}
    capitals = {at: _capitalised(tokens_of[at]) for at in eligible}
    authors, dates = ([at for at, kind in enumerate(kinds) if kind == wanted] for wanted in ("author", "date"))
    candidates = [at for at, kind in enumerate(kinds) if not kind]
    longest = max((len(top[at].text.split()) for at in candidates), default=1) or 1
    found = []
    for at in eligible:
        text, share, size = values[at], shares[at], sizes[at]
        tokens = tokens_of[at]
        content = share.stems or 1
        below, second = _below(kinds, at, 1), _below(kinds, at, 2)
        beneath = page.lines[at + 1].text if at + 1 < len(page.lines) else ""
        before = [other for other in eligible if other < at]
        behind = [other for other in eligible if other > at]
        above = at - 1 if at - 1 in eligible else -1
        under = at + 1 if at + 1 in eligible else -1
        signs = (
            share.met / content,
            min(share.met, 6) / 6,
            share.often,
            share.lead,
            share.central / content,
            min(share.central, 4) / 4,
            min(share.stems, 12),
            min(size, 30),
            size <= 1,
            size == 2,
            text.endswith(".") and not text.endswith("..."),
            text.endswith(("?", "!")),
            text.endswith((":", ",", ";", "|", "-")),
            text.isupper(),
            capitals[at],
            capitals[at] > 0.7 and len(tokens) >= 3,
            stops[at],
            any(mark in text for mark in (": ", " – ", " - ", " — ")),
            text[:1] in "\"“„«‘'",
            text != top[at].text,
            at,
            len(top) - at,
            bool(candidates) and at == candidates[0],
            bisect_left(candidates, at),
            len(candidates) - bisect_right(candidates, at),
            len(candidates),
            len(tokens) / longest,
            kinds[at] == "furniture",
            kinds[at] == "date",
            below == "author",
            below == "date",
            second == "author",
            second == "date",
            bool(authors) and authors[0] < at,
            bool(authors) and authors[-1] >= at,
            _gap(authors, at),
            _gap(dates, at),
            at == 0,
            at > 0 and kinds[at - 1] == "crumb",
            at > 0 and not kinds[at - 1] and len(top[at - 1].text.split()) <= 2,
            min(sizes[above], 30) if above >= 0 else -1,
            stops[above] if above >= 0 else -1,
            min(sizes[under], 30) if under >= 0 else -1,
            shares[under].met / (shares[under].stems or 1) if under >= 0 else -1,
            capitals[under] if under >= 0 else -1,
            min(len(beneath.split()), 40) if below in ("", "body") else -1,
            max((min(sizes[other], 30) for other in before if kinds[other] != "furniture"), default=0),
            max((min(sizes[other], 30) for other in behind if kinds[other] != "furniture"), default=0),
            max((shares[other].lead for other in before if sizes[other] > 2), default=-1),
            text.endswith("?") and at == 0 and candidates == [at],
            min(len(page.lines), 60),
            words.languages[0] == "en",
        )
        others = [values[other] for other in eligible if other != at]
        value = _inner(text, others)
        found.append(Headline(at, value, tuple(map(float, signs)), lowered.count(lowered[at]) > 1))
    return found


def _body(article: Sequence[Line], lowered: Sequence[str], wanted: frozenset[str]) -> _Body:
    """What the first lines of an article say with the `wanted` stems; others are not counted."""
    part: list[str] = []
    ends: list[int] = []  # of the lines of `part` laid end to end
    read = lead = 0
    for line, low in zip(article, lowered, strict=True):
        size = len(line.text)
        part.append(low if size <= _LINE else line.text[:_LINE].lower())
        ends.append((ends[-1] if ends else 0) + len(part[-1]) + 1)
        lead += read < _LEAD
        read += size
        if read > _BODY:
            break
    spots = _spots("\n".join(part), wanted, ends)
    places = {stem: [bisect_right(ends, at) for at in found] for stem, found in spots.items() if found}
    return _Body(
        frozenset(places),
        frozenset(stem for stem, found in places.items() if len(found) > 1),
        frozenset(stem for stem, found in places.items() if len(set(found)) >= _CENTRAL),
        frozenset(stem for stem, found in places.items() if found[0] < lead),
    )


def _spots(text: str, wanted: frozenset[str], ends: Sequence[int]) -> dict[str, list[int]]:
    """Where the words with the `wanted` stems begin, up to where there are enough of them; `ends` are those of the lines."""
    # A word of four letters and more is a run of letters, and one of digits a run of digits: a stem begins such a run.
    if all(len(stem) > 3 or stem.isdecimal() for stem in wanted):
        return {stem: _begun(text, stem, ends) for stem in wanted if stem in text}
    found: dict[str, list[int]] = {}
    for match in _TOKEN.finditer(text):
        if match.group()[:5] in wanted:
            found.setdefault(match.group()[:5], []).append(match.start())
    return found


def _begun(text: str, stem: str, ends: Sequence[int]) -> list[int]:
    """Where a run of letters or of digits begins with `stem`, or is it, where it is shorter than a stem can be.

    All places up to the second, then one in each line, until so many lines have it as make it central.
    """
    alike = str.isdecimal if stem.isdecimal() else _is_letter
    found: list[int] = []
    lines, line = 0, -1
    at, size = text.find(stem), len(stem)
    while at >= 0:
        end = at + size
        if not (at and alike(text[at - 1])) and not (size < 5 and end < len(text) and alike(text[end])):
            found.append(at)
            if line != (line := bisect_right(ends, at)):
                lines += 1
                if lines == _CENTRAL:
                    break
            if len(found) > 1:
                end = ends[line]
        at = text.find(stem, end)
    return found


def _is_letter(char: str) -> bool:
    return char.isalnum() and not char.isdecimal()


def _stems(text: str, words: Lexicon) -> list[str]:
    """The first letters of the content words of a line, each once."""
    return list(dict.fromkeys(token[:5] for token in _TOKEN.findall(text.lower()) if token not in words.stop))


def _share(own: Sequence[str], body: _Body) -> _Share:
    size = len(own) or 1
    return _Share(
        len(own),
        len(body.met.intersection(own)),
        len(body.often.intersection(own)) / size,
        len(body.lead.intersection(own)) / size,
        len(body.central.intersection(own)),
    )


def _size(text: str, tokens: Sequence[str]) -> int:
    """Words of a line; scripts that are written without spaces count a word for three letters."""
    return len(tokens) if " " in text.strip() or text.isascii() else max(1, len(text) // 3)


def _stops(tokens: Sequence[str], words: Lexicon) -> float:
    return sum(token.lower().strip(".,:;!?") in words.stop for token in tokens) / (len(tokens) or 1)


def _capitalised(tokens: Sequence[str]) -> float:
    return sum(token[:1].isupper() for token in tokens) / (len(tokens) or 1)


def _below(kinds: Sequence[str], at: int, step: int) -> str:
    """The kind of the line `step` below; "body" for the first paragraph, "-" for what lies deeper."""
    if at + step < len(kinds):
        return kinds[at + step]
    return "body" if at + step == len(kinds) else "-"


def _gap(places: Sequence[int], at: int) -> int:
    """How far the nearest of some lines is."""
    return min([*(abs(other - at) for other in places), _FAR])


def _kind(line: Line, words: Lexicon, marks: Marks) -> str:
    """What a line is if it is no headline: "author", "credit", "date", "furniture", "crumb"; else ""."""
    text, start = line.text, line.start
    if start in marks.authors:
        return "author"
    if start in marks.credits:
        return "credit"
    if start in marks.dates:
        return "date"
    if start in marks.gone or _furniture(line, words):
        return "furniture"
    if len(text) >= 120:
        return ""
    return "crumb" if (_HOME if _BETWEEN.isdisjoint(text) else _CRUMBS).match(text) else ""


def bare(text: str, page: Layout) -> str:
    """Return a headline of `page` without what extractors and templates put around it.

    Markdown's marks, a table's bars, the counter of a slide show ("01/7The garden"), a date or a site name
    behind a bar or slash, a word that stands twice; a kicker in capitals, or one of up to three words that is
    glued to it ("National marchUnions show strength"), unless the glued word is one of the text's own
    ("LinkedIn").
    """
    if text[:1] in _FIRST or text[:1].isdigit() or text[-1:] in _LAST:
        text = _MARKS.sub("", text)
    text = text.strip()
    head, bar, tail = text.rpartition(" | ")
    if bar and len(tail.split()) <= 3 and len(head.split()) >= 3 and not re.search(r"\d", tail):
        text = head.strip()
    if text[-1:].isdigit():
        text = _ENDING.sub("", text)
    if ":" in text:
        text = _LABEL.sub("", text)
    text = _KICKER.sub("", text)
    tokens = text.split(maxsplit=2)
    if len(tokens) == 3 and " " in tokens[2] and len(tokens[0]) > 3 and tokens[0].casefold() == tokens[1].casefold():
        text = text[len(tokens[0]) :].strip()
    parts = unglue(text).split("‖")
    if len(parts) == 2 and len(parts[1].split()) >= 4 and len(parts[0]) > 3 and len(parts[0].split()) <= 3:
        seam = f"{parts[0].split()[-1]}{parts[1].split(maxsplit=1)[0]}".strip(".,:;!?\"“”'’").lower()
        if sum(seam in line.text.lower() for line in page.lines) <= 1 and (parts[1][1].isalpha() or parts[1][1] == " "):
            text = parts[1]
    quoted = _QUOTED.fullmatch(text)
    return f"{quoted[1]} {quoted[2]}" if quoted else text


def _inner(text: str, others: Sequence[str]) -> str:
    """The other line that `text` begins or ends with, as "Blog Insights The garden" does above "The garden"."""
    low = text.casefold()
    best = text
    least = max(12, 0.35 * len(text))
    for other in others:
        if not least <= len(other) < len(best) or len(other.split(maxsplit=2)) < 3:
            continue
        inner = other.casefold()
        if inner != low and (low.endswith(inner) or low.startswith(inner)):
            best = other
    return best


@cache
def _labelled(words: Lexicon) -> re.Pattern[str]:
    labels = alternatives(label for label in words.published | words.modified if len(label) > 4)
    credit = alternatives(words.credit)
    return re.compile(rf"(?:{labels})(?!\w)|(?:(?:all\s)?(?:{credit}))\s?:", re.IGNORECASE)


def _furniture(line: Line, words: Lexicon) -> bool:
    """Whether a line is a date, a byline, a label, a menu entry rather than a headline."""
    text = line.text
    dates = [(date.start, date.end) for date in written(text, words)] if line.hints & DATED else []
    dates += clock(text) if line.hints & TIMED else []
    if dates:
        rest = text
        for start, end in sorted(dates, reverse=True):
            rest = rest[:start] + " " + rest[end:]
        if len(re.findall(r"[^\W\d_]{3,}", rest)) <= 4:
            return True
    tokens = text.split(maxsplit=9)
    if len(tokens) > 9:
        return False
    low = [token.strip(".,:;!?()|").lower() for token in tokens]
    if _labelled(words).match(text) or _WORDS.split(text.lower().strip(" |:"))[-1] in words.published:
        return True
    if (
        low[:1]
        and low[0] in words.by
        and len(tokens) <= 8
        and tokens[1:2]
        and tokens[1][:1].isupper()
        and people(text, words)
    ):
        return True
    if len(tokens) <= 5 and any(token in words.reading for token in low) and any(token.isdigit() for token in low):
        return True
    if len(tokens) == 1 and low[0] in words.stop:
        return True
    return bool(_FURNITURE.match(text))
