"""Names that stand alone on a line, confirmed by their place or by what stands beside or below them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from corpuskit.metadata.biographies import biography_of, confirms
from corpuskit.metadata.dates import clock, written
from corpuskit.metadata.hints import hint
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, alternatives, given_names
from corpuskit.metadata.names import (
    AGENCIES,
    INITIALS,
    PARTICLES,
    is_name,
    is_organisation,
    known,
    once,
    proper_case,
    unglue,
)
from corpuskit.metadata.people import people
from corpuskit.metadata.record import Byline, Person
from corpuskit.patterns import later

__all__ = ["STAFF", "agency_line", "bare", "listed", "only_names"]

#: The person to ring up about a press release is not its author.
_CONTACT = later(
    r"(?:(?:ihre? )?ansprechpartner|(?:presse|media |press )?(?:kontakt|contact)|contact|tel(?:efon|\.|:)|phone|fax|"
    r"e-?mail\s?:|mobile?\s?[:.]?\s?[+(\d]|contacto|contatt[oi]|rückfragen)",
    re.IGNORECASE,
)
#: "View all posts", "Mehr Artikel von …": the link to what else an author has written.
_ARCHIVE = later(
    r"(?:view|see|read|show|all|more|alle|mehr|weitere|zeige|voir|tous|toutes|ver|todos|todas|más|vedi|tutti|altri|"
    r"bekijk|meer|visa|fler|flere|zobacz|wszystkie|více|všechny)\b.{0,30}\b(?:author|posts?|articles?|stories|profile|"
    r"beiträge|artikel|autors?|autorin|articles|auteur|artículos|entradas|artigos|articoli|berichten|inlägg|innlegg|"
    r"indlæg|wpisy|články)\b",
    re.IGNORECASE,
)
#: The last word of a newsroom's name: "Kurier-Redaktion", "News Staff"; on a line of its own also "Kurier Online".
STAFF = frozenset(
    (
        "staff", "redaktion", "redazione", "redacción", "rédaction", "redactie", "redakcja", "press",
        "team", "newsroom", "redaksi", "digital",
    )
)  # fmt: skip
_SIGNED = STAFF | {"online", "editors", "desk", "bureau"}
_FULL_NAMES = ("associated press", "the associated press", "agence france-presse", "press association")
_HANDLE = later(r"\s{0,2}[@(].{0,40}$")  # and what else stands behind a name
_NEWSROOM = hint(lambda _: rf"(?i:{alternatives([*_SIGNED, *AGENCIES, *_FULL_NAMES])})[ |]*$", "end")


def listed(top: Sequence[Line], page: Layout, words: Lexicon) -> list[Byline]:
    """Lines of names and commas under the headline: "Reuters, Jane Doe", "Jane Doe, London, Bo Li"."""
    found = []
    for at, line in enumerate(top[1 : page.first + 4], start=1):
        if "," not in line.text or len(line.text) > 200 or line.text.endswith((".", "?", "!", ":")):
            continue
        parts = [part.strip(" *†‡0123456789") for part in line.text.split(",")]
        parts = [part for part in parts if part]
        if not parts or not all(part[0].isupper() and len(part.split()) <= 4 for part in parts):
            continue
        heard = sum(known(part) for part in parts)
        if 2 <= len(parts) <= 15 and 2 * heard >= len(parts) and all(" " in part for part in parts):
            # The authors of a paper: every part has the shape of a name and most have one that is known.
            crew = [person for person in people(line.text, words) if person.kind == "person" and " " in person.name]
            if len(crew) == len(parts):
                found += [Byline(person, "dated", line.start, line.end, 0.75) for person in crew]
                continue
        if not heard or len(parts) > 5 or len(line.text) > 100 or any(len(part.split()) > 3 for part in parts):
            continue
        crew = [person for person in people(line.text, words) if person.kind == "person" and known(person.name)]
        if crew:  # beside a name that is known another with its shape is one: "Jane Doe, London, Ylwa Bo"
            said = {person.name for person in crew}
            crew += [
                Person(part)
                for part in parts
                if part not in said and len(part.split()) == 2 and is_name(part, words) and only_names(part, page, words)
            ]
        others = [part for part in parts if part not in {person.name for person in crew}]
        backed = len(parts) == 1 or others or confirms(top[at - 1].text, words)
        if crew and backed and all(len(part.split()) == 1 for part in others):
            found += [Byline(person, "dated", line.start, line.end, 0.75) for person in crew]
    return found


def bare(top: Sequence[Line], bottom: Sequence[Line], page: Layout, words: Lexicon) -> list[Byline]:
    """Names that stand alone on a line, confirmed by their place or by what stands beside or below.

    A name nobody has heard of counts where the page leaves little doubt: the line below tells of its bearer,
    or it stands between headline and article beside a date or a job title and its words are names only (the
    text never writes them small).
    """
    found = _newsrooms(top, page) + _first_names(bottom, words)
    above = [_alone(line, page, words) for line in top]
    below_names = [_alone(line, page, words) for line in bottom]
    if not any(above) and not any(below_names):
        return found
    body = [line.text for line in page.lines[page.first : page.last + 1] if len(line.text) > 60]
    for block, names in ((top, above), (bottom, below_names)):
        for at, (line, name) in enumerate(zip(block, names, strict=True)):
            if not name or (block is top and at > page.first + 3):
                continue
            beside = [block[near] for near in (at - 1, at + 1) if 0 <= near < len(block)]
            signs = float(sum(confirms(other.text, words) for other in beside))
            if at + 2 < len(block):
                signs += 0.5 * confirms(block[at + 2].text, words)
            # A job title was glued or joined to it, or the link and the portrait say the same; below, captions do.
            signs += name != _plain(line.text) and (block is top or line.text.count(name) == 1)
            below = [other.text for other in page.lines if other.start > line.start][:2] + [
                other.text for other in bottom
            ]
            told = any(biography_of(other, name, words) for other in below)
            echoed = at + 1 < len(block) and _echoes(block[at + 1].text, name, words)
            signs += told or echoed
            signs += 0.5 * (names.count(name) > 1) + (block is bottom and name in above)
            # Between the headline and the first paragraph a known given name is enough.
            under = block is top and 0 < at <= page.first + 1 and len(block[at - 1].text.split()) >= 4
            lonely = {other for other in names if other and (known(other) or not known(name))} == {name}
            closing = 0 <= page.close < len(page.lines) - 1 and page.lines[page.close + 1].start == line.start
            opening = block is top and at == 0
            signs += 0.6 * ((closing or opening) and lonely and known(name))
            signs += 0.6 * (under and lonely and known(name))
            if not known(name) and not ((told and signs >= 1.5) or echoed):
                titled = block is bottom and at + 1 < len(block) and _has_job(block[at + 1].text, words)
                if not (lonely and (under or titled) and signs >= 1):
                    continue
            if at + 1 < len(block) and block[at + 1].text[:1] in '“„«"':
                continue  # an expert and what they say
            if any(_CONTACT.match(other.text) for other in beside):
                continue
            if "@" in line.text and at > page.first:
                continue  # the author of a post that the article shows
            mentioned = any(name in text and not text.startswith(name) for text in body)
            if signs >= (1.5 if mentioned and under else 1.6 if mentioned else 0.6):
                found.append(Byline(Person(proper_case(name)), "bare", line.start, line.end, 0.8 if signs > 1 else 0.7))
    return found


def _first_names(bottom: Sequence[Line], words: Lexicon) -> list[Byline]:
    """A first name below the article over a job title or a link to its bearer's other texts: "Lauren", "View all posts"."""
    found = []
    for line, below in pairwise(bottom):
        tokens = line.text.split(maxsplit=2)
        single = len(tokens) == 1 or (len(tokens) == 2 and bool(INITIALS.fullmatch(f"{tokens[1].strip('.')}.")))
        if not single or tokens[0].lower() not in given_names() or not tokens[0].istitle():
            continue
        if _ARCHIVE.match(below.text) or (len(below.text.split()) <= 6 and _has_job(below.text, words)):
            found.append(Byline(Person(line.text), "bare", line.start, line.end, 0.7))
    return found if len(found) == 1 else []


def _has_job(text: str, words: Lexicon) -> bool:
    """Whether a line is a job title: "Executive Editor at the Gazette", not "A driving coach for lorries"."""
    tokens = text.split()
    dated = len(tokens) <= 6 and (written(text, words) or clock(text))
    first = tokens[0].lower().strip(",")
    plain = first in words.jobs or first in words.modifiers or len(tokens) <= 10
    return plain and first not in words.stop and confirms(text, words) and not dated


def _newsrooms(top: Sequence[Line], page: Layout) -> list[Byline]:
    """Agencies and newsrooms that sign below the headline: "REUTERS", "Gazette Staff"."""
    found = []
    for at, line in enumerate(top[1 : page.first + 2], start=1):
        if not line.hints & _NEWSROOM:
            continue
        text = line.text.strip(" |")
        tokens = text.split()
        staff = (
            2 <= len(tokens) <= 4
            and at <= page.first
            and all(token[0].isupper() for token in tokens)
            and tokens[-1].lower() in _SIGNED
            and len(top[at - 1].text.split()) >= 2
        )
        if agency_line(text) or staff:
            found.append(Byline(Person(text, "author", "organisation"), "bare", line.start, line.end, 0.7))
    return found


def _echoes(text: str, name: str, words: Lexicon) -> bool:
    """Whether the line below a name opens with it and goes on about its bearer: "Jane Doe covers …"."""
    given = name.split(maxsplit=1)[0]
    for head in (name, given):
        rest = text.removeprefix(head)
        if rest != text:
            tokens = rest.split()
            return len(tokens) >= 4 and (tokens[0] in words.verbs or (head == name and rest.startswith((",", " ("))))
    return False


def only_names(name: str, page: Layout, words: Lexicon) -> bool:
    """Whether no word of `name` is one of the text's own words, written small there."""
    tokens = [token.lower() for token in name.split()]
    if any(token in words.stop or token in words.organisations or token in words.modifiers for token in tokens):
        return False
    if not all(token[0].isupper() or token in PARTICLES for token in name.split()):
        return False
    plain = [token for token in tokens if token not in PARTICLES]
    pattern = re.compile(rf"(?<![\w@./])(?:{'|'.join(map(re.escape, plain))})(?![\w@/]|\.\w)")
    return not any(pattern.search(line.text) for line in page.lines)


def agency_line(text: str) -> bool:
    """Whether a line is the name of a news agency and nothing else."""
    tokens = text.lower().split()
    return bool(tokens) and (
        text.lower() in _FULL_NAMES
        or (len(tokens) == 1 and tokens[0] in AGENCIES and text.isupper() and len(text) > 2)
    )


def _plain(text: str) -> str:
    if "@" in text or "(" in text:
        text = _HANDLE.sub("", text)
    return text.strip(" •-–|,/&")


def _alone(line: Line, page: Layout, words: Lexicon) -> str:
    """The name that a line of `page` consists of, a job title aside; or an empty string."""
    text = line.text
    size = len(text)
    if size > 110 or (size > 80 and "," not in text) or text.endswith((":", "?", "!")):
        return ""
    second = text.strip(" •-–|,/&").split(maxsplit=2)[1:2]
    if not second or (
        second[0][0].islower() and second[0].lower() not in PARTICLES and not second[0].startswith(("d'", "d’"))
    ):
        return ""
    bare = _plain(text)
    name = once(bare)
    if name != bare and 2 <= len(name.split()) <= 4 and is_name(name, words):
        return name  # the text of a link and of the portrait in it
    tokens = bare.split()
    if len(tokens) < 2 or len(tokens) > 12 or not tokens[0][0].isupper() or any(map(str.isdigit, tokens[0])):
        return ""
    apart = unglue(bare)
    if not (len(tokens) <= 4 and is_name(bare, words)) and not _titled(apart.replace("‖", " ").split()[2:], words):
        return ""
    if is_organisation(bare, words) and "," not in bare and "|" not in bare:
        return ""
    crew = people(bare, words) if "|" in bare or "," in bare or len(tokens) > 3 or apart != bare else ()
    name = crew[0].name if len(crew) == 1 and crew[0].kind == "person" and bare.startswith(crew[0].name) else bare
    tokens = name.split()
    if not 2 <= len(tokens) <= 4 or not is_name(name, words) or len(bare.split()) > len(tokens) + 8:
        return ""
    rest = apart.replace("‖", " ").split()[len(tokens) :]
    if any(token in words.verbs for token in rest):  # a sentence: "Marta Quill is a writer"
        return ""
    if name != bare and not _titled(rest, words):
        return ""
    if any(token.lower() in words.stop or token.lower() in words.jobs for token in tokens) and not known(name):
        return ""
    if any(token.lower() in words.jobs for token in tokens[1:]):
        return ""
    return name if known(name) or only_names(name, page, words) else ""


def _titled(tokens: Sequence[str], words: Lexicon) -> bool:
    """Whether a job or an employer is among the words behind a name."""
    parts = (part for token in tokens for part in token.strip(".,|").lower().split("-"))
    return any(part in words.jobs or part in words.organisations for part in parts)
