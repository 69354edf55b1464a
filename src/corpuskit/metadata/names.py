"""What a name looks like: shapes of persons' and organisations' names, their case, and names glued together.

Nothing here knows who exists; these are the shapes in which names are written.
"""

from __future__ import annotations

import re

from corpuskit.metadata.lexicon import Lexicon, given_names
from corpuskit.patterns import later

__all__ = [
    "AGENCIES", "INITIALS", "PARTICLES", "SUFFIXES",
    "institutional", "is_name", "is_organisation", "known", "once", "proper_case", "second", "unglue",
]  # fmt: skip

SUFFIXES = frozenset(("jr", "jr.", "sr", "sr.", "ii", "iii", "iv", "jnr", "snr"))
PARTICLES = frozenset(
    (
        "van", "von", "der", "den", "de", "del", "della", "di", "da", "do", "dos", "das", "du", "la", "le",
        "los", "las", "el", "al", "bin", "ibn", "bint", "ben", "zu", "zum", "zur", "af", "av", "ter", "ten",
        "te", "y", "e", "i", "d'", "der.", "dello", "degli", "dal", "dalla", "st", "st.", "und", "ul", "ur",
        "abu", "mc", "van't", "'t", "op", "vom", "ua",
    )
)  # fmt: skip
#: A capital that belongs to the letters before it: McCormick, MacDonald, DeVries, O'Neil, FitzGerald.
_PREFIXES = (
    "mc", "mac", "de", "di", "du", "la", "le", "van", "von", "fitz", "o", "da", "del", "st", "al", "el",
    "ver", "vander", "ap", "ter",
)  # fmt: skip
#: News agencies by the names they sign with.
AGENCIES = frozenset(
    (
        "reuters", "dpa", "afp", "ap", "ansa", "efe", "apa", "upi", "pap", "ctk", "čtk", "tass", "ria", "pti",
        "ani", "xinhua", "kyodo", "yonhap", "bloomberg", "cnn", "bbc", "nbc", "abc", "cbs", "sid", "epd", "kna",
        "kathpress", "afx", "dpa-afx", "antara", "lusa", "belga", "anp", "ntb", "tt", "ritzau", "stt",
        "interfax", "ukrinform", "agerpres", "mti", "bta", "hina", "tanjug", "aap", "cp", "sda",
    )
)  # fmt: skip
_NAME_TOKEN = later(
    r"[^\W\d_](?:[^\W\d_]|['’ʼ`´.\-‐‑](?=[^\W\d_])|[\u0300-\u036f]|"
    #: vowel signs of Hebrew, Arabic, the scripts of India, Thai and Lao; the joiners of Persian and Hindi
    r"[\u0591-\u05c7\u064b-\u065f\u0670\u0900-\u0903\u093a-\u094f\u0981-\u0dff\u0e31-\u0e3a\u0e47-\u0e4e\u200c\u200d])*\.?",
    re.UNICODE,
)
#: What may be a small letter before a capital: sure of ASCII and Latin 1, and passes all else but punctuation.
_SEAM = later("[a-z\xaa\xb5\xba\xdf-\u1fff\u2070-\U0010ffff][A-Z\xc0-\xde\u0100-\u1fff\u2070-\U0010ffff]")
_ASCII_SEAM = later("[a-z][A-Z]")  # what that is in ASCII: it takes five milliseconds less to compile
INITIALS = later(r"(?:[^\W\d_]\.\s?-?){1,4}")
#: Words that are part of a name though they begin with a small letter.
_SMALL = PARTICLES | SUFFIXES
_ELIDED = ("d'", "d’", "al-", "el-", "ul-", "l'", "l’")


def unglue(text: str) -> str:
    """Return `text` with a break (``‖``) where a capital follows a small letter: "RiemannBarbara Schneider".

    Extractors drop the space between two page elements. Capitals inside names (McCormick, DeVries) stay.
    """
    if not (_ASCII_SEAM if text.isascii() else _SEAM).search(text):
        return text
    out: list[str] = []
    start = 0
    for at in range(1, len(text)):
        if not (text[at].isupper() and text[at - 1].islower()):
            continue
        begin = at
        while begin > start and (text[begin - 1].isalpha()):
            begin -= 1
        head = text[begin:at]
        if head.lower() in _PREFIXES and head[:1].isupper():
            continue
        if len(head) < 2:
            continue
        out.append(text[start:at])
        start = at
    out.append(text[start:])
    return "‖".join(out)


def proper_case(name: str) -> str:
    """Return a name in CAPITALS in the usual case ("RALPH D. O'NEIL-MCKAY" → "Ralph D. O'Neil-McKay"), others as is."""
    letters = [character for character in name if character.isalpha()]
    tokens = name.split()
    if len(letters) < 5 or not all(character.isupper() for character in letters) or len(tokens) < 2:
        return name
    out = []
    for at, token in enumerate(tokens):
        low = token.lower()
        if at and low in PARTICLES and low not in ("al",) and at < len(tokens) - 1:
            out.append(low)
        elif low.rstrip(".") in ("ii", "iii", "iv") or (len(token) <= 2 and "." not in token and not _vowels(low)):
            out.append(token)  # numerals, and JR, TJ, DJ: initials written as one word
        else:
            out.append(re.sub(r"(^|['’\-.])(\w)", lambda m: m[1] + m[2].upper(), low))
            if out[-1].startswith("Mc") and len(out[-1]) > 4:
                out[-1] = "Mc" + out[-1][2:].capitalize()
    return " ".join(out)


def _vowels(token: str) -> bool:
    return any(character in "aeiouyäöüáéíóúàèìòùâêîôû" for character in token)


def is_organisation(name: str, words: Lexicon) -> bool:
    """Whether the words of `name` are those of an agency, a paper, an institution: "BR24 Redaktion", "AFP"."""
    tokens = [token.strip(".,'’").lower() for token in name.split()]
    if not tokens:
        return False
    if tokens[0] in ("the", "die", "der", "das", "le", "la", "les", "el", "los", "il") and len(tokens) > 1:
        return name[:1].isupper()
    if any(institutional(token, words) for token in tokens):
        return True
    if len(tokens) == 1:
        bare = name.strip(".")
        return (bare.isupper() and 2 <= len(bare) <= 6 and bare.isalpha()) or bool(
            re.fullmatch(r"[\w-]+\.(?:com|org|net|de|fr|it|es|co\.uk|eu|info|ch|at|nl)", name, re.IGNORECASE)
        )
    return tokens[-1] in ("ag", "gmbh", "inc", "llc", "ltd", "e.v", "sa", "srl", "bv", "plc")


def institutional(token: str, words: Lexicon) -> bool:
    """Whether one word is that of an organisation's name: "Redaktion", "Reuters", "courier-post"."""
    return any(part in words.organisations or part in AGENCIES for part in token.lower().split("-"))


def is_name(name: str, words: Lexicon, *, most: int = 5) -> bool:
    """Whether `name` has the shape of a person's name: one to `most` words, capitals, initials, particles."""
    tokens = name.split()
    if not 1 <= len(tokens) <= most + 1 or len(name) > 60:
        return False
    # "Gregory Day", "Adrienne So": after a given name a common word is a surname.
    known = tokens[0].lower() in given_names()
    capitals = 0
    for at, token in enumerate(tokens):
        low = token.lower()
        if low.strip(".,") in SUFFIXES and at:
            continue
        if INITIALS.fullmatch(token):
            capitals += token[0].isupper()
            continue
        if not _NAME_TOKEN.fullmatch(token) or low.endswith(("'s", "’s")):
            return False
        if low in PARTICLES and len(tokens) > 1:
            if token[0].isupper():
                capitals += at == 0
            continue
        if low.startswith((*_ELIDED, "’t", "'t")) and len(low) > 3:
            capitals += 1
            continue
        if not token[0].isupper() and not _caseless(token[0]):
            return False
        if low in words.stop and (at == 0 or len(tokens) < 3) and not known:
            return False
        capitals += 1
    return 1 <= capitals <= most


def second(token: str) -> bool:
    """Whether `token` may be the second word of a name: a quick look, before a line is read as one that opens with it."""
    if not token[0].islower() or token[1:2] == ".":
        return True
    low = token.lower()
    return low in _SMALL or low.strip(".,") in _SMALL or low.startswith(_ELIDED)


def _caseless(character: str) -> bool:
    return character.isalpha() and not character.isupper() and not character.islower()


def known(name: str) -> bool:
    """Whether `name` has several words, the first of which is a common given name."""
    tokens = name.split()
    return len(tokens) >= 2 and (tokens[0].lower() in given_names() or tokens[0].split("-")[0].lower() in given_names())


def once(text: str) -> str:
    """Return one half of a text that says the same twice, glued or not ("Jane DoeJane Doe"); others as they are."""
    half = len(text) // 2
    if len(text) >= 8 and text[:half].strip() == text[half:].strip() and " " in text[:half].strip():
        return text[:half].strip()
    return text
