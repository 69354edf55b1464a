"""Named parts of patterns: `{{name}}` in a rule file stands for the pattern given here or in the file itself.

RE2's ``\\w``, ``\\d`` and ``\\b`` know ASCII only, and its ``\\pL`` costs some 300 instructions a use, which hundreds
of rules cannot pay. The classes here are a few ranges wide: exact for ASCII, Latin-1, Greek and Cyrillic, generous
beyond (``Ā-ſ`` holds small letters too), which a name in a byline survives.
"""

from __future__ import annotations

import re

from corpuskit.errors import RuleError

__all__ = ["BUILTIN", "expand"]

_UPPER = "A-ZÀ-ÖØ-ÞĀ-ſȘ-țΆ-ΫЀ-Я"
_LETTER = "A-Za-zª-ªµ-µº-ºÀ-ÖØ-öø-῿ⰰ-ⷿ々-〇ぁ-ퟻ豈-﷿"
_WORD = f"(?-i:[{_UPPER}])[{_LETTER}.'-]*"
_JOIN = "(?:de|da|di|do|dos|das|del|della|der|den|du|la|le|el|al|bin|ibn|van|von|zu|zum|ter|ten|af|av|y|e|i|ve)"
_NAME = f"{_WORD}(?: (?:{_JOIN} )*{_WORD})+"
_DATE = r"\d{1,4}[./-] ?\d{1,2}[./-] ?\d{2,4}\.?"
_CLOCK = r"\d{1,2}[:.h]\d{2}(?::\d{2})?"

#: Fragments that every rule file may use.
BUILTIN: dict[str, str] = {
    "upper": f"(?-i:[{_UPPER}])",               # one capital letter, also where case is ignored
    "letter": f"[{_LETTER}]",                   # one letter of any script
    "word": f"[{_LETTER}0-9'-]+",               # one word, case free
    "capital": _WORD,                           # one capitalised word: Anna, O'Neill, J.-P., МОСКВА
    "name": _NAME,                              # two or more of them: Anna van der Meer
    "names": f"{_NAME}(?:(?:,|,? and| und| et| y| e| i| en| og| och| ja| и| &) {_NAME})*",
    "caps": f"(?-i:[{_UPPER}]{{2,}}(?:[ .-]+[{_UPPER}]{{2,}}){{0,4}})",   # words in capitals only: ARCHIVO LA SERENA
    "handle": r"@[A-Za-z0-9_.]{2,40}",
    "email": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,12}",
    "url": r"(?:https?://|www\.)[^ ]+",
    "date": _DATE,                              # 2024-03-09, 9.3.2024, 09/03/24
    "clock": _CLOCK,                            # 9:05, 09.05, 9h05
    "dots": r"(?:\.{2,4}|…)",
    "count": r"\d+(?:[.,]\d+)*[KkMm]?",               # 12, 1,204, 3.4K
    "sep": r" *[|/·•,>-] *",                    # what stands between the parts of a line of furniture
    "nets": "(?:Facebook|Twitter|X|Instagram|LinkedIn|WhatsApp|Telegram|Pinterest|Reddit|Tumblr|YouTube|TikTok"
    "|Threads|Bluesky|Mastodon|Messenger|Flipboard|Xing|VK|Viber|Snapchat|Email|E-mail|Mail|RSS)",
}

_LONGEST = 20_000  # characters; the longest built-in pattern has a quarter of it
_USE = re.compile(r"\{\{([a-z_]+)\}\}")


def expand(pattern: str, own: dict[str, str]) -> str:
    """Return `pattern` with each `{{name}}` replaced by the fragment of that name, `own` before built-in ones.

    A fragment may use others, not itself. Raises `RuleError` for a name that is not known and for a pattern that
    grows past all use.
    """

    def fill(use: re.Match[str]) -> str:
        name = use.group(1)
        if name in own:
            return "(?:" + expand(own[name], {other: own[other] for other in own if other != name}) + ")"
        if name in BUILTIN:
            return f"(?:{BUILTIN[name]})"
        raise RuleError(f"unknown fragment {{{{{name}}}}}")

    full = _USE.sub(fill, pattern)
    if len(full) > _LONGEST:
        raise RuleError(f"the pattern has {len(full)} characters with its fragments, {_LONGEST} are allowed")
    return full
