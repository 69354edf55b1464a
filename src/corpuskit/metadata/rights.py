"""Licences and reservations that a text states, with the words that state them.

Nobody's silence is a licence: where nothing is stated the field stays empty. Where a text reserves all
rights, or names a licence that has no SPDX id, the value is "NOASSERTION" (SPDX 2.3, 3.13: an attempt was
made, no determination) and the evidence is the statement itself.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import re2

from corpuskit.metadata.hints import hint
from corpuskit.metadata.layout import Layout, layout
from corpuskit.model import Candidate
from corpuskit.patterns import later

__all__ = ["NOASSERTION", "as_spdx", "rights", "spdx"]

NOASSERTION = "NOASSERTION"

_URL = later(
    r"creativecommons\.org/(?:licenses/(?P<kind>by(?:-nc)?(?:-nd|-sa)?|"
    r"by-nd-nc)/(?P<version>[1-4]\.\d)(?:/(?P<port>[a-z]{2,3})\b)?|publicdomain/(?P<public>zero|mark)/1\.0)",
    re.IGNORECASE,
)
_SHORT = later(
    r"\b(?:CC|cc(?=-by))[ -]?(?P<kind>(?:BY|by)(?:[ -](?:NC|nc))?(?:[ -](?:ND|SA|nd|sa))?)(?![\w-])"
    r"(?:[ -]?(?P<version>[1-4]\.\d))?"
)
_ZERO = later(r"\bCC[ -]?(?:0|Zero)\b(?:[ -]1\.0)?", re.IGNORECASE)
_LONG = later(
    r"Creative[ -]Commons[\s:,-]{1,3}(?:Licen[sc]e[\s:,-]{0,3})?\(?(?P<terms>(?:Attribution|Namensnennung|"
    r"Paternité|Reconocimiento|Atribución|Attribuzione|Atribuição|Naamsvermelding)"
    r"[\w\s,./–-]{0,90}?)(?P<version>[1-4]\.\d)(?P<rest>[^\n]{0,30})",
    re.IGNORECASE,
)
_TERMS = (
    (
        "NC",
        re.compile(
            r"non[- ]?commercial|nicht[- ]?kommerziell|keine kommerzielle|pas d.utilisation commerciale"
            r"|no ?comercial|non commerciale|niet-?commercieel|não comercial",
            re.IGNORECASE,
        ),
    ),
    (
        "ND",
        re.compile(
            r"no[- ]?deriv|keine bearbeitung|pas de modification|sin ?obra ?derivada|non opere derivate"
            r"|geen ?afgeleide|sem derivações",
            re.IGNORECASE,
        ),
    ),
    (
        "SA",
        re.compile(
            r"share[- ]?alike|weitergabe unter gleichen|partage dans les mêmes|partage à l.identique"
            r"|compartir ?igual|condividi allo stesso|gelijk ?delen|compartilha ?igual",
            re.IGNORECASE,
        ),
    ),
)
_VAGUE = later(
    r"(?:under|unter|sous|bajo|sotto|sob|onder)\s(?:a|an|the|einer?|der|une|la|una|licencia|uma|"
    r"een)?\s?(?:licen[sc]ia |licenza |licença )?Creative[ -]Commons",
    re.IGNORECASE,
)
_RESERVED = later(
    r"\ball rights reserved\b|\balle rechte vorbehalten\b|\btous droits réservés\b|\btodos los derechos "
    r"reservados\b|\btutti i diritti riservati\b"
    r"|\btodos os direitos reservados\b|\balle rechten voorbehouden\b|\bwszelkie prawa zastrzeżone\b|\bвсе "
    r"права защищены\b|\bвсі права захищені\b"
    r"|\bvšechna práva vyhrazena\b|版权所有|版權所有|無断転載|무단전재|무단 전재",
    re.IGNORECASE,
)
_PUBLIC = later(
    r"\b(?:this (?:work|text|essay|article)|the text) is in the public domain\b|\bdedicated to the public "
    r"domain\b|\bgemeinfrei\b",
    re.IGNORECASE,
)
_OTHER = (
    ("GFDL-1.3-or-later", re.compile(r"\bGNU Free Documentation License\b", re.IGNORECASE)),
    ("OGL-UK-3.0", re.compile(r"\bOpen Government Licen[cs]e v3\.0\b", re.IGNORECASE)),
)
_OPT_OUTS = (
    ("noai", re.compile(r"\b(?:noai|noimageai)\b", re.IGNORECASE)),
    (
        "tdm",
        re.compile(
            r"\btdm-reservation\b|text[- ](?:and|&)[- ]data[- ]mining[^.\n]{0,80}(?:reserved|prohibited|not permitted)"
            r"|(?:reserves?|prohibits?|forbids?)[^.\n]{0,80}text[- ](?:and|&)[- ]data[- ]mining"
            r"|text-? und data[- ]mining[^.\n]{0,80}(?:vorbehalten|untersagt)|§\s?44b",
            re.IGNORECASE,
        ),
    ),
    (
        "ai-training",
        re.compile(
            r"(?:may not|must not|not) be used (?:to train|for (?:the )?training(?: of)?) [^.\n]{0,40}"
            r"(?:AI|artificial intelligence|machine learning|language model)",
            re.IGNORECASE,
        ),
    ),
)
#: A quick look before the patterns: most texts say nothing about rights.
_HINT = re2.compile(
    r"(?i)creative|\bcc\b|\bcc[-0]|commons|rights|rechte|droits|derechos|diritti|direitos|prawa|права|práva|"
    r"版权|版權|転載|전재|domain"
    r"|gemeinfrei|licen[cs]e|noai|noimageai|tdm-|data[- ]mining|44b|to train|for training|training of"
)
#: Phrases of which one stands in every match of a pattern, case folded.
_SHORTS = ("ccby", "cc by", "cc-by", "cc0", "cc 0", "cc-0", "cczero", "cc zero", "cc-zero")
_NAMED = ("free documentation license", "open government licen")
_PUBLICLY = ("the public domain", "gemeinfrei")
_REFUSING = {
    "noai": ("noai", "noimageai"),
    "tdm": ("tdm-reservation", "data mining", "data-mining", "44b"),
    "ai-training": ("not be used to train", "not be used for"),
}
_RESERVING = hint(lambda _: f"(?i:{_RESERVED.pattern})")
_NAMING = hint(
    lambda _: f"(?i:creative[ -]?commons|{'|'.join([*_SHORTS, *_NAMED, *_PUBLICLY, *sum(_REFUSING.values(), ())])})"
)


def spdx(kind: str, version: str = "4.0", port: str = "") -> str:
    """Return the SPDX id of a Creative Commons licence: ("by-nc-sa", "4.0") → "CC-BY-NC-SA-4.0"."""
    name = kind.upper().replace(" ", "-").replace("BY-ND-NC", "BY-NC-ND")
    ported = f"-{port.upper()}" if port and (name, version, port.upper()) in _PORTED else ""
    return f"CC-{name}-{version}{ported}"


#: Ported licences that have an SPDX id of their own (licence list 3.24).
_PORTED = frozenset(
    [("BY", "3.0", code) for code in ("AT", "AU", "DE", "IGO", "NL", "US")]
    + [("BY-NC", "3.0", "DE"), ("BY-NC-ND", "3.0", "DE"), ("BY-NC-ND", "3.0", "IGO"), ("BY-ND", "3.0", "DE")]
    + [
        ("BY-NC-SA", "3.0", "DE"),
        ("BY-NC-SA", "3.0", "IGO"),
        ("BY-NC-SA", "2.0", "DE"),
        ("BY-NC-SA", "2.0", "FR"),
        ("BY-NC-SA", "2.0", "UK"),
    ]
    + [("BY-SA", "3.0", code) for code in ("AT", "DE", "IGO")]
    + [("BY-SA", "2.0", "UK"), ("BY-SA", "2.1", "JP"), ("BY", "2.5", "AU")]
)


#: A Creative Commons licence as a value of its own, however it is spelt: "cc-by-sa-4.0", "CC BY 4.0", "CC-BY-3.0-DE".
_VALUE = later(
    r"CC[ _-]?(?P<kind>BY(?:[ _-]?(?:NC|ND|SA)){0,2})[ _-]?v?(?P<version>[1-4]\.\d)(?:[ _-](?P<port>[A-Z]{2,3}))?", re.IGNORECASE
)
_PUBLIC_VALUE = later(r"CC[ _-]?(?:0|ZERO)(?:[ _-]?v?1\.0)?", re.IGNORECASE)
#: Other ids of the SPDX licence list (3.24) under which texts are published, by their names in lower case.
_IDS = {
    name.lower(): name
    for name in (
        NOASSERTION, "CC-PDM-1.0", "GFDL-1.1-or-later", "GFDL-1.2-or-later", "GFDL-1.3-or-later", "GFDL-1.3-only",
        "OGL-UK-1.0", "OGL-UK-2.0", "OGL-UK-3.0", "OGL-Canada-2.0", "etalab-2.0", "ODbL-1.0", "ODC-By-1.0", "PDDL-1.0",
        "DL-DE-BY-2.0", "DL-DE-ZERO-2.0", "FAL-1.3", "MIT", "MIT-0", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause",
        "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "AGPL-3.0-only", "AGPL-3.0-or-later",
        "LGPL-3.0-only", "LGPL-3.0-or-later", "MPL-2.0", "EUPL-1.2", "ISC", "Unlicense", "0BSD", "WTFPL",
    )
}  # fmt: skip


def as_spdx(entry: Candidate) -> Candidate:
    """Return a candidate for the licence with its value as an SPDX id, what it said in the evidence.

    Columns, pages and sources.toml give addresses, names and sentences. What names no licence that is known here is
    NOASSERTION; a candidate of another field passes through.
    """
    if entry.field != "license" or not (said := " ".join(entry.value.split())):
        return entry
    value = _IDS.get(said.lower(), "")
    if match := _VALUE.fullmatch(said):
        kind = re.sub(r"[ _-]?(NC|ND|SA)", r"-\1", match["kind"], flags=re.IGNORECASE)
        value = spdx(kind, match["version"], match["port"] or "")
    elif _PUBLIC_VALUE.fullmatch(said):
        value = "CC0-1.0"
    elif not value:
        stated = {one.value for one in rights(entry.value) if one.field == "license"}
        value = stated.pop() if len(stated) == 1 else NOASSERTION
    if value == entry.value:
        return entry
    return replace(entry, value=value, evidence=f"{entry.evidence}: {said}"[:200])


def rights(raw: str, page: Layout | None = None) -> list[Candidate]:
    """Return what `raw` says about its rights: candidates of the fields "license" and "opt_out".

    `page` is the layout of `raw`, where it is known already.
    """
    page = page or layout(raw)
    if not page.hints & (_RESERVING | _NAMING) or not _HINT.search(raw):
        return []
    # Each pattern costs a pass over the text, and none can match without one of its words. Technical prose says
    # "domain" and "license" all the time, and "Creative Commons" hardly ever; most pages only reserve their rights.
    low = raw.casefold() if page.hints & _NAMING else ""
    commons = raw if "creative" in low and "commons" in low else ""
    short = raw if _any(_SHORTS, low) else ""
    found: list[Candidate] = []
    for match in _URL.finditer(commons):
        if match["public"]:
            value = "CC0-1.0" if match["public"].lower() == "zero" else "CC-PDM-1.0"
        else:
            value = spdx(match["kind"], match["version"], match["port"] or "")
        found.append(_stated("license", value, match, 0.95))
    for match in _ZERO.finditer(short):
        found.append(_stated("license", "CC0-1.0", match, 0.85))
    for match in _SHORT.finditer(short):
        # Without a version there is no SPDX id; which one was meant is not ours to say.
        value = spdx(match["kind"], match["version"]) if match["version"] else NOASSERTION
        found.append(_stated("license", value, match, 0.85 if match["version"] else 0.6))
    for match in _LONG.finditer(commons):
        kind = "-".join(["BY", *(name for name, term in _TERMS if term.search(match["terms"]))])
        found.append(_stated("license", spdx(kind, match["version"]), match, 0.9))
    for name, pattern in _OTHER if _any(_NAMED, low) else ():
        found += [_stated("license", name, match, 0.8) for match in pattern.finditer(raw)]
    for match in _PUBLIC.finditer(raw if _any(_PUBLICLY, low) else ""):
        found.append(_stated("license", NOASSERTION, match, 0.7))
    if not found:
        found += [_stated("license", NOASSERTION, match, 0.5) for match in _VAGUE.finditer(commons)]
        for line in page.lines if page.hints & _RESERVING else ():
            if line.hints & _RESERVING:  # none of its phrases goes beyond a line
                found += [
                    _stated("license", NOASSERTION, match, 0.5, line.start) for match in _RESERVED.finditer(line.text)
                ]
    for name, pattern in _OPT_OUTS:
        if _any(_REFUSING[name], low):
            found += [_stated("opt_out", name, match, 0.9) for match in pattern.finditer(raw)]
    return found


def _any(phrases: Sequence[str], text: str) -> bool:
    return any(phrase in text for phrase in phrases)


def _stated(field: str, value: str, match: re.Match[str], confidence: float, offset: int = 0) -> Candidate:
    start, end = match.start() + offset, match.end() + offset
    return Candidate(field, value, "text", match.group()[:200], "text.rights", start, end, confidence)
