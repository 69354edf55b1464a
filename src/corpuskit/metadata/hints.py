"""What a line may hold, told by one automaton for all finders: each is asked only about the lines it can need.

A finder declares, beside its pattern, what every line has that the pattern can match (`hint`). The patterns of all
hints make one RE2 set per lexicon, which goes over each line once; the answer is a number with a bit for each hint.
A bit that is set promises nothing, one that is not set does: the finder would find nothing there. `ANY` has all bits
set, so that a line of unknown hints is looked at by all.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache

import re2

from corpuskit.metadata.lexicon import Lexicon

__all__ = ["ANY", "hint", "hinter", "look", "loosened", "which"]

ANY = -1
_MEMORY = 256 << 20  # bytes the automaton of one lexicon may grow to
_SOURCES: list[Callable[[Lexicon], str]] = []

#: What stands in a class for Python's \s, \d and \w. Digits that came to Unicode late are all in the higher planes.
_SPACE = r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_DIGITS = r"\p{Nd}\x{10000}-\x{10ffff}"
_WORD = r"0-9A-Za-z_\x{80}-\x{10ffff}"
_CLASSES = {r"\s": _SPACE, r"\d": _DIGITS, r"\w": _WORD}
_TOKEN = re.compile(r"\\.|\[\^?(?:\\.|[^\]\\])+\]|\(\?<?[=!]|[()]|\{\d+,?\d*\}|[^\\\[(){]+|[\[{]", re.DOTALL)


def hint(source: Callable[[Lexicon], str]) -> int:
    """Return the bit of a new hint: `source` gives the Python pattern that is to be loosened, for a lexicon.

    Capitals and small letters are told apart unless the pattern says ``(?i:…)``.
    """
    _SOURCES.append(source)
    return 1 << (len(_SOURCES) - 1)


def loosened(pattern: str, most: int = 2) -> str:
    """Return an RE2 pattern that is found in every text in which Python finds `pattern`, and in some others.

    What stands before or after a match is not asked, nor how often something repeats that may do so more than `most`
    times.
    """
    out: list[str] = []
    skipped = 0  # depth within something that is looked ahead or behind for
    for token in _TOKEN.findall(pattern):
        if skipped or token[:2] == "(?" and token[-1] in "=!":
            skipped += token[0] == "("
            skipped -= token == ")"
        elif token[0] == "[":
            # Letters are "no other than word characters but digits": `[^\W\d_]`.
            out.append(f"[{_WORD}]" if token.startswith(r"[^\W") else _in_class(token))
        elif token in (r"\b", r"\B"):
            continue
        elif token in (r"\W", r"\D"):
            out.append(r"(?s:.)")
        elif token == r"\S":
            out.append(f"[^{_SPACE}]")
        elif token in _CLASSES:
            out.append(f"[{_CLASSES[token]}]")
        elif token[0] == "{" and len(token) > 1:
            least, _, limit = token[1:-1].partition(",")
            out.append(token if int(limit or least) <= most and token[-2] != "," else "+" if int(least) else "*")
        else:
            token = re.sub(r"^\?P=\w+", "?s:.*", token)  # the same again: anything
            out.append(re.sub(r"^\?P<\w+>", "", token))
    return "".join(out)


def _in_class(token: str) -> str:
    negated = token.startswith("[^")
    token = re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", token)
    for name, content in _CLASSES.items():
        if not (negated and name == r"\w"):  # of no ASCII letter: more than Python's
            token = token.replace(name, content)
    return token


def which(patterns: Sequence[str]) -> Callable[[str], Sequence[int]]:
    """Return a function that tells, by their numbers, which of some RE2 patterns stand in a text.

    Searching by a set costs a fraction of what RE2's module does for a search: a generator, an offset table, a match.
    """
    options = re2.Options()
    options.max_mem = _MEMORY
    options.never_capture = True
    automaton = re2.Set.SearchSet(options)
    for pattern in patterns:
        automaton.Add(pattern)
    always = automaton.Add("")
    automaton.Compile()
    match = automaton.Match
    every = [*range(always), always]

    def held(text: str) -> Sequence[int]:
        if not text.isascii():  # Python takes both for an "i" where case does not count
            text = text.replace("İ", "i").replace("ı", "i")
        # What is always found is not when the automaton has run out of memory: then all may be there.
        return match(text.encode("utf-8", "replace")) or every

    return held


def look(pattern: str) -> Callable[[str], bool]:
    """Return a function that says whether a text holds a match of an RE2 pattern."""
    held = which([pattern])
    return lambda text: len(held(text)) > 1


@cache
def hinter(words: Lexicon) -> Callable[[str], int]:
    """Return the function that tells the hints of a line, for texts read with `words`."""
    held = which([loosened(source(words)) for source in _SOURCES])
    bits = [*(1 << at for at in range(len(_SOURCES))), 0]

    def hints(line: str) -> int:
        found = 0
        for at in held(line):
            found |= bits[at]
        return found

    return hints
