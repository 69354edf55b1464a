"""News agencies (and the papers beside them) that the lines around an article name as its source."""

from __future__ import annotations

import re

from corpuskit.metadata.hints import hint
from corpuskit.metadata.names import AGENCIES

__all__ = ["NAMED", "agencies"]

#: "(dpa)", "(kas/dpa)": the agency that closes a German article. An editor's sign alone ("(kas)") names
#: nobody.
_SIGLUM = re.compile(
    r"(?:^|[\s.!?“\"»])\(?(?P<sign>(?:[A-Za-zäöü]{2,8}/)?[A-Za-zäöü]{2,8})\)$|"
    r"^(?P<line>[A-Z]{3,5})/[a-z]{2,4}$"
)
_SOURCE = re.compile(
    r"(?:quelle|source|fuente|fonte|bron|źródło|zdroj)\s?:\s?(?P<name>[\w./, -]{2,40})$", re.IGNORECASE
)
#: "GZT/Reuters" below an article, "(GZ mit dpa)" at its end: a paper and the agency it has the report from.
_JOINT = re.compile(
    r"^(?P<first>[A-ZÄÖÜ][\w.-]{1,11})/(?P<second>[A-Za-z]{2,9})$|"
    r"\((?P<paper>[A-ZÄÖÜ]{2,5})\s(?:mit|with|avec|con)\s(?P<agency>[A-Za-z]{2,9})\)$"
)

#: The hint of lines that may name one.
NAMED = hint(lambda _: rf"{_SIGLUM.pattern}|{_JOINT.pattern}|(?i:^{_SOURCE.pattern})", "end")


def agencies(text: str) -> list[str]:
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
