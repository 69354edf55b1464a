"""A byline as people, each with a role: "By JANE DOE and Bo Li, Staff Writer" → Jane Doe, Bo Li.

A byline is cut into segments at separators and conjunctions; what is no name (dates, addresses, job titles,
places, employers) is cut off; what is left must have the shape of a name. Nothing here knows who exists: a
list of given names is one sign among others.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, lru_cache

from corpuskit.metadata.dates import clock, written
from corpuskit.metadata.eastern import eastern, is_eastern
from corpuskit.metadata.lexicon import Lexicon, alternatives, given_names, lexicon
from corpuskit.metadata.names import (
    AGENCIES,
    INITIALS,
    PARTICLES,
    SUFFIXES,
    institutional,
    is_name,
    is_organisation,
    once,
    proper_case,
    unglue,
)
from corpuskit.metadata.record import Person, Role
from corpuskit.patterns import later

__all__ = ["people"]

_LIMIT = 400  # characters: no byline is longer; whatever follows is not read

_INVISIBLE = later("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
_BULLETS = " \t\n-–—•·⋅∙◦*|>»«~_/\\:;,.…◆●▪►▶✍️&"
_ADDRESS = later(
    r"https?://\S{1,300}|www\.\S{1,300}|\[email\sprotected\]|"
    r"[\w.+-]{1,64}@[\w-]{1,100}(?:\.[\w-]{1,60}){1,5}|@{1,2}\w{1,40}"
)
#: "© 2024 Jane Doe", "Jane Doe2024".
_YEAR = later(r"^\W{0,3}©\s?(?:\d{4})?\s?|(?<=[a-z])\d{4}$")
_ASIDE = later(r"\([^()]{0,120}\)")
_BLANKS = later(r"[ \t]+")
_COMMA = later(r"\s*,\s*")
_RELATIVE = later(
    r"\b\d{1,3}\s?(?:seconds?|minutes?|mins?|hours?|hrs?|days?|weeks?|months?|years?|stunden?|tagen?|wochen?"
    r"|minuten?|monaten?|jahren?)\b(?:\s(?:ago|read))?|^\d{1,2}[smhdw](?=\s?[A-Z])|\+\s?\d{1,3}\smore\b"
    r"|\b\d{1,6}\s?(?:shares?|views?|comments?|kommentare|likes?)\b|(?<=[a-z])0\d{1,2}\smins?\b",
    re.IGNORECASE,
)
#: "Jane Doe 1,2, Bo Li*": the marks of footnotes behind the names of a paper.
_FOOTNOTES = later(
    r"(?:(?<=[^\W\d_]{3})|(?<=[^\W\d_]{3}\s))(?:\d{1,2}|[*†‡§¶])(?:\s?,\s?(?:\d{1,2}(?!\d)|[*†‡§¶])){0,4}"
    r"(?=\s*(?:[,;&]|and\s|$))"
)
#: Ph.D., M.D., RDN: what follows a name in capitals and is no part of it.
_CREDENTIALS = later(
    r"(?:,\s{0,2}|\s)(?:ph\.?\s?d|m\.?d|d\.?d\.?s|r\.?d\.?n?|r\.?n|l\.?d\.?n?|m\.?s\.?w?|m\.?a|b\.?a|"
    r"b\.?s\.?c?|m\.?sc|m\.?b\.?a|m\.?p\.?h"
    r"|j\.?d|ll\.?m|esq|c\.?p\.?a|cfp|cfa|psy\.?d|ed\.?d|lcsw|lmft|d\.?o|f\.?n\.?p|cscs|cpt|frs|obe|mbe|cbe|"
    r"qc|kc|mp|dvm|pharm\.?d)\.?(?=$|[\s,;)])",
    re.IGNORECASE,
)
_HONORIFIC = later(
    r"^(?:(?:dr|prof|mr|mrs|ms|mx|herr|frau|sr|sra|dott|ing|dipl|mag|rev|fr|sir|dame|doktor|"
    r"professor)\.?\s{1,2}){1,3}"
    r"(?:(?:dr|ing|mag|h\.\s?c|med|phil|rer|nat|jur)\.\s?){0,4}",
    re.IGNORECASE,
)
#: "Distributed by", "Powered by": what stands before a "by" that names no author.
_NO_AUTHOR = later(
    r"(?:distributed|powered|website|site|designed|design|hosted|photos?|images?|pictures?|owned|provided|"
    r"sponsored|theme|"
    r"illustrations?|photographs?|video|music|developed|supported|recommended|published|edited|"
    r"translated)\s$",
    re.IGNORECASE,
)

#: "Desirée ODec. 18, 2023": where a date begins that was glued to a name.
_GLUED_MONTH = later(
    r"(?<=[^\W\d_])(?=(?:Jan|Feb|Mar|Apr|May|June?|July?|Aug|Sept?|Oct|Nov|Dec)(?:[a-z]{2,6}|\.)?\s\d{1,2},?\s20\d\d)"
)
_FULL_NAMES = frozenset(("associated press", "agence france-presse", "press association", "canadian press"))

_SPLIT = later(r"\s*(?:[|•·⋅∙◦;\n\u2028‖/]|(?<=[^\W\d_]{4})\.\s|\s[-–—]+\s|^[-–—]+\s|\s[-–—]+$|,(?=\s*,))\s*")


@cache
def _labels(words: Lexicon) -> re.Pattern[str]:
    """A label with a role at the start of a stretch, the words that open a byline included."""
    labels = alternatives([*words.roles, *words.by])
    return re.compile(
        rf"(?:{labels})(?:\s{{0,2}}:\s{{0,2}}|(?=[\s‖])\s*‖?\s*|$)(?:(?:{alternatives(words.by)})\s{{1,3}})?",
        re.IGNORECASE,
    )


@cache
def _inner_by(words: Lexicon) -> re.Pattern[str]:
    """A byline word further inside: "Club review by Jane Doe"."""
    return re.compile(rf"(?<=[\s‖|,.])(?:{alternatives(words.by - PARTICLES)})\s{{1,2}}(?=[^\W\d_a-z])")


@cache
def _joints(words: Lexicon) -> re.Pattern[str]:
    # "Dan" is a name and "dan" an Indonesian "and": the case counts, except that all of a byline may be
    # capitals.
    both = alternatives([*words.conjunctions, *(word.upper() for word in words.conjunctions if len(word) > 1)])
    return re.compile(rf"(?:^|\s+)(?:{both}|&|\+)\s+")


def people(byline: str, words: Lexicon | None = None, role: Role = "author") -> tuple[Person, ...]:
    """Return the people that `byline` names, in order, without doubles; () where it names nobody.

    `words` are the languages to read it with (default: all); `role` is given to those without a label of
    their own. Agencies and papers come as organisations, and only where no person stands before them.
    """
    return _people(byline[:_LIMIT], words or lexicon(None), role)


@lru_cache(maxsize=4096)  # a byline is read as evidence and again to choose, and one author writes many texts
def _people(byline: str, words: Lexicon, role: Role) -> tuple[Person, ...]:
    text = _INVISIBLE.sub("", byline).replace("\u00a0", " ")
    if is_eastern(text):
        return _distinct(eastern(text, words, role))
    handles = _ADDRESS.findall(text)
    text = _ADDRESS.sub(" ‖ ", text)
    text = _YEAR.sub("", text)
    text = unglue(_GLUED_MONTH.sub(" ", text))
    text = _RELATIVE.sub(" ‖ ", text.lstrip(_BULLETS))
    text = _without_dates(text, words)
    text = _FOOTNOTES.sub("", _ASIDE.sub(" ", text))
    text = _BLANKS.sub(" ", text).strip(_BULLETS + "‖")
    text = _CREDENTIALS.sub(" ", text + " ").strip()
    found: list[Person] = []
    current: Role = role
    for part in _SPLIT.split(text):
        part = part.strip(_BULLETS + "©‖()")
        opened = False
        while part:
            match = _labels(words).match(part)
            if not match or not match.end():
                break
            label = " ".join(match.group().lower().replace("‖", " ").rstrip(": ").split())
            current = _role(label, words, role)
            part = part[match.end() :].strip(_BULLETS + "‖")
            opened = True
        if not opened and not found:
            inner = _inner_by(words).search(part)
            if inner and not _NO_AUTHOR.search(part[: inner.start()]):
                part, opened = part[inner.end() :], True
        if not part:
            continue
        # A second stretch without a label of its own is an employer, a section or a teaser more often than
        # a name.
        found += _stretch(part, words, current, open_to_one=opened, after=bool(found))
    if not found and handles:
        found += _from_address(handles, role)
    return _distinct([replace(one, name=f"{one.name}.") if one.name.endswith((" Jr", " Sr")) else one for one in found])


def _role(label: str, words: Lexicon, default: Role) -> Role:
    for at in range(len(label.split()), 0, -1):
        known = words.roles.get(" ".join(label.split()[:at]))
        if known:
            return known if known != "author" else default
    return default


def _without_dates(text: str, words: Lexicon) -> str:
    spans = [(date.start, date.end) for date in written(text, words)] + clock(text)
    for start, end in sorted(spans, reverse=True):
        text = text[:start] + " ‖ " + text[end:]
    return _weekdays(words).sub(" ", text) if spans else text


@cache
def _weekdays(words: Lexicon) -> re.Pattern[str]:
    days = alternatives(day for day in words.weekdays if len(day) > 3)
    return re.compile(rf"(?<!\w)(?:{days})(?!\w)[,.]?\s*(?=‖)", re.IGNORECASE)


def _pieces(text: str, words: Lexicon) -> list[tuple[str, str]]:
    """The parts of a stretch between commas and conjunctions, each with what stands before it."""
    pieces: list[tuple[str, str]] = []
    joint = "start"
    for comma in _COMMA.split(text):
        if comma.lower() in SUFFIXES and pieces:
            pieces[-1] = (pieces[-1][0], f"{pieces[-1][1]} {comma}")
            continue
        for at, piece in enumerate(_joints(words).split(comma)):
            if piece:
                pieces.append(("and" if at else joint, piece))
        joint = "comma"
    return pieces


def _stretch(text: str, words: Lexicon, role: Role, *, open_to_one: bool, after: bool) -> list[Person]:
    """The people of one stretch between separators."""
    found: list[Person] = []
    pieces = _pieces(once(text), words)
    turned = _surname_first(pieces, words)
    if turned:
        return [Person(turned, role)]
    listed = len(pieces) > 2 and any(kind == "and" for kind, _ in pieces)
    employer = False  # the piece before was one: "Institute of Allergy and Infectious Diseases"
    for kind, piece in pieces:
        first = not found and not after
        if " The " in piece[3:]:  # "Vasilisa Stepanenko The Associated Press"
            piece = piece[: piece.index(" The ", 3)]
        if is_organisation(piece, words) and not _starts_with_name(piece.split(), words):
            employer = not first
        elif kind != "and":
            employer = False
        if kind == "and" and found and _agency(piece):
            found.append(Person(piece, role, "organisation"))
            continue
        for name in _split_run(_trim(piece, words, alone=first)):
            single = len(name.split()) == 1
            if not name or not is_name(name, words):
                if name and first and _organisation_shape(name, words):
                    found.append(Person(name, role, "organisation"))
                continue
            if is_organisation(name, words):
                if first or (kind == "and" and found):
                    found.append(Person(name, role, "organisation"))
                continue
            if single and not (first and open_to_one) and not (kind == "and" and found):
                continue
            known = name.split()[0].lower().strip(".") in given_names() or bool(INITIALS.match(name))
            if ((kind == "comma" or after) and not (known or listed)) or (employer and not known):
                continue
            found.append(Person(proper_case(name), role))
    persons = [person for person in found if person.kind == "person"]
    if persons and found[0].kind == "organisation" and len(found) == 2:
        return persons
    return found


def _agency(name: str) -> bool:
    """Whether `name` is a news agency's, in full or as it signs: "AFP", "The Associated Press"."""
    plain = name.casefold().removeprefix("the ")
    return plain in AGENCIES or plain in _FULL_NAMES


def _organisation_shape(name: str, words: Lexicon) -> bool:
    return len(name.split()) <= 6 and name[:1].isupper() and is_organisation(name, words)


def _trim(piece: str, words: Lexicon, *, alone: bool) -> str:
    """`piece` without honorifics, job titles and what follows a preposition."""
    piece = piece.split("‖", maxsplit=1)[0] if piece.split("‖", maxsplit=1)[0].strip() else piece.replace("‖", " ")
    piece = piece.strip(_BULLETS + "()[]\"“”„'’")
    piece = _HONORIFIC.sub("", piece)
    tokens = piece.split()
    whole = " ".join(tokens)
    if is_organisation(whole, words) and not _starts_with_name(tokens, words):
        staff = any(token.lower() in words.jobs - words.organisations for token in tokens)
        return whole if alone and not (staff and len(tokens) < 2) else ""
    for at, token in enumerate(tokens):
        low = token.lower()
        # "in Washington", "For Dailymail.Com", "is a writer"; "Maria de Souza" is one name all the same
        # and so is "Jane A Doe"
        initial = len(token) == 1 and token.isupper()
        if at and not initial and low not in PARTICLES and (low in words.places or token in words.verbs):
            tokens = tokens[:at]
            break
    for at, token in enumerate(tokens):
        low = token.lower().strip(".,")
        if at and len(low) > 4 and (low in words.published or low in words.modified):
            tokens = tokens[:at]
            break
        if low in words.jobs and not (at == 0 and len(tokens) > 2 and low in given_names()):
            if at < 2:  # the title stands first: "Deputy Editor Nicolas Stecher"
                tokens = tokens[at + 1 :] if alone else []
                return _trim(" ".join(tokens), words, alone=alone) if tokens else ""
            tokens = tokens[:at]
            while len(tokens) > 2 and (
                tokens[-1].lower() in words.modifiers
                or re.search(r"isch(?:er?|e|es)$", tokens[-1].lower())
                or (tokens[-1].isupper() and 2 <= len(tokens[-1]) <= 4 and not tokens[0].isupper())
            ):
                tokens.pop()
            break
    while len(tokens) > 2 and tokens[0].lower() in words.modifiers and tokens[0].lower() not in given_names():
        tokens = tokens[1:]
    if (
        len(tokens) > 2
        and any(institutional(token, words) for token in tokens[2:])
        and _starts_with_name(tokens, words)
    ):
        tokens = tokens[:2]  # "Jim Walsh Cherry Hill Courier"
    while tokens and not tokens[-1][0].isupper():
        low = tokens[-1].lower().strip(".,")
        if low not in PARTICLES and low not in words.conjunctions:
            break
        tokens.pop()
    return " ".join(tokens).strip(",;:|")


def _starts_with_name(tokens: list[str], words: Lexicon) -> bool:
    return len(tokens) >= 2 and tokens[0].lower() in given_names() and tokens[1].lower() not in words.organisations


def _split_run(name: str) -> list[str]:
    """Names that follow each other without a separator: "Birgit Baumann Anna Giulia Fink Jan Marchart"."""
    tokens = name.split()
    half = len(tokens) // 2
    if len(tokens) >= 4 and len(tokens) % 2 == 0 and tokens[:half] == tokens[half:]:
        return [" ".join(tokens[:half])]
    if len(tokens) < 4 or any(token.lower() in PARTICLES for token in tokens):
        return [name]
    given = given_names()
    parts: list[list[str]] = [[]]
    for at, token in enumerate(tokens):
        current = parts[-1]
        if (
            len(current) >= 2
            and token.lower() in given
            and at + 1 < len(tokens)
            and current[0].lower() in given
            and current[-1].lower() not in given
        ):
            parts.append([])
        parts[-1].append(token)
    return [" ".join(part) for part in parts]


def _surname_first(pieces: list[tuple[str, str]], words: Lexicon) -> str:
    """The name of "Doe, Jane" in the usual order, or an empty string."""
    if len(pieces) != 2 or pieces[1][0] != "comma":
        return ""
    last, first = pieces[0][1].split(), pieces[1][1].split()
    given = given_names()
    if len(last) == 1 and 1 <= len(first) <= 3 and first[0].lower() in given and last[0].lower() not in given:
        name = f"{' '.join(first)} {last[0]}"
        if is_name(name, words) and not is_organisation(name, words):
            return proper_case(name)
    return ""


def _from_address(handles: list[str], role: Role) -> list[Person]:
    """A name from an address such as jane.doe@example.org, where nothing else is left of the byline."""
    for handle in handles:
        local, at, _ = handle.partition("@")
        parts = re.split(r"[._]", local)
        if (
            at
            and len(parts) == 2
            and all(part.isalpha() and len(part) > 2 for part in parts)
            and parts[0].lower() in given_names()
        ):
            return [Person(" ".join(part.capitalize() for part in parts), role)]
    return []


def _distinct(found: list[Person]) -> tuple[Person, ...]:
    kept: dict[tuple[str, str], Person] = {}
    for person in found:
        kept.setdefault((person.name.casefold(), person.role), person)
    return tuple(kept.values())
