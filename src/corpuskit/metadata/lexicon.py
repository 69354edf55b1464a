"""The words that bylines, datelines, credits and biographies are made of, one data file per language.

Every document is read with the words of its own language and the English ones, since English page furniture
stands around texts in any language; a text of unknown language is read with all of them.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from corpuskit.metadata.record import Role

__all__ = ["LANGUAGES", "Lexicon", "alternatives", "given_names", "lexicon"]

LANGUAGES = (
    "ar", "cs", "da", "de", "el", "en", "es", "fa", "fi", "fr", "he", "hi", "hu", "id", "it", "ja", "ko", "nl", "nn",
    "no",
    "pl", "pt", "ro", "ru", "sv", "th", "tr", "uk", "vi", "zh",
)  # fmt: skip

#: Roles that a label can give, in the order in which a longer label wins over a shorter one.
_ROLES: tuple[Role, ...] = ("author", "editor", "translator", "photographer", "contributor")
_SETS = (
    "by", "and", "jobs", "modifiers", "places", "organisations", "stop", "is", "bio", "credit", "weak_credit",
    "published", "modified", "weekdays", "reading", "about",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Lexicon:
    """Words of one or more languages, lower case. Compared by identity: `lexicon` returns the same one again."""

    languages: tuple[str, ...]
    by: frozenset[str]  #: words that open a byline: "by", "von", "par"
    conjunctions: frozenset[str]  #: words between two names
    roles: Mapping[str, Role]  #: label → role: "edited by" → editor
    jobs: frozenset[str]  #: nouns of a job title
    modifiers: frozenset[str]  #: what stands before such a noun: "senior", "political"
    places: frozenset[str]  #: prepositions after which a place or an employer follows
    organisations: frozenset[str]  #: words of organisation names
    stop: frozenset[str]  #: words that no person's name contains
    verbs: frozenset[str]  #: verbs that follow the name in a biography: "is", "writes"
    bio: frozenset[str]  #: what such a sentence says about an author
    credit: frozenset[str]  #: labels of image credits
    weak_credit: frozenset[str]  #: those that also label other things: "source"
    published: frozenset[str]
    modified: frozenset[str]
    months: Mapping[str, int]
    weekdays: frozenset[str]
    reading: frozenset[str]  #: words of a reading time
    about: frozenset[str]  #: headings over a biography


@lru_cache(maxsize=1)
def given_names() -> frozenset[str]:
    """Common given names of many traditions, lower case: a sign that a bare line is a person, never a proof."""
    text = (files("corpuskit.metadata") / "data" / "given_names.txt").read_text(encoding="utf-8")
    return frozenset(name for line in text.split("\n") if not line.startswith("#") for name in line.split())


@cache  # one by one: a corpus in one language needs one or two of thirty
def _table(code: str) -> dict[str, list[str]]:
    return tomllib.loads((files("corpuskit.metadata") / "data" / f"{code}.toml").read_text(encoding="utf-8"))


def lexicon(language: str | None = None) -> Lexicon:
    """Return the words to read a text of `language` with; all languages' where it is None or not covered."""
    if language is None or language not in LANGUAGES:
        return _merged(LANGUAGES)
    return _merged(("en",) if language == "en" else (language, "en"))


@cache
def _merged(languages: tuple[str, ...]) -> Lexicon:
    sets: dict[str, set[str]] = {name: set() for name in _SETS}
    roles: dict[str, Role] = {}
    months: dict[str, int] = {}
    for code in languages:
        table = _table(code)
        for name in _SETS:
            sets[name].update(table.get(name, ()))
        for role in _ROLES:
            for label in table.get(role, ()):
                roles.setdefault(label, role)
        for number, names in enumerate(table.get("months", ()), start=1):
            for month in names:
                months.setdefault(month, number)
    frozen = {name: frozenset(words) for name, words in sets.items()}
    return Lexicon(
        languages=languages,
        by=frozen["by"],
        conjunctions=frozen["and"],
        roles=roles,
        jobs=frozen["jobs"],
        modifiers=frozen["modifiers"],
        places=frozen["places"],
        organisations=frozen["organisations"],
        stop=frozen["stop"],
        verbs=frozen["is"],
        bio=frozen["bio"],
        credit=frozen["credit"],
        weak_credit=frozen["weak_credit"],
        published=frozen["published"],
        modified=frozen["modified"],
        months=months,
        weekdays=frozen["weekdays"],
        reading=frozen["reading"],
        about=frozen["about"],
    )


def alternatives(words: Iterable[str]) -> str:
    """Return a pattern that matches any of `words`, the longest first, blanks standing for any white space.

    What words begin with alike is written once: where hundreds of words stand side by side, each of them would be
    tried at every character of a text.
    """
    return _alternatives(frozenset(words))


@cache  # the same words stand in several patterns
def _alternatives(words: frozenset[str]) -> str:
    root: _Tree = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        node = root
        for char in word:
            if char in node:
                node = node[char]
            else:
                node[char] = node = {}
        node[""] = {}
    return _written(root)


_escaped = cache(re.escape)
_Tree = dict[str, "_Tree"]  # character → what follows; "" where a word ends


def _written(node: _Tree) -> str:
    """The pattern of all that follows in a tree, in its order."""
    ends = "" in node
    parts: list[str] = []
    last: list[str] = []  # characters with which a word ends, one after the other in the order
    for char, rest in node.items():
        if char and char != " " and len(rest) == 1 and "" in rest:
            last.append(_escaped(char))
            continue
        if last:
            parts.append(last[0] if len(last) == 1 else f"[{''.join(last)}]")
            last = []
        if char:
            parts.append((r"\s{1,3}" if char == " " else _escaped(char)) + _written(rest))
    if last:
        parts.append(last[0] if len(last) == 1 else f"[{''.join(last)}]")
    if len(parts) == 1 and not ends:
        return parts[0]
    return f"(?:{'|'.join(parts)}){'?' if ends else ''}" if parts else ""
