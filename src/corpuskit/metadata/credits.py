"""Image credits: whom the captions of a text name as the source of a picture.

Credits stand anywhere in a text, as a line of their own ("Photo: Jane Doe"), at the end of a caption ("… in
May. Foto: Jane Doe/dpa"), in parentheses, or glued to the caption's last word.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from functools import cache

from corpuskit.metadata.hints import hint, look
from corpuskit.metadata.layout import Layout, Line
from corpuskit.metadata.lexicon import Lexicon, alternatives, given_names
from corpuskit.patterns import later

__all__ = ["Credit", "clean_credit", "glued_credit", "image_credits", "stated_credit"]


@dataclass(frozen=True, slots=True)
class Credit:
    """An image credit and the line it stands in."""

    value: str
    start: int
    end: int
    confidence: float


#: Agencies and archives that sell or give away pictures: their name alone makes a credit.
_ARCHIVES = (
    "getty images", "gettyimages", "getty", "shutterstock", "istock", "istockphoto", "unsplash", "pexels",
    "pixabay", "alamy",
    "adobe stock", "adobestock", "flickr", "wikimedia commons", "wikimedia", "freepik", "picture alliance",
    "picture-alliance",
    "usa today sports", "zuma press", "splash news", "wireimage", "filmmagic", "corbis", "pa images",
    "depositphotos", "dreamstime",
    "fotolia", "123rf", "backgrid", "ap images", "imagn images", "ritzau scanpix", "scanpix", "stocksy",
    "everett collection",
    "thinkstock", "imago", "ap photo", "colourbox", "bigstock", "westend61", "mauritius images", "laif",
    "action images",
)  # fmt: skip
#: News agencies: a credit only beside a photographer's name or in a caption's parentheses.
_AGENCIES = (
    "afp", "ap", "reuters", "epa", "dpa", "apa", "ansa", "efe", "pa", "sipa", "rex", "zuma", "bloomberg",
    "keystone", "ntb", "tt", "pap",
    "čtk", "ctk", "epa-efe", "canva", "nasa", "tass", "xinhua", "yonhap", "kyodo", "sid", "wikipedia",
)  # fmt: skip
_HOUSES = (*_ARCHIVES, *_AGENCIES)
_HOUSE = alternatives(_HOUSES)
_ANY_HOUSE = later(rf"(?<!\w)(?i:{_HOUSE})(?!\w)")
_SOME_HOUSE = look(rf"(?i)\b(?:{alternatives(_HOUSES)})\b")  # a quick look: most lines name none
_WORD = r"(?:[A-ZÀ-Þ]\.|[A-ZÀ-Þ][^\W\d_'’-]*(?:['’-][^\W\d_]+)*|(?:van|von|de|der|da|di|del|la|le)(?=\s))"
_NAMES = rf"{_WORD}(?:\s{_WORD}){{0,4}}"
#: "Jane Doe/dpa", "Jane Doe for The Post/Getty Images", "STR/AFP via Getty Images".
_NAME_HOUSE = later(
    rf"(?:^|(?<=[\s(|.:\"”“]))(?P<value>{_NAMES}(?:\s(?:for|"
    rf"via)\s{_NAMES})?(?:\s?[/|,]\s?{_NAMES}){{0,2}}\s?[/|,]\s?(?i:{_HOUSE})(?:\s(?:via|for)\s{_NAMES})?"
    rf"|{_NAMES}\svia\s(?i:{_HOUSE}))[)\]]?\.?$"
)
#: "IMAGO/Jane Doe", "AP Photo/Jane Doe", "picture alliance / dpa | Jane Doe".
_HOUSE_NAME = later(
    rf"(?:^|(?<=[\s(|.]))(?P<value>(?i:{_HOUSE})(?:\s?[/|]\s?[A-Z][^/|()\n]{{1,40}}){{1,2}}|"
    rf"(?i:{_HOUSE})(?:\s?[/|]\s?(?i:{_HOUSE}))(?:\s?[/|]\s?[A-Z][^/|()\n]{{1,40}})?)[)\]]?\.?$"
)
_ALONE = later(rf"(?i:{alternatives(_ARCHIVES)})")
_BEHIND = later(r"\s?[•;\n]\s|[\"“”]|\s{3,}|(?<=[^\W\d_]{3})\.\s+(?=[A-ZÄÖÜ][a-zäöü]+)|\shide caption")
_BAR = later(r"\s\|\s")
_GLUED = later(
    r"(?<=[a-zà-ÿ0-9”’\")])(?P<value>[A-Z][A-Za-zà-ÿ.'’&-]{2,30}(?:\s[A-Z/][\w.'’&-]{1,30}){0,3})$"
)
_IN_PARENTHESES = later(rf"\((?P<value>{_ALONE.pattern})\)\.?$")
_TAIL = 220  # characters at the end of a line that are looked at
_VALUE = r"[^\n]{1,120}"
_PRIVATE = later(
    r"^(?:courtesy(?: of)?|via|by|von|par|por|di|af|av|from|©|\(c\)|copyright|titelbild|photos?|fotos?|"
    r"images?|bild|illustration)[:\s]\s{0,2}|^©",
    re.IGNORECASE,
)
_COPYRIGHT = later(
    r"(?:^|(?<=[.!?)”\"]\s)|(?<=[.!?)”\"]))[(\[]?\s?(?:©|\((?:c|C)\)|"
    r"Copyright:)\s{0,2}(?P<value>[^\n]{2,60})$"
)
_CAPTION_BY = later(rf"[.!?”\"]\s(?:By|by)\s(?P<value>{_NAMES})$")
_STILL = later(
    r"^(?:a |an |the )?(?:still|scene|image|shot|screenshot|screengrab|frame|poster|picture|photo|photograph|"
    r"view)s?\s(?:from|of|by)\b",
    re.IGNORECASE,
)
_RESERVED = later(
    r"\b(?:19|20)\d\d\b|rights|reserved|rechte|derechos|droits|diritti|riservata|infocom|:\d|gmbh|all "
    r"content",
    re.IGNORECASE,
)


def _labels(words: Lexicon) -> str:
    labels = alternatives(words.credit)
    return (
        rf"(?<![^\W\d_])(?P<label>(?i:{labels}))(?:\s?\[M\])?(?:\s{{0,2}}[:：]|"
        rf"\s[-–—])\s{{0,2}}(?P<value>{_VALUE})"
    )


@cache
def _label(words: Lexicon) -> re.Pattern[str]:
    return re.compile(_labels(words))


@cache
def _again(words: Lexicon) -> re.Pattern[str]:
    return re.compile(rf"\s(?i:{alternatives(words.credit)})\s?:\s")


def _spoken_labels(words: Lexicon) -> str:
    ends = words.by | {"of", "by", "via", "von", "di", "de", "af", "av"}
    labels = alternatives(label for label in words.credit if " " in label and label.split()[-1] in ends)
    return rf"(?<![^\W\d_])(?P<label>(?i:{labels}))\s{{1,2}}(?P<value>[A-ZÀ-Þ@]{_VALUE})"


@cache
def _spoken(words: Lexicon) -> re.Pattern[str]:
    """Labels that need no colon: "Photo by Jane Doe", "Image courtesy of the museum"."""
    return re.compile(_spoken_labels(words))


_LABELLED = hint(_labels)
_SPOKEN = hint(_spoken_labels)
_OWNED = hint(lambda _: r"©|\([cC]\)|Copyright")
_HOUSED = hint(
    lambda _: (
        rf"(?:^|[^0-9A-Za-z_])(?i:{_HOUSE})(?:[^0-9A-Za-z_]|$)|"
        rf"(?i:{alternatives(name for name in _HOUSES if not name.isascii())})"
    )
)
_BY = hint(lambda _: r"[.!?”\"]\s[Bb]y\s")
_STILLS = hint(lambda _: f"(?i:{_STILL.pattern})", "start")
_SHOWING = _LABELLED | _SPOKEN | _OWNED | _HOUSED | _BY | _STILLS


def image_credits(page: Layout, words: Lexicon) -> list[Credit]:
    """Return the image credits of a text, in order; a value said twice comes twice."""
    found: list[Credit] = []
    seen: Counter[str] | None = None
    for at, line in enumerate(page.lines):
        if not line.hints & _SHOWING:
            size = len(line.text)
            # What stands at the beginning of the tail of a longer line may be half a word.
            if not ("/" in line.text if size <= 50 else _TAIL < size <= 450 and _ANY_HOUSE.match(line.text[-_TAIL:])):
                continue
        inside = at < page.close
        seen = seen or Counter(line.text for line in page.lines)
        again = len(line.text) < 80 and seen[line.text] > 1
        value, confidence = _of_line(line, words, inside=inside, again=again)
        if not value and len(line.text) <= 120 and at < max(page.first, 0) + 3 and _STILL.match(line.text):
            value, confidence = glued_credit(line.text), 0.7
        if value:
            found.append(Credit(value, line.start, line.end, confidence))
    return found


def _of_line(line: Line, words: Lexicon, *, inside: bool, again: bool) -> tuple[str, float]:
    """The credit that stands in a line, "" where there is none."""
    text = line.text
    tail = text[-_TAIL:]
    if line.hints & _LABELLED and (":" in tail or "：" in tail or " – " in tail or " - " in tail):
        value = _labelled(text, tail, words, inside=inside, again=again)
        if value:
            return value, 0.9
    for match in _spoken(words).finditer(tail) if line.hints & _SPOKEN else ():
        value = clean_credit(match["value"])
        opens = (
            match.start() <= 12 or tail[match.start() - 1] in "(|[" or re.search(r"[.!?”\"]\s?$", tail[: match.start()])
        )
        if value and _creditable(value) and opens and len(value) <= 70:
            return value, 0.85
    if len(text) <= 400 and ("©" in tail or "(c)" in tail or "(C)" in tail or "Copyright" in tail):
        owned = _COPYRIGHT.search(tail)
        if owned and (inside or owned.start() > 3) and not _RESERVED.search(owned.group()):
            value = clean_credit(owned["value"])
            if value and _creditable(value):
                return value, 0.8
    if len(text) <= 450 and _SOME_HOUSE(tail):
        for pattern in (_HOUSE_NAME, _NAME_HOUSE):
            named = pattern.search(tail)
            if named and not _RESERVED.search(named["value"]) and (inside or named.start() > 3 or len(text) > 40):
                return clean_credit(named["value"]), 0.8
        paren = _IN_PARENTHESES.search(tail)
        if paren and len(text) <= 300:
            return paren["value"], 0.7
        if len(text) <= 40 and _ALONE.fullmatch(text.strip(" ()[]")):
            return text.strip(" ()[]"), 0.75
    signed = _CAPTION_BY.search(tail) if inside and 40 <= len(text) <= 400 else None
    if signed and signed["value"].split()[0].lower() in given_names() and " " in signed["value"]:
        return signed["value"], 0.7
    if inside and len(text) <= 50 and text.count("/") == 1:  # "Jane Doe/NPR" below a picture
        name = text.split("/")[0].split()
        if 2 <= len(name) <= 3 and name[0].lower() in given_names() and re.fullmatch(rf"{_NAMES}\s?/\s?{_NAMES}", text):
            return text, 0.7
    return "", 0.0


def _labelled(text: str, tail: str, words: Lexicon, *, inside: bool, again: bool) -> str:
    """The value behind a label of image credits, the last one of a line."""
    best = ""
    for match in _label(words).finditer(tail):
        label = " ".join(match["label"].lower().split())
        before = tail[: match.start()].rstrip()
        alone = match.start() <= 12 and len(text) <= 150
        value = _again(words).split(match["value"])[0]
        value = clean_credit(value)
        if not value or not _creditable(value):
            continue
        if label in words.weak_credit:
            # "Source:" alone closes an article as well; inside it, or behind a caption, it credits a picture.
            captioned = bool(before) and (before[-1] in '|–—(/.!?”"' or before.endswith("Image")) and len(text) <= 400
            if not (captioned or (alone and (inside or again)) or _ALONE.match(value)):
                continue
        elif not alone and before and before[-1] not in '|–—-(.!?”"/[)»“…' and len(text) > 160:
            continue
        best = value
    return best


def clean_credit(value: str) -> str:
    """Return a credit without labels, closing brackets and what follows it in the line."""
    if not value:
        return ""
    house = _ANY_HOUSE.match(value.lstrip(" ("))
    value = _BEHIND.split(value)[0]
    if not house:
        value = _BAR.split(value)[0]
    if value.lstrip().startswith("@"):
        value = value.split()[0].rstrip(",.")
    for _ in range(3):
        value = _PRIVATE.sub("", value.strip(" \t.,;:|·–—-\"“”'‘’([{"))
    if value.count(")") > value.count("("):
        value = value[: value.index(")")]
    if value.count("]") > value.count("["):
        value = value[: value.index("]")]
    return value.strip(' \t.,;:|·–—-"”“*_）］')


def stated_credit(value: str) -> str:
    """Return what a cleaning rule took for a credit as a credit, or "": "© Riproduzione riservata", "DR" (droits
    réservés) and the text of a caption ("FILE PHOTO: A bus waits at the terminus") name nobody.
    """
    value = clean_credit(value)
    names_nobody = _RESERVED.search(value) or value.replace(".", "").upper() == "DR"
    return "" if names_nobody or not _creditable(value) else value


def _creditable(value: str) -> bool:
    """Whether a value can be a credit: a name, an agency, a handle; not a sentence."""
    if not 2 <= len(value) <= 90 or re.search(r"(?i:facebook|twitter) ?\|", value) or not any(map(str.isalpha, value)):
        return False
    tokens = value.split()
    if len(tokens) > 10:
        return False
    small = sum(1 for token in tokens if token[:1].islower() and len(token) > 3 and "." not in token)
    return small <= max(1, len(tokens) // 3) or value.startswith("@") or (len(tokens) <= 2 and small < 2)


def glued_credit(text: str) -> str:
    """Return the credit glued to the last word of a caption ("… of the filmLionsgate" → "Lionsgate"), or ""."""
    match = _GLUED.search(text)
    if not match or match.start() < 12 or " " not in text[: match.start()]:
        return ""
    head = text[: match.start()].rsplit(maxsplit=1)[-1]
    return "" if head.lower() in ("mc", "mac", "de", "i", "e") else match["value"]
