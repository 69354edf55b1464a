"""News agencies (and the papers beside them) that the lines around an article name as its source, editors' signs, owners."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpuskit.metadata.hints import hint
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon
from corpuskit.metadata.names import AGENCIES, is_organisation, known
from corpuskit.metadata.record import Byline, Person
from corpuskit.patterns import later

__all__ = ["sigla"]

#: "(dpa)", "(kas/dpa)": the agency that closes a German article. An editor's sign alone ("(kas)") names
#: nobody.
_SIGLUM = later(
    r"(?:^|[\s.!?“\"»])\(?(?P<sign>(?:[A-Za-zäöü]{2,8}/)?[A-Za-zäöü]{2,8})\)$|"
    r"^(?P<line>[A-Z]{3,5})/[a-z]{2,4}$"
)
_SOURCE = later(
    r"(?:quelle|source|fuente|fonte|bron|źródło|zdroj)\s?:\s?(?P<name>[\w./, -]{2,40})$", re.IGNORECASE
)
#: "GZT/Reuters" below an article, "(GZ mit dpa)" at its end: a paper and the agency it has the report from.
_JOINT = later(
    r"^(?P<first>[A-ZÄÖÜ][\w.-]{1,11})/(?P<second>[A-Za-z]{2,9})$|"
    r"\((?P<paper>[A-ZÄÖÜ]{2,5})\s(?:mit|with|avec|con)\s(?P<agency>[A-Za-z]{2,9})\)$"
)

#: The sign of an editor alone below a German article: "amw", "(kas)".
_SIGN = later(r"\(?(?P<sign>[A-Za-zäöü]{2,4})\)?")
#: "©2024 Jane Doe. All rights reserved."
_OWNER = later(
    r"(?i:(?:©|\(c\)|copyright)\s?(?:©|\(c\))?\s?(?:by\s)?(?:19|20)\d\d(?:\s?[-–]\s?(?:19|20)?\d\d)?,?\s(?:by\s)?)"
    r"(?P<name>[A-ZÀ-Þ][\w’'-]{1,20}(?:\s[A-ZÀ-Þ][\w.’'-]{0,20}){1,2}?)(?:\.(?:\s|$)|\s?[|–-]\s|$)",
)
_NAMED = hint(lambda _: rf"{_SIGLUM.pattern}|{_JOINT.pattern}|(?i:^{_SOURCE.pattern})", "end")
_OWNED = hint(lambda _: _OWNER.pattern, "start")


def _agencies(text: str) -> list[str]:
    """Return the agencies (and the papers beside them) that a line at the end of an article names as its source."""
    source = _SOURCE.match(text) if len(text) <= 60 else None
    if source:
        return [part for part in re.split(r"[/,\s]+", source["name"]) if part.split("-")[0].lower() in AGENCIES]
    joint = _JOINT.search(text[-40:])
    if joint and (joint["second"] or joint["agency"]).lower() in AGENCIES:
        return [joint["first"] or joint["paper"], joint["second"] or joint["agency"]]
    match = _SIGLUM.search(text[-40:])
    name = (match["line"] or match["sign"].split("/")[-1]) if match else ""
    return [name] if name.lower() in AGENCIES else []


def sigla(page: Layout, foot: Sequence[Line], words: Lexicon) -> list[Byline]:
    """Agencies and editors' signs at the end: "Quelle: dpa", "… im Mai. (dpa)", "GZT/Reuters"; who owns the text."""
    found: list[Byline] = []
    second = page.lines[min(1, len(page.lines) - 1)].start if page.lines else 0
    below = [line for line in foot if line.start > second]
    for line in [*page.lines[:2], *below]:
        names = _agencies(line.text) if line.hints & _NAMED else ()
        found += [Byline(Person(name, "author", "organisation"), "siglum", line.start, line.end, 0.6) for name in names]
    after = page.lines[page.close + 1 : page.close + 2] if page.close >= 0 and words.languages[0] == "de" else ()
    for line in after:
        sign = _SIGN.fullmatch(line.text)
        if sign and not {sign["sign"].lower()} & (words.stop | words.places | AGENCIES | words.weekdays):
            found.append(Byline(Person(sign["sign"]), "siglum", line.start, line.end, 0.6))
    for line in below:
        owner = _OWNER.match(line.text) if line.hints & _OWNED else None
        if owner and known(owner["name"]) and not is_organisation(owner["name"], words):
            found.append(Byline(Person(owner["name"]), "siglum", line.start, line.end, 0.55))
    return found
