"""Names in Han characters, kana and Hangul: written without spaces, with labels before or after them."""

from __future__ import annotations

import re

from corpuskit.metadata.lexicon import Lexicon
from corpuskit.metadata.record import Person, Role
from corpuskit.patterns import later

__all__ = ["EAST", "eastern", "is_eastern"]

_HAN = r"\u3400-\u4dbf\u4e00-\u9fff\u3005"
EAST = f"[{_HAN}\u3040-\u30ff\uac00-\ud7af]"  #: a character of these scripts
_EAST = later(EAST)
_EAST_PARTS = later(r"[／/|｜、，,；;：:（）()\[\]【】\s・•]+")
_EAST_NAME = later(
    f"[{_HAN}]{{2,4}}|[{_HAN}]{{1,3}}(?:[\u3041-\u3096]{{2,4}}|[\u30a1-\u30fa]{{2,5}})|[\uac00-\ud7af]{{2,4}}|[\u30a0-\u30ff]{{2,12}}(?:・[\u30a0-\u30ff]{{2,12}}){{1,3}}"
)
_EAST_TAIL = later(
    "(?:综合报道|綜合報導|即時報導|专题报道|报道|報導|報道|特派员|特派員|記者|记者|编辑|編輯|기자|특파원|さん|氏)$"
)
_EAST_OTHER = later(
    "報$|报$|報社|报社|新聞|新闻|社$|部$|網$|网$|局$|台$|署$|會$|会$|大學|大学|圖|图|写真|사진|뉴스|신문|통신"
)


def is_eastern(text: str) -> bool:
    """Whether most letters of `text` are of these scripts."""
    if max(text, default="") < "\u3005":  # the first of them
        return False
    return len(_EAST.findall(text)) * 2 > sum(map(str.isalpha, text))


def eastern(text: str, words: Lexicon, role: Role) -> list[Person]:
    """Return the people of a byline in these scripts; `role` is given to those without a label of their own."""
    found: list[Person] = []
    current: Role = role
    labels = sorted(words.roles, key=lambda label: (-len(label), label))
    spaced = re.fullmatch(f"([{_HAN}]{{1,3}}) ([{_HAN}]{{1,3}})", text.strip())
    if spaced:  # Japanese family and given name
        return [Person(text.strip(), role)]
    for part in _EAST_PARTS.split(text):
        for label in labels:
            at = part.find(label) if _EAST.match(label) else -1
            if at >= 0 and (at + len(label) < len(part) or at == 0) and len(label) > (1 if at else 0):
                current = _role(label, words, role)
                part = part[at + len(label) :]
                break
        bare = _EAST_TAIL.sub("", part)
        if bare != part and bare and re.search("[报報]", part[len(bare) :]):
            continue  # "台北報導": the place a report comes from
        if _EAST_OTHER.search(bare) or not _EAST_NAME.fullmatch(bare):
            continue
        if any(label in bare for label in labels if len(label) > 1) or bare in words.weekdays:
            continue
        found.append(Person(bare, current))
    return found


def _role(label: str, words: Lexicon, default: Role) -> Role:
    known = words.roles[label]
    return default if known == "author" else known
