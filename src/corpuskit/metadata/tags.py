"""Codes of languages as inputs write them: tags with regions, three-letter codes, lists of both."""

from __future__ import annotations

import re

from corpuskit.patterns import later

__all__ = ["is_language", "language_code"]

#: ISO 639-2 (both its lists) and 639-3 to 639-1, for the languages that metadata is read in.
_SHORTER = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "nld": "nl",
    "dut": "nl", "pol": "pl", "rus": "ru", "ukr": "uk", "ces": "cs", "cze": "cs", "slk": "sk", "slo": "sk", "swe": "sv",
    "dan": "da", "nor": "no", "nob": "no", "nno": "nn", "fin": "fi", "hun": "hu", "ron": "ro", "rum": "ro", "bul": "bg",
    "ell": "el", "gre": "el", "tur": "tr", "ara": "ar", "heb": "he", "hin": "hi", "ind": "id", "jpn": "ja", "kor": "ko",
    "zho": "zh", "chi": "zh", "cmn": "zh", "vie": "vi", "cat": "ca", "hrv": "hr", "srp": "sr", "slv": "sl", "est": "et",
    "lav": "lv", "lit": "lt", "fas": "fa", "per": "fa",
}  # fmt: skip
#: ISO 639-1. Three-letter codes are known by their form: there are eight thousand of them.
_ISO_639_1 = """
aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca ce ch co cr cs cu cv cy da de dv dz ee el
en eo es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he hi ho hr ht hu hy hz ia id ie ig ii ik io is it iu
ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la lb lg li ln lo lt lu lv mg mh mi mk ml mn mr ms mt my na
nb nd ne ng nl nn no nr nv ny oc oj om or os pa pi pl ps pt qu rm rn ro ru rw sa sc sd se sg si sk sl sm sn so
sq sr ss st su sv sw ta te tg th ti tk tl tn to tr ts tt tw ty ug uk ur uz ve vi vo wa wo xh yi yo za zh zu
"""
_TWO_LETTERS = frozenset(_ISO_639_1.split())
_TAG = later(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,4}")


def language_code(said: str) -> str:
    """Return the ISO 639 code that a tag names: "en" of "en-US", "eng" or "eng,deu"; "" where it names none."""
    match = _TAG.fullmatch(said.partition(",")[0].strip())
    if match is None:
        return ""
    code = match.group(1).lower()
    code = _SHORTER.get(code, code)
    return code if is_language(code) else ""


def is_language(code: str) -> bool:
    """Say whether `code` is a language: of ISO 639-1, or of the form of ISO 639-3. Region subtags are none of it."""
    return code in _TWO_LETTERS or re.fullmatch("[a-z]{3}", code) is not None
