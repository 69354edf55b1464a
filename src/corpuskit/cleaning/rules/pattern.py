"""What a rule's pattern becomes for RE2, and which literal text every match of it must hold.

The second is how a line is spared most patterns: a line that holds none of the literals of a pattern cannot match
it (Cox 2012, "Regular Expression Matching with a Trigram Index"). RE2's own `FilteredRE2` does the same, but knows no
literals that stand at the beginning, which tell most lines from most rules within a word, and compiles all patterns
before the first line. The analysis may find too little, never too much: what it does not understand has no literals.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files
from typing import NamedTuple

__all__ = ["Needs", "key_of", "needs", "needs_of", "source", "stored"]

#: What `source` looks at: plain text, escapes, the opening of a group, a blank with its quantifier, single characters.
_TOKENS = re.compile(r"[^\\(\[\]: ]+|\\.|\(\?(?:P<[a-z_]+>|[a-z-]*:)| [?*+{]|\[:|.", re.DOTALL)

_ASCII_DIGITS = tuple("0123456789")
_REPEAT = re.compile(r"[?*+]|\{(\d+)(,?)(\d*)\}")
_GROUP = re.compile(r"\?(?:P<\w+>|(?:i|-i)?:)")
_MOST = 64            # strings of one stretch
_MOST_BRANCHES = 800  # strings of one alternation
_LONGEST = 10         # characters of how a line begins
_RARE = 4.0           # see `_rarity`
_COMMON = 1.0         # what is commoner than a letter, a blank, nearly every line holds
_FEW = 12             # strings that a line is asked for beside how it begins
_CLASS = 4            # characters of a class that is spelled out

Strings = frozenset[str]
_EMPTY: Strings = frozenset([""])
_RUNS: Strings = frozenset([" ", "0"])  # of which several in a row are compared as one
_BLANKS = re.compile(b"  +")
_NUMBERS = re.compile(b"00+")
_DIGITS = bytes.maketrans(b"123456789", b"000000000")  # RE2's \d is ASCII


@lru_cache(maxsize=8192)
def source(pattern: str, ignore_case: bool) -> str:
    """Return the RE2 source of a rule's pattern: blanks made elastic, case folded where asked.

    A blank stands for one or more; a colon or question mark may have blanks before it, as in "Lire aussi :".
    """
    parts: list[str] = []
    inside = False
    for piece in _TOKENS.findall(pattern):
        if piece == "[":
            inside = True
        elif piece == "]":
            inside = False
        elif piece == "[:":
            inside = True
            piece = " *[:"
        elif not inside and piece in (":", r"\?"):
            piece = " *" + piece
        elif not inside and piece == " ":
            piece = " +"
        parts.append(piece)
    return f"(?{'i' if ignore_case else ''}:{''.join(parts)})"


def comparable(text: str) -> bytes:
    """Return `text` as literals are compared: in UTF-8, with case folded, each number as 0 and blanks in a row as one.

    `str.casefold` makes equal all that RE2 takes for equal with case ignored, and a few more. That one digit stands for all
    numbers keeps literals few, and a blank of a pattern stands for several: so "0 shares" says all of ``\\d+ +shares``.
    """
    data = text.casefold().encode(errors="surrogatepass").translate(_DIGITS)
    if b"00" in data:
        data = _NUMBERS.sub(b"0", data)
    return _BLANKS.sub(b" ", data) if b"  " in data else data


class Needs(NamedTuple):
    """Literals one of which every match begins with, holds somewhere or ends with, as they are compared (see `comparable`).
    One of the three is used; all empty: nothing is known."""

    heads: Sequence[str] = ()
    inner: Sequence[str] = ()
    also: Sequence[str] = ()  #: where `heads` or `tails` are known: what it holds besides, or nothing
    tails: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class _Known:
    """What is known of all matches of a part of a pattern; None where it is nothing."""

    exact: Strings | None = None   #: each match is one of these
    head: Strings | None = None    #: each that is not empty begins with one of these
    tail: Strings | None = None    #: each ends with one of these
    within: Strings | None = None  #: each holds one of these
    empty: bool = True             #: it may match nothing

    @property
    def begins(self) -> Strings | None:
        """What a match that is not empty begins with."""
        return self.head if self.exact is None else self.exact - _EMPTY

    @property
    def ends(self) -> Strings | None:
        """What each match ends with."""
        return self.tail if self.exact is None else self.exact

    @property
    def may_be_empty(self) -> bool:
        """Whether it may match nothing."""
        return self.empty if self.exact is None else "" in self.exact

    @property
    def holds(self) -> Strings | None:
        """The best of what each match holds."""
        return _best(self.exact, self.within, None if self.empty else self.head, self.tail)


_NOTHING = _Known()


class _UnclearError(Exception):
    """The pattern holds something that this analysis has no notion of."""


def needs_of(text: str) -> Needs:
    """Return the literals that the matches of an RE2 pattern need."""
    try:
        known, at = _alternation(text, 0)
        if at != len(text):
            return Needs()
    except (_UnclearError, RecursionError):
        return Needs()
    head = None if known.may_be_empty else known.begins
    tail = known.ends
    within = known.holds
    rarity = min(map(_rarity, within)) if within else 0.0
    # The test of how a line begins costs next to nothing: it ends with the first word.
    if head and (min(map(len, head)) > 1 or rarity < _RARE):
        heads = _shortest_heads(head)
        return Needs(heads, also=_besides(heads, known.within))
    # "the ", "our " and " of " are in every second line, and few end with the quotation mark that must follow.
    if tail and "" not in tail and len(tail) <= _MOST and rarity < _RARE:
        tails = _shortest_tails(tail)
        return Needs(also=_besides(tails, within), tails=tails)
    return Needs(inner=_least_parts(within)) if within and rarity >= _COMMON else Needs()


def _besides(used: Sequence[str], within: Strings | None) -> tuple[str, ...]:
    """Of what each match holds, what is to be asked where `used` have been."""
    also = _least_parts(within or _EMPTY)
    return () if all(any(one in text for text in used) for one in also) else _shortened(also)


def _shortest_tails(strings: Iterable[str]) -> tuple[str, ...]:
    """`strings` without those that end with another."""
    return tuple(one[::-1] for one in _shortest_heads(one[::-1] for one in strings))


def _shortest_heads(strings: Iterable[str]) -> tuple[str, ...]:
    """`strings` without those that begin with another."""
    kept: list[str] = []
    for one in sorted(strings):
        if not (kept and one.startswith(kept[-1])):
            kept.append(one)
    return tuple(kept)


def _least_parts(strings: Iterable[str]) -> tuple[str, ...]:
    """`strings` without those that hold another."""
    kept: list[str] = []
    for one in sorted(strings, key=lambda text: (len(text), text)):
        if not any(other in one for other in kept):
            kept.append(one)
    return tuple(sorted(kept))


def _shortened(strings: tuple[str, ...]) -> tuple[str, ...]:
    """`strings`, or what they begin or end with, as long as it may be for a few: a line is asked for one after the other."""
    for size in range(_LONGEST if len(strings) > _FEW else 0, 2, -1):
        for some in ({one[:size] for one in strings}, {one[-size:] for one in strings}):
            if len(least := _least_parts(some)) <= _FEW:
                return least
    return strings if len(strings) <= _FEW else ()


def _best(*sets: Strings | None) -> Strings | None:
    """The set that the fewest lines will hold one of: its commonest string is the rarest, or it has the fewest."""
    usable = [one for one in sets if one and "" not in one]
    return max(usable, key=lambda one: (min(*map(_rarity, one), 5.0), -len(one), tuple(sorted(one))), default=None)


def _rarity(text: str) -> float:
    """A guess at how rare a string is: blanks and digits are common, characters beyond ASCII rare in most texts."""
    return sum(0.3 if char in " 0123456789" else 1.0 if char.isascii() else 3.0 for char in text)


def _alternation(text: str, at: int) -> tuple[_Known, int]:
    branches: list[_Known] = []
    while True:
        known, at = _sequence(text, at)
        branches.append(known)
        if at >= len(text) or text[at] != "|":
            break
        at += 1
    if len(branches) == 1:
        return branches[0], at
    return (
        _Known(
            _union([one.exact for one in branches]),
            _union([one.begins for one in branches]),
            _union([one.ends for one in branches]),
            _union([one.holds for one in branches]),
            any(one.may_be_empty for one in branches),
        ),
        at,
    )


def _union(sets: list[Strings | None]) -> Strings | None:
    found: set[str] = set()
    for one in sets:
        if one is None:
            return None
        found |= one
    return frozenset(found) if len(found) <= _MOST_BRANCHES else None


def _sequence(text: str, at: int) -> tuple[_Known, int]:
    parts: list[_Known] = []
    while at < len(text) and text[at] not in "|)":
        known, at = _repeated(text, at)
        parts.append(known)
    stretch: Strings = _EMPTY  # strings that end at this place, exactly
    whole = True               # whether `stretch` goes back to the beginning
    found: list[Strings | None] = []
    for known in parts:
        if known.exact is not None and len(stretch) * len(known.exact) <= _MOST:
            stretch = _joined(stretch, known.exact)
            continue
        whole = False
        begin = known.exact if known.exact is not None else None if known.empty else known.head
        if begin is not None and len(stretch) * len(begin) <= _MOST_BRANCHES:
            stretch = _joined(stretch, begin)
        found += [stretch, known.within]
        end = known.ends
        stretch = end if end is not None else _EMPTY
    if whole:
        return _Known(exact=stretch), at
    head, empty = _beginning(parts)
    return _Known(None, head, stretch, _best(*found, stretch), empty), at


def _joined(befores: Strings, afters: Strings) -> Strings:
    """Each string of the one with each of the other behind it, as they are compared."""
    return frozenset(a + (b[1:] if a[-1:] == b[:1] and b[:1] in _RUNS else b) for a in befores for b in afters)


def _beginning(parts: list[_Known]) -> tuple[Strings | None, bool]:
    """What a sequence of parts begins with where it is not empty, and whether it may be."""
    head: Strings | None = frozenset()
    empty = True
    for known in reversed(parts):
        mine = known.begins
        if mine is None:
            head, empty = None, empty and known.may_be_empty
            continue
        if known.exact is not None and head and not empty:
            for size in (_LONGEST, 3, 2, 1):
                after = frozenset(one[:size] for one in head)
                if len(mine) * len(after) <= _MOST:
                    mine = frozenset(one[:_LONGEST] for one in _joined(mine, after))
                    break
        if known.may_be_empty:
            head = None if head is None else mine | head
        else:
            head, empty = mine, False
        if head is not None and len(head) > _MOST_BRANCHES:
            head = None
    return head, empty


def _repeated(text: str, at: int) -> tuple[_Known, int]:
    known, at = _atom(text, at)
    while match := _REPEAT.match(text, at):
        at = match.end()
        if text.startswith("?", at):  # lazy: the same matches
            at += 1
        sign = match.group()
        none = sign in ("?", "*") or (match.group(1) is not None and int(match.group(1)) == 0)
        times = _counted(known.exact, match)
        if times is not None:
            known = _Known(exact=times)
        elif none:
            known = _Known(head=known.begins)
        elif sign != "{1}":
            known = _Known(None, known.begins, known.ends, known.holds, known.may_be_empty)
    return known, at


def _counted(exact: Strings | None, sign: re.Match[str]) -> Strings | None:
    """What a quantifier makes of some strings, or None where that is not known or too much."""
    if exact is None:
        return None
    if sign.group() in ("*", "+"):
        return (exact if sign.group() == "+" else exact | _EMPTY) if len(exact) == 1 and exact <= _RUNS else None
    least = int(sign.group(1) or 0)
    most = int(sign.group(3) or -1) if sign.group(2) else least if sign.group(1) else 1
    if not 0 <= most <= _MOST:
        return None
    made, found = _EMPTY, set(_EMPTY if least == 0 else ())
    for time in range(1, most + 1):
        made = _joined(made, exact)
        if time >= least:
            found |= made
        if len(made) + len(found) > _MOST:
            return None
    return frozenset(found)


def _atom(text: str, at: int) -> tuple[_Known, int]:
    char = text[at]
    if char == "(":
        at += 1
        if text.startswith("?", at):
            match = _GROUP.match(text, at)
            if not match:
                raise _UnclearError
            at = match.end()
        known, at = _alternation(text, at)
        if not text.startswith(")", at):
            raise _UnclearError
        return known, at + 1
    if char == "[":
        return _class(text, at)
    if char == "\\":
        escaped = text[at + 1 : at + 2]
        if not escaped or escaped in "QEC":
            raise _UnclearError
        if escaped in "pP":
            close = text.find("}", at) if text.startswith("{", at + 2) else at + 2
            if close < 0:
                raise _UnclearError
            return _NOTHING, close + 1
        if escaped == "x":
            raise _UnclearError
        if escaped == "d":
            return _Known(exact=frozenset("0")), at + 2
        if escaped.isalnum():
            return _NOTHING, at + 2
        return _Known(exact=frozenset([_folded(escaped)])), at + 2
    if char == ".":
        return _NOTHING, at + 1
    if char in "^$":
        return _Known(exact=_EMPTY), at + 1
    if char in "?*+":
        raise _UnclearError
    return _Known(exact=frozenset([_folded(char)])), at + 1


def _folded(char: str) -> str:
    return comparable(char).decode(errors="surrogatepass")


def _class(text: str, at: int) -> tuple[_Known, int]:
    """A class of characters: its members where they are few and plainly written."""
    at += 1
    plain = not text.startswith("^", at)
    at += not plain
    members: list[str] = []
    first = True
    while first or not text.startswith("]", at):
        if at >= len(text):
            raise _UnclearError
        first = False
        char = text[at]
        if text.startswith("[:", at):
            close = text.find(":]", at)
            if close < 0:
                raise _UnclearError
            plain, at = False, close + 2
            continue
        if char == "\\":
            escaped = text[at + 1 : at + 2]
            if escaped in "pPx" or not escaped:
                close = text.find("}", at) if text.startswith("{", at + 2) else at + (3 if escaped == "x" else 2)
                if close < 0:
                    raise _UnclearError
                plain, at = False, close + 1
                continue
            plain = plain and (escaped == "d" or not escaped.isalnum())
            char, at = "0" if escaped == "d" else escaped, at + 1
        elif char == "-" and members and not text.startswith("]", at + 1):
            digits = members[-1] == "0" and text[at + 1 : at + 2] in _ASCII_DIGITS
            plain, char = plain and digits, "0"
        members.append(_folded(char))
        at += 1
    if plain and len(set(members)) <= _CLASS:
        return _Known(exact=frozenset(members)), at + 1
    return _NOTHING, at + 1


# ------------------------------------------------------------------------------------------ what was found before

_STORED = "literals.json"


@lru_cache(maxsize=1)
def _code() -> bytes:
    """What the answers depend on besides the pattern: this file."""
    return (files(__package__) / "pattern.py").read_bytes()


@lru_cache(maxsize=1)
def _seed() -> bytes:
    return hashlib.blake2b(_code(), digest_size=16).digest()


def key_of(pattern: str, ignore_case: bool) -> str:
    """Return the name under which the answer for a pattern is stored."""
    said = hashlib.blake2b(pattern.encode(), digest_size=9, key=_seed(), person=b"i" if ignore_case else b"c")
    return said.hexdigest()


@lru_cache(maxsize=1)
def _answers() -> dict[str, list[list[str]]]:
    try:
        said: dict[str, list[list[str]]] = json.loads((files(__package__) / "data" / _STORED).read_bytes())
    except FileNotFoundError:
        said = {}
    return said


def needs(pattern: str, ignore_case: bool) -> Needs:
    """Return what the matches of a rule's pattern need. The built-in patterns' answers are stored with the package."""
    found = _answers().get(key_of(pattern, ignore_case))
    if found is None:
        return needs_of(source(pattern, ignore_case))
    return Needs(*found)


def stored(patterns: list[tuple[str, bool]]) -> str:
    """Return what `data/literals.json` must hold for patterns, each with whether it ignores case."""
    rows = []
    for pattern, ignore_case in sorted(set(patterns)):
        found = needs_of(source(pattern, ignore_case))
        said = json.dumps(found, ensure_ascii=False)
        rows.append(f'"{key_of(pattern, ignore_case)}": {said}')
    return "{\n" + ",\n".join(rows) + "\n}\n"
