"""One person under several names: what a person has accepted is applied, everything else is only suggested.

Suggestions compare spellings, never people: two who share a name are one line here, and only a reader can tell. A form
that two others could stand for ("J. Doe" beside "Jane Doe" and "John Doe") is therefore never suggested, nor are names
that differ in a suffix (a father and his son) or in a letter.
"""

from __future__ import annotations

import tomllib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from corpuskit.errors import ConfigError
from corpuskit.metadata.names import PARTICLES, SUFFIXES
from corpuskit.metadata.record import Metadata, Person
from corpuskit.model import Candidate

__all__ = ["RULE", "Aliases", "Suggestion", "parse_aliases", "suggest", "with_aliases"]

#: Canonical name and its variants, in the order of the file.
Aliases = tuple[tuple[str, tuple[str, ...]], ...]

RULE = "authors.alias"

#: Letters that decompose into nothing, as they are written where a keyboard has none of them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ß": "ss", "ı": "i", "-": " ", "‐": " ",
     "‑": " ", "’": "'", "‘": "'", ".": " ", ",": " "}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Names that may be one person's: `canonical` is the fullest form, then the most frequent one."""

    canonical: str
    variants: tuple[tuple[str, str], ...]  #: variant and why, most frequent first


def parse_aliases(text: str, where: str) -> Aliases:
    """Return what an authors.toml states: ``"Mara Voss" = ["M. Voss", "VOSS, Mara"]``; `where` names it in messages.

    Raises `ConfigError` when it is not of that form, or when a variant has two names or is a canonical name itself.
    """
    try:
        said = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}") from None
    found: dict[str, tuple[str, ...]] = {}
    owner: dict[str, str] = {}
    for name, variants in said.items():
        if not isinstance(variants, list) or not all(isinstance(one, str) and one.strip() for one in variants):
            raise ConfigError(f'{where}: {name}: a list of names is wanted: "{name}" = ["variant", …]')
        found[_plain(name)] = tuple(_plain(one) for one in variants)
        for one in found[_plain(name)]:
            if owner.setdefault(one, _plain(name)) != _plain(name):
                raise ConfigError(f"{where}: {one!r} stands for {owner[one]!r} and for {name!r}")
    for one, name in owner.items():
        if one in found and one != name:
            raise ConfigError(f"{where}: {one!r} stands for {name!r} and has variants of its own; write them together")
    return tuple(found.items())


def _plain(name: str) -> str:
    return " ".join(unicodedata.normalize("NFC", name).split())


def with_aliases(found: Metadata, aliases: Aliases) -> Metadata:
    """Return `found` with the accepted name for each variant of it, and a candidate that says which stood there."""
    names = {variant: name for name, variants in aliases for variant in variants if variant != name}
    told: list[Candidate] = []

    def renamed(crew: tuple[Person, ...]) -> tuple[Person, ...]:
        made: dict[tuple[str, str], Person] = {}
        for one in crew:
            name = names.get(_plain(one.name))
            if name is not None:
                evidence = f"authors.toml: {one.name!r} is {name!r}"
                told.append(Candidate(one.role, name, "given", evidence, RULE))
                one = replace(one, name=name)
            made.setdefault((one.name, one.role), one)
        return tuple(made.values())

    authors, editors, contributors = (renamed(crew) for crew in (found.authors, found.editors, found.contributors))
    if not told:
        return found
    first = len(found.candidates)
    return replace(
        found,
        authors=authors,
        editors=editors,
        contributors=contributors,
        candidates=(*found.candidates, *told),
        chosen=(*found.chosen, *range(first, first + len(told))),
    )


def suggest(names: Mapping[str, int], accepted: Aliases = ()) -> list[Suggestion]:
    """Return which of `names` (with how often each is used) may be variants of one; sorted by canonical name.

    What is `accepted` already is not suggested again. Time and memory are linear in the number of names, but for the
    names that share a surname.
    """
    settled = {variant for _, variants in accepted for variant in variants}
    left = {name: count for name, count in sorted(names.items()) if _plain(name) not in settled and _tokens(name)}
    groups: dict[str, dict[str, str]] = {}
    best = sorted(left, key=lambda name: _standing(name, left[name]))
    taken: set[str] = set()
    for key, why in _SAME:
        heads: dict[tuple[str, ...], str] = {}
        for name in best:
            if name in taken:
                continue
            mark = key(name)
            if len(mark) < 2:
                continue
            head = heads.setdefault(mark, name)
            if head != name:
                _join(groups, taken, head, name, why)
    _initials([name for name in best if name not in taken], groups, taken)
    found = []
    for head, variants in groups.items():
        order = sorted(variants, key=lambda name: (-left[name], name))
        found.append(Suggestion(head, tuple((name, variants[name]) for name in order)))
    return sorted(found, key=lambda one: one.canonical)


def _join(groups: dict[str, dict[str, str]], taken: set[str], head: str, name: str, why: str) -> None:
    """Make `name`, and what was a variant of it, variants of `head`."""
    group = groups.setdefault(head, {})
    group[name] = why
    group.update(groups.pop(name, {}))
    taken.add(name)


def _standing(name: str, count: int) -> tuple[int, int, int, int, int, str]:
    """Sort key: whole given names before initials, mixed case before capitals, more words, accents, then frequency."""
    tokens = name.split()
    initials = sum(len(token.strip(".")) == 1 for token in tokens)
    plain_case = name.isupper() or name.islower() or "," in name
    return (initials, int(plain_case), -len(_tokens(name)), -sum(not char.isascii() for char in name), -count, name)


def _tokens(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and points."""
    low = unicodedata.normalize("NFKD", name.casefold().translate(_LETTERS))
    return tuple("".join(char for char in low if not unicodedata.combining(char)).split())


def _umlauts(name: str) -> tuple[str, ...]:
    """The words of a name with ä, ö, ü as ae, oe, ue, which German also writes."""
    low = unicodedata.normalize("NFC", name).casefold()
    return _tokens(low.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))


def _bare(name: str) -> tuple[str, ...]:
    return tuple(token for token in _tokens(name) if token not in PARTICLES)


#: What may differ, the surest first: a key under which two spellings are equal, and what to call the difference.
_SAME: tuple[tuple[Callable[[str], tuple[str, ...]], str], ...] = (
    (_tokens, "case, accents or points"),
    (_umlauts, "umlauts written out"),
    (lambda name: tuple(sorted(_tokens(name))), "order"),
    (_bare, "particles"),
)


def _initials(names: Sequence[str], groups: dict[str, dict[str, str]], taken: set[str]) -> None:
    """Join names whose given names one abbreviates or leaves out, where only one other can be meant."""
    by_surname: dict[str, list[str]] = {}
    for name in names:
        tokens = [token for token in _tokens(name) if token not in SUFFIXES]
        if len(tokens) > 1 and len(tokens) == len(_tokens(name)):
            by_surname.setdefault(tokens[-1], []).append(name)
    for same in by_surname.values():
        for name in same:
            mine = _tokens(name)[:-1]
            fuller = [
                other for other in same
                if other != name and other not in taken and _abbreviates(mine, _tokens(other)[:-1])
            ]  # fmt: skip
            widest = [one for one in fuller if all(
                one == other or _abbreviates(_tokens(other)[:-1], _tokens(one)[:-1]) for other in fuller)]  # fmt: skip
            if len(widest) == 1:
                why = "initials" if any(len(token) == 1 for token in mine) else "a further given name"
                _join(groups, taken, widest[0], name, why)


def _abbreviates(short: Sequence[str], long: Sequence[str]) -> bool:
    """Whether given names are a shorter way of writing others: "j" of "jane", "j r" of "jane rose", "jane" of "jane q".

    The first name must be there, and something must really be shorter.
    """
    if len(short) > len(long) or tuple(short) == tuple(long):
        return False
    return all(
        mine == whole or (len(mine) == 1 and whole.startswith(mine))
        for mine, whole in zip(short, long, strict=False)
    )
