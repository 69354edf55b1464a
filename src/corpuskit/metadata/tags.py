"""Codes of languages as inputs write them: tags with regions, three-letter codes, lists of both."""

from __future__ import annotations

from corpuskit.patterns import later

__all__ = ["language_code"]

#: ISO 639-2 (both its lists) and 639-3 to 639-1, for the languages that metadata is read in.
_SHORTER = {
    "eng": "en", "deu": "de", "ger": "de", "fra": "fr", "fre": "fr", "spa": "es", "ita": "it", "por": "pt", "nld": "nl",
    "dut": "nl", "pol": "pl", "rus": "ru", "ukr": "uk", "ces": "cs", "cze": "cs", "slk": "sk", "slo": "sk", "swe": "sv",
    "dan": "da", "nor": "no", "nob": "no", "nno": "nn", "fin": "fi", "hun": "hu", "ron": "ro", "rum": "ro", "bul": "bg",
    "ell": "el", "gre": "el", "tur": "tr", "ara": "ar", "heb": "he", "hin": "hi", "ind": "id", "jpn": "ja", "kor": "ko",
    "zho": "zh", "chi": "zh", "cmn": "zh", "vie": "vi", "cat": "ca", "hrv": "hr", "srp": "sr", "slv": "sl", "est": "et",
    "lav": "lv", "lit": "lt", "fas": "fa", "per": "fa",
}  # fmt: skip
_TAG = later(r"([A-Za-z]{2,3})(?:[-_][A-Za-z0-9]{1,8}){0,4}")


def language_code(said: str) -> str:
    """Return the ISO 639 code that a tag names: "en" of "en-US", "eng" or "eng,deu"; what is no tag stays as it is."""
    match = _TAG.fullmatch(said.partition(",")[0].strip())
    if match is None:
        return said
    code = match.group(1).lower()
    return _SHORTER.get(code, code)
