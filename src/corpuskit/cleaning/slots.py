"""A line with its variable parts as slots: what two copies of one template line have in common.

"Published 3 March 2024 by Ada Lind" and "Published 12 June 2023 by Bo Ek" are the same line once the number, the
month and the given author are slots. Only what is known is a slot: digits, month and weekday names beside digits,
web addresses, and the field values that came with the document. Names are never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpuskit import words
from corpuskit.cleaning.automata import automaton
from corpuskit.model import Candidate
from corpuskit.patterns import later

__all__ = [
    "MOST_CHARS", "Known", "Signs", "first_word", "known_values", "normalise", "normalise_each", "says_something", "signs",
]  # fmt: skip

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
_SIZE = 0x20000
_LONGEST = 64  # characters of a first word
_DIGITS = later(r"\d+")
_ADDRESS = later(r"https?://\S+")
_LETTERS = later(r"[^\W\d_]+")
_NOON = later(r"(?<=0) ?[ap]\.?m\b\.?")
_LIKE_NOON = r"0 ?[ap]\.?m"  # stands where it matches
_ASCII_DIGITS = bytes.maketrans(b"123456789", b"000000000")
_ZEROS = re.compile(b"00+")
_OTHER_DIGIT = 2  # in `Signs.numbers`
_SLOT = later(r"⟨\w+⟩")

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
_CALENDAR = tuple(sorted(set(_MONTHS_AND_DAYS.split())))
_DAYS = frozenset(_CALENDAR)


def _cased(text: str) -> str:
    if text.isascii():
        return text.lower()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())


def _folded(text: str) -> str:
    return " ".join(_cased(text).split())


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
    (text,) = _numbered([text], text.isascii())
    return text if len(text) <= MOST_CHARS else ""


def first_word(line: str) -> str:
    """Return the first word of what `normalise` makes of a line, unless a known value stands there; "" for one that is not
    all letters, may be a slot, or is very long."""
    some = line.lstrip()[: _LONGEST + 1]
    word = _cased(some.split(None, 1)[0]) if some else ""
    return word if word.isalpha() and len(word) <= _LONGEST and word not in _DAYS else ""


def _numbered(lines: list[str], plain: bool) -> list[str]:
    """Return `lines` with digits as slots, and beside digits the names of months and days, and the halves of the day.

    With `plain` they have no other digits than those of ASCII.
    """
    dated = "\n".join(lines)
    dated = _zeroed(dated) if plain else _DIGITS.sub("0", dated)
    found = dated.split("\n")
    if all("0" in line for line in found):
        return _calendar(dated).split("\n")
    return [_calendar(line) if "0" in line else line for line in found]


def _zeroed(text: str) -> str:
    """Return `text`, whose digits are of ASCII, with each number as one 0: in a fifth of the time that `_DIGITS` takes."""
    data = text.encode(errors="surrogatepass").translate(_ASCII_DIGITS)
    return (_ZEROS.sub(b"0", data) if b"00" in data else data).decode(errors="surrogatepass")


def _calendar(text: str) -> str:
    """Return lines that all have digits, which read 0, with the names of months and days beside them as slots."""
    noon = False
    for number in _calendar_set()(text.encode(errors="replace")) or ():
        if number == len(_CALENDAR):
            noon = True
        else:
            text = _replaced(text, _CALENDAR[number], "⟨date⟩", _is_letter)
    return _NOON.sub("", text) if noon else text


@lru_cache(maxsize=1)
def _calendar_set() -> Callable[[bytes], list[int] | None]:
    """Which names of the calendar a text may hold as words of their own, and after the last of them whether it may hold a half
    of the day; others than ASCII letters may be anything."""
    return automaton([*(f"(?:^|[^a-z]){name}(?:$|[^a-z])" for name in _CALENDAR), _LIKE_NOON])


def _is_letter(char: str) -> bool:
    """Whether a character is what ``[^\\W\\d_]`` matches."""
    return char.isalnum() and not char.isdecimal()


@dataclass(frozen=True, slots=True)
class Signs:
    """What spares most lines of a batch most steps of `normalise`: a 1 for each line that may need them."""

    uneven: bytes   #: may hold other blanks than single ones between words
    numbers: bytes  #: may hold a digit; `_OTHER_DIGIT` where it may hold one that is not of ASCII


def signs(found: words.Words) -> Signs:
    """Return the signs of all lines of a batch of texts, from its characters."""
    points = found.points
    blank, edge = points == ord(" "), found.classes == words.BREAK
    border = blank | edge
    uneven = (border[1:] & border[:-1] & (blank[1:] | blank[:-1])).nonzero()[0] + 1
    odd = ((points < ord(" ")) & ~edge).nonzero()[0]
    later = (points > 0x7F).nonzero()[0]
    kinds = _kinds()[np.minimum(points[later].astype(np.uint32), _SIZE - 1)]
    digits = (points - np.uint32(ord("0")) < 10).nonzero()[0]

    def lines(*places: tuple[NDArray[np.int64], int]) -> bytes:
        held = np.zeros(len(found.line_ends), dtype=np.uint8)
        for some, sign in places:
            held[np.searchsorted(found.line_ends, some)] = sign
        return held.tobytes()

    top = blank[:1].nonzero()[0]  # has no neighbour above it
    blanks = [(some, 1) for some in (uneven, odd, later[kinds == 1], top)]
    return Signs(lines(*blanks), lines((digits, 1), (later[kinds == 2], _OTHER_DIGIT)))


@lru_cache(maxsize=1)
def _kinds() -> NDArray[np.uint8]:
    """1 for the blanks and 2 for the digits among the code points of the two first planes; beyond are none."""
    kinds = np.zeros(_SIZE, dtype=np.uint8)
    for kind, pattern in ((1, r"\s+"), (2, r"\d+")):
        for match in re.finditer(pattern, words.characters()):
            kinds[match.start() : match.end()] = kind
    return kinds


def normalise_each(lines: Sequence[str], filled: Sequence[int], marks: Signs, known: Known) -> list[str]:
    """Return what `normalise` makes of those of a document's `lines` whose numbers are `filled`."""
    if not filled:
        return []
    found = _cased("\n".join([lines[at] for at in filled])).split("\n")
    for rank, at in enumerate(filled):
        if marks.uneven[at]:
            found[rank] = _folded(lines[at])
    joined = "\n".join(found)
    if any(value in joined for _, value in known):
        for rank, line in enumerate(found):
            for slot, value in known:
                if value in line:
                    line = _replaced(line, value, f"⟨{slot}⟩")
            found[rank] = line
    if "://" in joined:
        found = [_ADDRESS.sub("⟨url⟩", line) if "://" in line else line for line in found]
    if numbered := [rank for rank, at in enumerate(filled) if marks.numbers[at]]:
        plain = _OTHER_DIGIT not in marks.numbers
        for rank, line in zip(numbered, _numbered([found[rank] for rank in numbered], plain), strict=True):
            found[rank] = line
    for rank, at in enumerate(filled):
        if len(found[rank]) > MOST_CHARS or len(lines[at]) > 2 * MOST_CHARS:
            found[rank] = ""
    return found


def _replaced(text: str, value: str, slot: str, joins: Callable[[str], bool] = str.isalnum) -> str:
    """Return `text` with each `value` that is no part of a longer word, beside characters that it `joins`, as `slot`."""
    parts: list[str] = []
    at = 0
    while (start := text.find(value, at)) >= 0:
        end = start + len(value)
        inside = (start and joins(text[start - 1])) or (end < len(text) and joins(text[end]))
        parts += (text[at:start], value if inside else slot)
        at = end
    return "".join((*parts, text[at:]))


def says_something(normalised: str) -> bool:
    """Return whether a normalised line has a word that is no slot: a line of slots alone says nothing.

    The source's own name counts as a word: standing alone it is the banner of the site.
    """
    if normalised[:1].isalpha():
        return True
    if "⟨" in normalised:
        return "⟨source⟩" in normalised or _LETTERS.search(_SLOT.sub(" ", normalised)) is not None
    return _LETTERS.search(normalised) is not None
