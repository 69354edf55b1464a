"""Personal data in a text: e-mail addresses, phone numbers, IP addresses, IBANs, as spans.

Every finder runs in linear time (bounded repetitions, no nested ones) and confirms what it finds by a rule of
the format: the check digits of an IBAN, the range of an octet, the number of digits of a phone number.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv6Address

from corpuskit.metadata.hints import encoded, look, loosened, which
from corpuskit.metadata.options import KINDS
from corpuskit.patterns import later

__all__ = ["KINDS", "Found", "find"]


@dataclass(frozen=True, slots=True)
class Found:
    """A piece of personal data at `[start, end)` of the text."""

    kind: str
    start: int
    end: int


_EMAIL = later(
    r"(?<![\w.+%-])[A-Za-z0-9][\w.+%-]{0,63}@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.){1,6}[A-Za-z]{2,24}(?![\w-])"
)
_IPV4 = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]*\d|\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f]{0,4}(?![\w:])")
_IBAN = later(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:\s?[A-Z0-9]{4}){2,7}(?:\s?[A-Z0-9]{1,3})?(?![A-Za-z0-9])")
#: A phone number as people write it: + and country code, or a label before it, or the North American form.
_PHONE = later(
    r"(?<![\w.+/-])(?<!\d )(?:"
    r"(?:\+|00)\d{1,3}[\s./-]?(?:\(0?\d{1,5}\)[\s./-]?)?\d{1,4}(?:[\s./-]?\d{2,5}){1,5}"
    r"|\(\d{3}\)\s?\d{3}[\s.-]\d{4}"
    r"|[2-9]\d{2}[.-]\d{3}[.-]\d{4}"
    r")(?![\w/]|[.-]\d)"
)
_LABELLED = later(
    r"(?<!\w)(?:tel(?:efon|efono|éfono|éphone|ephone)?|phone|call|fax|mobile?|mobil|handy|whatsapp|телефон|"
    r"тел)\.?\s{0,2}(?:nr\.?|no\.?)?\s{0,2}[:.]?\s{0,2}"
    r"(?P<number>\(?\+?\d{1,5}\)?(?:[\s./()-]{1,3}\d{2,8}){1,5}|\d{6,14})(?!\w)",
    re.IGNORECASE,
)


def _octets(text: str) -> bool:
    parts = text.split(".")
    # A version number or a section (1.2.3.4) is not an address: none of its octets has two digits.
    return all(int(part) <= 255 for part in parts) and any(len(part) > 1 for part in parts)


def _sixteen(text: str) -> bool:
    if text.count(":") < 2 or not any(character in "0123456789abcdefABCDEF" for character in text):
        return False
    if "::" not in text and text.count(":") != 7:
        return False  # a clock with seconds and hundredths
    try:
        IPv6Address(text)
    except ValueError:
        return False
    return True


def _check_digits(text: str) -> bool:
    """ISO 13616: the rearranged number leaves 1 modulo 97."""
    bare = re.sub(r"\s", "", text)
    if not 15 <= len(bare) <= 34:
        return False
    digits = "".join(str(int(character, 36)) for character in bare[4:] + bare[:4])
    return int(digits) % 97 == 1


def _digits(text: str) -> bool:
    return 7 <= sum(map(str.isdigit, text)) <= 15  # E.164: at most fifteen


_FINDERS: tuple[tuple[str, re.Pattern[str], Callable[[str], bool]], ...] = (
    ("email", _EMAIL, lambda text: ".." not in text),
    ("iban", _IBAN, _check_digits),
    ("ip", _IPV4, _octets),
    ("ip", _IPV6, _sixteen),
    ("phone", _PHONE, _digits),
)



#: A quick look at a whole text: most texts hold nothing of a kind. Of addresses in technical prose ("std::move") most
#: begin within a word. The digits are those of a phone number.
_LIKELY = which(
    [
        loosened(r"[A-Z]{2}\d{2}\s?[A-Z0-9]{4}", 4),
        loosened(r"\d\.\d{1,3}\.\d{1,3}\.\d", 3),
        loosened(rf"(?:^|[^0-9A-Za-z_:.]){_IPV6.pattern}", 7),
        loosened(r"\d(?:[\s./()+-]{0,4}\d){6}", 6),
    ]
)
_IBANS, _FOURS, _SIXES, _NUMBERS = range(4)
_ENDS = frozenset("_.+%-")  # with which the first part of an address may end, beside letters and digits
_SOME_PHONE = look(loosened(_PHONE.pattern, 5))
_SOME_LABELLED = look(f"(?i){loosened(_LABELLED.pattern, 8)}")


def _likely(text: str) -> tuple[bool, ...]:
    """Which of `_FINDERS` may find something in a text, and at last whether a labelled phone number may stand in it."""
    seen = _LIKELY(encoded(text))
    numbers = _NUMBERS in seen
    return (
        _some_address(text),
        _IBANS in seen,
        _FOURS in seen,
        _SIXES in seen,
        numbers and _SOME_PHONE(text),
        numbers and _SOME_LABELLED(text),
    )


def _some_address(text: str) -> bool:
    """Whether an "@" stands between what may be the two parts of an address: not in "@param"."""
    at = text.find("@")
    while at >= 0:
        if (text[at - 1 : at].isalnum() or text[at - 1 : at] in _ENDS) and text[at + 1 : at + 2].isalnum():
            return True
        at = text.find("@", at + 1)
    return False


def find(text: str, kinds: tuple[str, ...] = KINDS) -> list[Found]:
    """Return the personal data of `text`, sorted and without overlaps; `kinds` says which."""
    *likely, labelled = _likely(text)
    found: list[Found] = []
    for (kind, pattern, confirmed), may in zip(_FINDERS, likely, strict=True):
        if not may or kind not in kinds:
            continue
        for match in pattern.finditer(text):
            if confirmed(match.group()):
                found.append(Found(kind, match.start(), match.end()))
    if labelled and "phone" in kinds:
        for match in _LABELLED.finditer(text):
            if _digits(match["number"]):
                found.append(Found("phone", match.start("number"), match.end("number")))
    if not found:
        return found
    rank = {kind: at for at, kind in enumerate(KINDS)}
    found.sort(key=lambda entry: (rank[entry.kind], entry.start, -entry.end))
    kept: list[Found] = []
    for entry in found:
        if all(entry.end <= other.start or other.end <= entry.start for other in kept):
            kept.append(entry)
    return sorted(kept, key=lambda entry: entry.start)
