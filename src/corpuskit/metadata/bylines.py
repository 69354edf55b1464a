"""Who wrote a text, found in the text itself: byline, name with a date, bare name, biography, sign-off.

Each finding says by which sign it was made. The signs differ in strength: "By Jane Doe" on a line of its own
is plain; a bare name needs something that confirms it (its place under the headline, a date, a job title, a
biography that opens with it).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from corpuskit.metadata.agencies import sigla
from corpuskit.metadata.bare import STAFF, bare, listed, only_names
from corpuskit.metadata.biographies import biographies, sign_offs
from corpuskit.metadata.dates import DATED, TIMED, clock, written
from corpuskit.metadata.eastern import EAST, is_eastern
from corpuskit.metadata.hints import hint
from corpuskit.metadata.layout import SHOWN, Layout, Line, quoted
from corpuskit.metadata.lexicon import Lexicon, alternatives, lexicon
from corpuskit.metadata.names import AGENCIES, is_organisation, known, unglue
from corpuskit.metadata.people import people
from corpuskit.metadata.record import Byline, Person
from corpuskit.metadata.signatures import signatures, without_employers
from corpuskit.metadata.stamped import NOBODY, dated
from corpuskit.patterns import later

__all__ = ["bylines"]

_LONGEST = 160  # characters of a byline
_DEEPEST = 25  # lines from the top that can still be above the article

_COMMENTS = later(
    r"(?:\d{1,5}\s)?(?:comments?|leave a (?:reply|comment)|kommentare|commentaires?|comentarios?|responses?|"
    r"replies|"
    r"trackbacks|reacties|komentarze|komentáře|комментарии|kommentarer|kommentar (?:schreiben|hinzufügen)|"
    r"post a comment|"
    r"no comments|add a new comment|join the (?:discussion|conversation))(?:\s?[(:\d].{0,20})?$|"
    r"[^\s].{0,40}?\ssays:?$",
    re.IGNORECASE,
)
#: "This post was written by …", in the middle of a sentence.
_WRITTEN_BY = later(
    r"\b(?:written|authored|posted|penned|contributed|verfasst|geschrieben|écrit|rédigé|escrito|"
    r"scritto)\s(?:by|von|par|por|da)\s(?=[A-ZÀ-Þ])",
)
_HANDLE = later(r"[^\W_][\w.-]{1,29}")
_TALK = hint(lambda _: rf"(?i:{_COMMENTS.pattern})", "start")


@dataclass(frozen=True, slots=True)
class _Ends:
    """The lines of a text around its article."""

    page: Layout
    words: Lexicon
    top: Sequence[Line]
    bottom: Sequence[Line]  #: those of the foot that are not among the top
    foot: Sequence[Line]  #: up to where readers' comments begin, embedded posts left out
    whole: Sequence[Line]  #: all lines of the foot


def bylines(pages: Sequence[Layout], words: Sequence[Lexicon], head: int, tail: int) -> list[list[Byline]]:
    """Return who the head and the foot of each page name as having made the text.

    The head is the first `head` lines, or all lines above the article and the first of its paragraphs; the
    foot is the last `tail` lines, up to where readers' comments begin.
    """
    every = [_ends(page, own, head, tail) for page, own in zip(pages, words, strict=True)]
    found: list[list[Byline]] = [[] for _ in every]
    # Sign by sign, and not text by text: what looks for one sign stays in the processor's cache.
    for finder in _FINDERS:
        for ends, said in zip(every, found, strict=True):
            said += finder(ends)
    for ends, said in zip(every, found, strict=True):
        if not any(entry.person.role == "author" for entry in said):
            body = ends.page.lines
            if ends.page.hints & _TALK:
                body = body[: next((at for at, line in enumerate(body) if _comments(line)), len(body))]
            said += signatures(ends.page, body, ends.words)
    return [_settled(said, ends) for ends, said in zip(every, found, strict=True)]


def _ends(page: Layout, words: Lexicon, head: int, tail: int) -> _Ends:
    depth = max(head, min(page.first + 3, _DEEPEST))
    end = min(depth, page.close + 1) if page.close >= 0 else depth  # what stands below a short article is its foot
    top, whole = page.head(end), page.foot(tail)
    foot = whole
    if page.hints & SHOWN:
        top = [line for at, line in enumerate(top) if not quoted(line, above=at <= page.first)]
        foot = [line for line in whole if not quoted(line, above=False)]
    if page.hints & _TALK:
        foot = foot[: next((at for at, line in enumerate(foot) if _comments(line)), len(foot))]
    last = top[-1].start if top else -1
    bottom = foot if not foot or foot[0].start > last else [line for line in foot if line.start > last]
    return _Ends(page, words, top, bottom, foot, whole)


def _stated(ends: _Ends) -> list[Byline]:
    """Bylines at the head and at the foot."""
    found = _nearby(_opened(ends.top, ends.words, 0.95), ends.top)
    below = _opened(ends.bottom, ends.words, 0.9)
    if not below:
        return found
    heard = {entry.person.name for entry in found if entry.person.role == "author"}
    named = {entry.person.name for entry in below if entry.person.role == "author"}
    places = {entry.start for entry in below if entry.person.role == "author"}
    # Several bylines at the foot belong to teasers, and so does one that differs from the one at the head.
    return found + [
        entry
        for entry in below
        if entry.person.role != "author"
        or (entry.person.name in heard if heard else len(places) == 1 or len(named) == 1)
    ]


def _settled(found: list[Byline], ends: _Ends) -> list[Byline]:
    """What was found, without employers, and without authors who have another part or no name."""
    if not found:
        return found
    found = without_employers(found)
    others = {entry.person.name for entry in found if entry.person.role != "author" and entry.sign == "byline"}
    return [
        entry
        for entry in found
        if entry.person.role != "author"
        or (
            (entry.sign == "byline" or entry.person.name not in others)
            and (entry.sign not in ("byline", "dated") or _of_names(entry, ends.page, ends.words))
        )
    ]


def _comments(line: Line) -> bool:
    """Whether readers' comments begin with a line."""
    return bool(line.hints & _TALK) and len(line.text) <= 80 and bool(_COMMENTS.match(line.text))


def _of_names(entry: Byline, page: Layout, words: Lexicon) -> bool:
    """Whether what stands in the place of a byline is a name and no heading: "By / Senior Life", "By Audience"."""
    person = entry.person
    if person.kind == "organisation" and " " in person.name:
        last = person.name.split()[-1].lower()  # "Gazette staff reporter" is what somebody is, and not who
        return last not in words.jobs or last in words.organisations or last in STAFF or last.endswith("s")
    if person.kind == "organisation" or known(person.name) or not person.name[0].isupper():
        return True
    return (entry.sign == "byline" and entry.confidence >= 0.95 and " " in person.name) or only_names(
        person.name, page, words
    )


def _nearby(found: list[Byline], block: Sequence[Line]) -> list[Byline]:
    """Findings without the authors more than three lines below the first: product lists are full of "by"."""
    at = {line.start: place for place, line in enumerate(block)}
    first = next((entry for entry in found if entry.person.role == "author"), None)
    if first is None:
        return found
    crew = {entry.person.name for entry in found if at[entry.start] <= at[first.start] + 3}
    return [
        entry
        for entry in found
        if entry.person.role != "author"
        or entry.start == first.start
        or (entry.person.name in crew and " " in entry.person.name)
    ]


#: Where a line or one of its stretches begins.
_BEGINS, _RESUMES = r"^[^\w(@]{0,4}", r"[|•·]\s{0,2}|\d\s[-–]\s"


def _openings(words: Lexicon, place: str) -> str:
    plain = alternatives(words.by)
    labels = alternatives(words.roles)
    verbs = alternatives(
        label for label in words.roles if label.split()[-1] in words.by | {"of", "de", "di", "af", "av", "van"}
    )
    return (
        rf"(?:{place})(?:(?i:{plain})(?:\s{{0,2}}:\s{{0,2}}|\s{{1,3}}|"
        rf"(?=[A-ZÀ-Þ][^\W\d_A-ZÀ-Þ]))"  # not the first letters of "DEPORTES"
        rf"|(?i:{labels})(?:\s{{0,2}}[:|–-]\s{{0,2}}|\s{{1,3}}(?i:{plain})\s{{1,3}})|"
        rf"(?i:{verbs})\s{{1,3}})(?=\S)"
    )


@cache
def _opening(words: Lexicon) -> re.Pattern[str]:
    """A byline word or a label, at the start of a line or of one of its stretches."""
    return re.compile(_openings(words, f"{_BEGINS}|{_RESUMES}"))


def _opening_in(text: str, words: Lexicon) -> re.Match[str] | None:
    """The first of them in a line. Where no language has any, those of the text's own need not be compiled: that takes
    twenty milliseconds for each of two dozen languages, in most of which no such line is ever met."""
    if words.languages != ("en",) and not _opening(lexicon(None)).search(text):
        return None
    return _opening(words).search(text)


def _essays(words: Lexicon) -> str:
    """ "An essay by Jane Doe", "Eine Kritik von …", "Un texte inédit de …"."""
    ends = alternatives(words.by | {"de", "di", "van", "av", "af"})
    return rf"(?i:an?|eine?|une?|una|uno|uma?|een|en|ett?)\s(?:[^\W\d_]{{2,20}}\s){{1,3}}(?i:{ends})\s(?=[A-ZÀ-Þ])"


_LABELLED = hint(lambda words: _openings(words, _BEGINS), "start") | hint(lambda words: _openings(words, _RESUMES))
_SPOKEN, _EASTERN, _ESSAY = hint(lambda _: _WRITTEN_BY.pattern), hint(lambda _: EAST), hint(_essays, "start")
_OPENS = _LABELLED | _SPOKEN | _EASTERN | _ESSAY
#: A line that is a label, or a label and a date.
_LABEL = DATED | TIMED | hint(
    lambda words: rf"^[\s:•–|-]*(?i:{alternatives([*words.by, *words.roles, *words.about])})[\s:•–|-]*$", "start"
)


def _opened(block: Sequence[Line], words: Lexicon, confidence: float) -> list[Byline]:
    """Lines with a byline word or a label, and lines under a label that stands alone."""
    found: list[Byline] = []
    for at, line in enumerate(block):
        text = line.text
        if not line.hints & _OPENS:
            if at + 1 < len(block):
                found += _labelled_below(line, block[at + 1], words)
            continue
        if len(text) > 90:  # "By Jane Doe, Staff WriterJane Doe is …": the paragraph is glued to it
            first = unglue(text[:_LONGEST]).split("‖")[0]
            text = first if 8 < len(first) < 100 and (len(text) > _LONGEST or text.endswith(".")) else text
        spoken = _WRITTEN_BY.search(text) if line.hints & _SPOKEN and len(text) <= 400 else None
        opened = _opening_in(text, words) if line.hints & _LABELLED and len(text) <= _LONGEST else None
        eastern = _eastern(text, words)
        found += [Byline(person, "byline", line.start, line.end, confidence) for person in eastern]
        if eastern:
            continue
        essay = _essay(words).match(text) if line.hints & _ESSAY and len(text) <= 70 else None
        if essay and not opened:
            crew = people(text[essay.end() :], words)
            if len(crew) == 1 and crew[0].name == text[essay.end() :].strip(" .") and " " in crew[0].name:
                found.append(Byline(crew[0], "byline", line.start, line.end, 0.85))
                continue
        if opened:
            start = opened.start() + (text[opened.start()] in "|•·0123456789")
            crew = _crew(text[start:], text[opened.end() :], words)
            found += [Byline(person, "byline", line.start, line.end, confidence) for person in crew]
            if crew:
                continue
        if spoken:
            crew = people(text[spoken.end() : spoken.end() + 60].split(". ")[0], words)[:1]
            if (
                crew
                and crew[0].kind == "person"
                and " " in crew[0].name
                and _follows(text[spoken.end() :], crew[0].name)
            ):
                found.append(Byline(crew[0], "byline", line.start, line.end, 0.8))
            continue
        if at + 1 < len(block):
            found += _labelled_below(line, block[at + 1], words)
    return found


def _eastern(text: str, words: Lexicon) -> tuple[Person, ...]:
    """The people of a labelled line in Chinese, Japanese or Korean: "作者：…", "聞き手　…", "… 기자"."""
    if len(text) > 40 or text.isascii() or not is_eastern(text):
        return ()
    head = re.match(r"[^：:｜|　\s/]{1,10}(?=\s?[：:｜|　/]|\s)", text)
    labels = [*re.split("[・·]", head.group()), head.group()] if head else []
    label = any(part in words.roles for part in labels)
    return people(text, words) if label or text.endswith(("記者", "记者", "기자")) else ()


@cache
def _essay(words: Lexicon) -> re.Pattern[str]:
    return re.compile(_essays(words))


def _crew(text: str, rest: str, words: Lexicon) -> tuple[Person, ...]:
    # A pen name or a siglum: "Author: Bo2man on 29 December", "Von dpa 30.04.2024".
    bare = _loose_end(words).sub("", _without_dates(rest, words).strip(" ,|•-–."))
    lone = bare.split()
    camel = len(lone) == 1 and unglue(lone[0]) != lone[0]
    crew = () if camel else people(text, words)
    if (
        crew
        and crew[0].kind == "organisation"
        and " " not in crew[0].name
        and crew[0].name.lower() not in AGENCIES
        and len(lone) > 1
    ):
        return ()  # "by AI at work"
    if crew and _plausible(rest, crew):
        return crew
    if (
        len(lone) == 1
        and _HANDLE.fullmatch(lone[0])
        and not lone[0].isdigit()
        and not any(lone[0].lower() in some for some in (words.stop, words.jobs, NOBODY))
        and (lone[0].lower() in AGENCIES or lone[0][0].isupper() or ":" in text[: len(text) - len(rest)])
    ):
        return (Person(lone[0], "author", "organisation" if lone[0].lower() in AGENCIES else "person"),)
    if lone and lone[0].lower() == "the" and len(lone) <= 5 and is_organisation(" ".join(lone[1:]), words):
        return (Person(" ".join(lone[1:]), "author", "organisation"),)
    return ()


def _without_dates(text: str, words: Lexicon) -> str:
    spans = [(date.start, date.end) for date in written(text, words)] + clock(text)
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " " + text[end:]
    text = _weekdays(words).sub(" ", text) if spans else text
    return " ".join(text.split())


@cache
def _weekdays(words: Lexicon) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{alternatives(words.weekdays)})(?!\w)", re.IGNORECASE)


@cache
def _loose_end(words: Lexicon) -> re.Pattern[str]:
    """A preposition or label that is left at the end when the date behind it is cut."""
    return re.compile(rf"\s(?:{alternatives(words.places | words.published | words.modified)})$")


def _labelled_below(line: Line, below: Line, words: Lexicon) -> list[Byline]:
    """A label alone on its line ("Written by", "Author", "by | 5 November") and the name under it."""
    if not line.hints & _LABEL or len(line.text) > 60 or len(below.text) > 80:
        return []
    label = _without_dates(line.text, words).strip(" :•-–|").lower()
    if label not in words.by and label not in words.roles and label not in words.about:
        return []
    if _heading(below.text, words):
        return []
    crew = people(f"by {below.text}", words)
    if not crew or not _plausible(below.text, crew):
        return []
    role = words.roles.get(label, "author")
    return [
        Byline(replace(person, role=role) if person.role == "author" else person, "byline", below.start, below.end, 0.9)
        for person in crew
    ]


def _heading(text: str, words: Lexicon) -> bool:
    """Whether a line below an orphaned "By" says something else: "Published in Layout", "Reading time: 3 min"."""
    low = text.lower().lstrip("•|-– ")
    tokens = low.split()
    if len(tokens) == 1 and tokens[0] in words.stop:
        return True  # a button
    if not tokens or low.startswith(_readings(words)):
        return True
    first = tokens[0].strip(":")
    return first in words.published or first in words.modified


@cache
def _readings(words: Lexicon) -> tuple[str, ...]:
    return tuple(sorted(label for label in words.reading if " " in label))


def _plausible(rest: str, crew: Sequence[Person]) -> bool:
    """Whether what follows the byline word is a byline: a name opens it, and it is no sentence."""
    if not _follows(rest, crew[0].name):
        return False
    small = [token for token in rest.split() if token[:1].islower()]
    return len(small) <= 8 and not (rest.endswith((".", "?", "!")) and len(rest.split()) > 14)


def _follows(rest: str, name: str) -> bool:
    opening = unglue(rest.lstrip(' :|–-"“‖')).replace("‖", " ").split()[:6]
    return name.split(maxsplit=1)[0].casefold() in " ".join(opening).casefold()


def _amid(ends: _Ends) -> list[Byline]:
    """A byline below the article and above its comments: "Posted by Jane at 3 May 2024", "Written by Jane Doe".

    It counts where it is the only one there: lists of books and films are full of them.
    """
    page, words = ends.page, ends.words
    if not page.hints & _POSTED:
        return []
    seen = {line.start for line in [*ends.top, *ends.foot]}
    found = []
    for line in page.lines[page.first + 1 :]:
        if _comments(line):
            break
        if not line.hints & _POSTED or line.start in seen or len(line.text) > 80:
            continue
        if not line.text.lower().startswith(_verbs(words)):
            continue
        rest = None if quoted(line, above=False) else _opening(words).match(line.text)
        bare = _without_dates(line.text[rest.end() :], words).split() if rest else []
        while len(bare) > 1 and bare[-1].lower().strip(",|•-") in words.places | words.published | {""}:
            bare.pop()
        crew = _crew(line.text, line.text[rest.end() :], words) if rest else ()
        size = sum(len(person.name.split()) for person in crew)
        if crew and all(person.kind == "person" for person in crew) and len(bare) <= size + 1:
            found += [Byline(person, "byline", line.start, line.end, 0.8) for person in crew]
    return found if len({entry.start for entry in found}) == 1 else []


@cache
def _verbs(words: Lexicon) -> tuple[str, ...]:
    """Labels of authors that end in a byline word: "posted by", "geschrieben von"."""
    return tuple(
        sorted(
            label for label, role in words.roles.items() if role == "author" and label.split()[-1] in words.by
            and len(label.split()) == 2 and not label.startswith(("more", "mehr", "read", "see"))
        )
    )  # fmt: skip


_POSTED = hint(lambda words: rf"(?i:{alternatives(_verbs(words))})", "start")


def _closing(foot: Sequence[Line], words: Lexicon) -> list[Byline]:
    """Names in parentheses at the very end of a paragraph: "… said the mayor. (Jane Doe, Bo Li, 3.5.2024)"."""
    found = []
    for line in foot:
        if line.text[-1] != ")" or len(line.text) <= 60:
            continue
        match = re.search(r"[.!?“”\"»]\s?\((?P<names>[A-ZÀ-Þ][^()]{5,90})\)$", line.text[-120:])
        if not match:
            continue
        crew = people(match["names"], words)
        rest = _without_dates(match["names"], words)
        parts = [part for part in re.split(r"[,/]|\s(?:und|and|et|y|e)\s", rest) if part.strip()]
        if crew and len(crew) >= len(parts) and all(known(person.name) for person in crew):
            found += [Byline(person, "dated", line.start, line.end, 0.75) for person in crew]
    return found


#: What looks for each sign, in the order in which evidence is told.
_FINDERS: tuple[Callable[[_Ends], list[Byline]], ...] = (
    _stated,
    _amid,
    lambda ends: dated(ends.top, ends.page, ends.words),
    lambda ends: listed(ends.top, ends.page, ends.words),
    lambda ends: bare(ends.top, ends.bottom, ends.page, ends.words),
    lambda ends: _closing(ends.foot, ends.words),
    lambda ends: biographies(ends.page, ends.whole, ends.words),
    lambda ends: sign_offs(ends.foot, ends.words),
    lambda ends: sigla(ends.page, ends.foot, ends.words),
)
