"""A line with its variable parts as slots: what two copies of one template line have in common.

"Published 3 March 2024 by Ada Lind" and "Published 12 June 2023 by Bo Ek" are the same line once the number, the
month and the given author are slots. Only what is known is a slot: digits, month and weekday names beside digits,
web addresses, and the field values that came with the document. Names are never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable

from corpuskit.model import Candidate

__all__ = ["MOST_CHARS", "Known", "known_values", "normalise", "says_something"]

#: A template line is shorter than this, normalised; a longer one is a whole page in one line.
MOST_CHARS = 1000

#: Field values of one document, longest first: (slot, folded value).
Known = tuple[tuple[str, str], ...]

_LEAST_VALUE = 4  # characters: a shorter value ("Li", "UK") stands inside too much else
_FIELDS = {
    "author": "author",
    "editor": "author",
    "title": "title",
    "date_published": "date",
    "date_modified": "date",
    "publisher": "source",
    "source": "source",
}
_DIGITS = re.compile(r"\d+")
_ADDRESS = re.compile(r"https?://\S+")
_LETTERS = re.compile(r"[^\W\d_]+")
_NOON = re.compile(r"(?<=0) ?[ap]\.?m\b\.?")
_SLOT = re.compile(r"⟨\w+⟩")

# Months and weekdays, folded. They are slots only in a line that holds a digit, so the verb "march" stays itself.
_MONTHS_AND_DAYS = """
january february march april may june july august september october november december
jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday saturday sunday
mon tue tues wed thu thur thurs fri sat sun
januar jänner februar märz mai juni juli oktober dezember mär okt dez
montag dienstag mittwoch donnerstag freitag samstag sonnabend sonntag
janvier février mars avril juin juillet août septembre octobre novembre décembre janv févr avr juil déc
lundi mardi mercredi jeudi vendredi samedi dimanche
enero febrero marzo abril mayo junio julio agosto septiembre setiembre octubre noviembre diciembre ene abr ago dic
lunes martes miércoles jueves viernes sábado domingo
gennaio febbraio aprile maggio giugno luglio settembre ottobre dicembre gen mag giu lug set ott
lunedì martedì mercoledì giovedì venerdì sabato domenica
janeiro fevereiro março maio junho julho setembro outubro novembro dezembro fev out
januari februari maart mei augustus december mrt maandag dinsdag woensdag donderdag vrijdag zaterdag zondag
augusti maj oktober måndag tisdag onsdag torsdag fredag lördag söndag mandag tirsdag lørdag søndag desember
tammikuuta helmikuuta maaliskuuta huhtikuuta toukokuuta kesäkuuta heinäkuuta elokuuta syyskuuta lokakuuta
marraskuuta joulukuuta stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października
listopada grudnia ledna února března dubna května června července srpna září října prosince
ocak şubat mart nisan mayıs haziran temmuz ağustos eylül ekim kasım aralık
января февраля марта апреля мая июня июля августа сентября октября ноября декабря
січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня
ianuarie februarie martie aprilie iunie iulie septembrie octombrie noiembrie decembrie
január február március április május június július augusztus szeptember október
ιανουαρίου φεβρουαρίου μαρτίου απριλίου μαΐου ιουνίου ιουλίου αυγούστου σεπτεμβρίου οκτωβρίου νοεμβρίου δεκεμβρίου
"""
_CALENDAR = frozenset(_MONTHS_AND_DAYS.split())


def _folded(text: str) -> str:
    if text.isascii():
        return " ".join(text.lower().split())
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold()).split())


def known_values(source: str, given: Iterable[Candidate]) -> Known:
    """Return the field values of a document that are slots in its lines: authors, title, dates, publisher, source.

    `source` is the name of the document's source; `given` are the fields that came with it.
    """
    found = {(slot, _folded(one.value)) for one in given if (slot := _FIELDS.get(one.field))}
    found.add(("source", _folded(source)))
    usable = [(slot, value) for slot, value in found if len(value) >= _LEAST_VALUE]
    return tuple(sorted(usable, key=lambda one: (-len(one[1]), one)))


def normalise(line: str, known: Known = ()) -> str:
    """Return `line` folded (NFC, case, blanks) with its variable parts as slots; "" for one that is too long.

    Digits become ``0``; the other slots are ``⟨author⟩ ⟨title⟩ ⟨date⟩ ⟨source⟩ ⟨url⟩``. Normalising twice changes
    nothing, so a person may write a template as it reads.
    """
    if len(line) > 2 * MOST_CHARS:
        return ""
    text = _folded(line)
    for slot, value in known:
        if value in text:
            text = _replaced(text, value, f"⟨{slot}⟩")
    if "://" in text:
        text = _ADDRESS.sub("⟨url⟩", text)
    dated = _DIGITS.sub("0", text)
    if dated != text or "0" in text:
        text = _LETTERS.sub(_slot_of_calendar, dated)
        text = _NOON.sub("", text)
    return text if len(text) <= MOST_CHARS else ""


def _replaced(text: str, value: str, slot: str) -> str:
    """Return `text` with each `value` that is no part of a longer word as `slot`."""
    parts: list[str] = []
    at = 0
    while (start := text.find(value, at)) >= 0:
        end = start + len(value)
        inside = (start and text[start - 1].isalnum()) or (end < len(text) and text[end].isalnum())
        parts += (text[at:start], value if inside else slot)
        at = end
    return "".join((*parts, text[at:]))


def _slot_of_calendar(word: re.Match[str]) -> str:
    return "⟨date⟩" if word.group() in _CALENDAR else word.group()


def says_something(normalised: str) -> bool:
    """Return whether a normalised line has a word that is no slot: a line of slots alone says nothing.

    The source's own name counts as a word: standing alone it is the banner of the site.
    """
    return "⟨source⟩" in normalised or _LETTERS.search(_SLOT.sub(" ", normalised)) is not None
