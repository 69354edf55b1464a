"""Image credits: whom the captions of a text name as the source of a picture.

Credits stand anywhere in a text, as a line of their own ("Photo: Jane Doe"), at the end of a caption
("… in May. Foto: Jane Doe/dpa"), in parentheses, or glued to the caption's last word.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, alternatives

__all__ = ["Credit", "clean_credit", "credits", "glued_credit"]


@dataclass(frozen=True, slots=True)
class Credit:
    """An image credit and the line it stands in."""

    value: str
    start: int
    end: int
    confidence: float


#: Agencies and archives whose name alone, after a slash or in parentheses, makes a credit.
_HOUSES = (
    "getty images", "gettyimages", "getty", "afp", "ap photo", "ap", "reuters", "epa", "dpa", "imago", "shutterstock", "istock",
    "istockphoto", "unsplash", "pexels", "pixabay", "alamy", "adobe stock", "adobestock", "flickr", "wikimedia commons", "wikimedia",
    "wikipedia", "freepik", "picture alliance", "picture-alliance", "usa today sports", "zuma press", "zuma", "splash news",
    "wireimage", "filmmagic", "bloomberg", "corbis", "keystone", "apa", "ansa", "efe", "pa images", "pa wire", "pa", "sipa", "rex",
    "depositphotos", "dreamstime", "fotolia", "123rf", "backgrid", "ap images", "imagn images", "ritzau scanpix", "scanpix", "ntb",
    "tt", "pap", "ctk", "čtk", "epa-efe", "instagram", "screenshot", "canva", "stocksy", "everett collection", "nasa",
)  # fmt: skip
_VALUE = r"[^\n|]{1,110}"
_PRIVATE = re.compile(r"^(?:courtesy(?: of)?|via|by|von|par|por|di|af|av|from|of|©|\(c\)|copyright|the)\s{1,2}", re.IGNORECASE)


@lru_cache(maxsize=None)
def _label(words: Lexicon) -> re.Pattern[str]:
    labels = alternatives(words.credit)
    return re.compile(rf"(?<![^\W\d_])(?P<label>{labels})\s{{0,2}}(?P<colon>[:：/=]|\s[-–—]\s)\s{{0,2}}(?P<value>{_VALUE})", re.IGNORECASE)


@lru_cache(maxsize=None)
def _spoken(words: Lexicon) -> re.Pattern[str]:
    """Labels that need no colon: "Photo by Jane Doe", "Image courtesy of the museum"."""
    labels = alternatives(label for label in words.credit if label.split()[-1] in words.by | {"of", "by", "via", "von", "di", "de", "af", "av"})
    return re.compile(rf"(?<![^\W\d_])(?P<label>{labels})\s{{1,2}}(?P<value>(?=[^\W\d_a-z@]|@){_VALUE})", re.IGNORECASE) if labels else re.compile(r"(?!)")


_COPYRIGHT = re.compile(r"^[(\[]?\s?(?:©|\(c\)|Copyright:?)\s{0,2}(?P<value>[^\n]{2,90})$", re.IGNORECASE)
_PAREN = re.compile(r"[(\[](?P<value>[^()\[\]\n]{2,100})[)\]]\s{0,2}\.?$")
_HOUSE_TAIL = re.compile(
    r"(?:^|(?<=[\s(|:.]))(?P<value>(?:[^\W\d_][\w.'’-]{0,30}\s){0,4}(?:[^\W\d_][\w.'’-]{0,30})?\s?[/|,]\s?(?:"
    + alternatives(_HOUSES)
    + r")(?:\s(?:via|for)\s[\w ]{2,30})?)[)\]]?\.?$",
    re.IGNORECASE,
)
_HOUSE = re.compile(rf"(?:{alternatives(_HOUSES)})(?:\s?[/|]\s?\S.{{0,40}})?", re.IGNORECASE)
_STILL = re.compile(r"^(?:a |an |the )?(?:still|scene|image|shot|screenshot|screengrab|frame|poster|picture|photo|photograph|view)s?\s(?:from|of|by)\b", re.IGNORECASE)


def credits(page: Layout, words: Lexicon) -> list[Credit]:
    """Return the image credits of a text, in order; a value said twice comes twice."""
    found: list[Credit] = []
    for at, line in enumerate(page.lines):
        value, confidence = _of_line(line, words)
        if value:
            found.append(Credit(value, line.start, line.end, confidence))
            continue
        if len(line.text) <= 120 and _STILL.match(line.text) and at < max(page.first, 0) + 3:
            value = glued_credit(line.text)
            if value:
                found.append(Credit(value, line.start, line.end, 0.7))
    return found


def _of_line(line: Line, words: Lexicon) -> tuple[str, float]:
    """The credit that stands in a line, "" where there is none."""
    text = line.text
    tail = text[-200:] if len(text) > 200 else text
    lowered = tail.lower()
    best: tuple[str, float] = ("", 0.0)
    for match in _label(words).finditer(tail):
        label = " ".join(match["label"].lower().split())
        alone = match.start() <= 2 and len(text) <= 140
        if label in words.weak_credit and not alone and match.start() and tail[match.start() - 1 : match.start()] not in " |(-–—.,":
            continue
        if label in words.weak_credit and not _captionlike(text, match, words):
            continue
        value = clean_credit(match["value"])
        if value and _creditable(value):
            best = (value, 0.9 if label not in words.weak_credit else 0.75)
    if best[0]:
        return best
    for match in _spoken(words).finditer(tail):
        value = clean_credit(match["value"])
        if value and _creditable(value) and (match.start() <= 2 or tail[match.start() - 1] in "(|[" or len(text) <= 200):
            return value, 0.85
    copyright_ = _COPYRIGHT.match(text) if len(text) <= 100 else None
    if copyright_ and not re.search(r"\b(?:19|20)\d\d\b|rights|reserved|rechte|derechos|droits|diritti", text, re.IGNORECASE):
        value = clean_credit(copyright_["value"])
        if value and _creditable(value):
            return value, 0.8
    if any(house in lowered for house in ("getty", "afp", "reuters", "dpa", "imago", "shutterstock", "istock", "unsplash", "pexels", "pixabay", "alamy", "adobe", "ap)", "/ap", "epa", "flickr", "wikimedia", "apa/", "instagram")):
        paren = _PAREN.search(tail)
        if paren and (_HOUSE_TAIL.search(paren["value"]) or _HOUSE.fullmatch(paren["value"].strip())) and len(text) <= 400:
            return clean_credit(paren["value"]), 0.8
        house = _HOUSE_TAIL.search(tail)
        if house and len(text) <= 300 and house["value"].count(" ") <= 6:
            return clean_credit(house["value"]), 0.75
        if _HOUSE.fullmatch(text) and len(text) <= 60:
            return clean_credit(text), 0.75
    return "", 0.0


def _captionlike(text: str, match: re.Match[str], words: Lexicon) -> bool:
    """Whether a weak label ("Source: …") labels a picture: the line is a caption with a separator before it, or names a house."""
    value = match["value"].lower()
    if any(value.startswith(house) or f"/{house}" in value or value.endswith(house) for house in _HOUSES if len(house) > 3):
        return True
    before = text[: len(text) - len(match.string) + match.start()].rstrip()
    return before.endswith(("|", "–", "—")) and len(text) <= 300


def clean_credit(value: str) -> str:
    """Return a credit without labels, closing brackets and what follows it in the line."""
    value = re.split(r"\s[|•]\s|\s{3,}|\.\s+(?=[A-ZÄÖÜ][a-zäöü]+\s)", value)[0]
    for _ in range(3):
        value = _PRIVATE.sub("", value.strip(" \t.,;:|·–—-\"“”'‘’([{"))
    if value.count(")") > value.count("("):
        value = value[: value.index(")")] if value.index(")") else value
    if value.count("]") > value.count("["):
        value = value[: value.index("]")]
    return value.strip(" \t.,;:|·–—-")


def _creditable(value: str) -> bool:
    """Whether a value can be a credit: a name, an agency, a handle; not a sentence."""
    if not 2 <= len(value) <= 90 or not any(map(str.isalpha, value)):
        return False
    tokens = value.split()
    if len(tokens) > 10:
        return False
    small = sum(1 for token in tokens if token[:1].islower() and len(token) > 3)
    return small <= max(1, len(tokens) // 3) or value.startswith("@") or len(tokens) <= 2


def glued_credit(text: str) -> str:
    """Return the credit glued to the last word of a caption ("… of the filmLionsgate" → "Lionsgate"), or ""."""
    match = re.search(r"(?<=[a-zà-ÿ0-9”’\")])(?P<value>[A-Z][A-Za-zà-ÿ.'’&-]{2,30}(?:\s[A-Z/][\w.'’&-]{1,30}){0,3})$", text)
    if not match or match.start() < 12 or " " not in text[: match.start()]:
        return ""
    head = text[: match.start()].split()[-1]
    return "" if head.lower() in ("mc", "mac", "de", "i", "e") else match["value"]
