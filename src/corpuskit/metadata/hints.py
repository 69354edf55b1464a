"""What the lines of a text may hold, told by automata for all finders: each is asked only about the lines it can need.

A finder declares, beside its pattern, what every line has that the pattern can match (`hint`). The answer for a line is
a number with a bit for each hint. A bit that is set promises nothing, one that is not set does: the finder would find
nothing there. `ANY` has all bits set, so that a line of unknown hints is looked at by all.

Most lines hold nothing of all this. A pattern of all hints of a kind goes over the whole text and stops at the lines
that do; which hints those have is then told by an RE2 set. The kinds are what is looked for at the beginning of a line,
at its end, anywhere in it, and behind a digit. In one pattern, the states of each would come once for every state of
the others: that takes ten times as long, on texts that are new. And a hint should be rare: what a third of all lines
have (two words with capitals) is asked by the finder itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal, get_args

import re2

from corpuskit.metadata.lexicon import Lexicon, lexicon
from corpuskit.patterns import later

__all__ = ["ANY", "encoded", "hint", "hinter", "look", "loosened", "which"]

ANY = -1
_MEMORY = 8 << 20  # bytes that an automaton may grow to, then it forgets; more than that made nothing faster
_SEARCH_MEMORY = 96 << 20  # and one that goes over texts: with less than 48, RE2 took a slow way for other languages
_MOST_MEMORY = 1 << 30  # with less than it needs to begin with, an automaton is refused

Where = Literal["start", "end", "anywhere", "digits"]
_Search = Callable[[bytes, int], Any]  # of a pattern of RE2: a match at or behind a place, or None
_SOURCES: list[tuple[Callable[[Lexicon], str], Where]] = []

#: What stands in a class for Python's \s, \d and \w. Digits that came to Unicode late are all in the higher planes.
_SPACE = r"\t-\r\x1c-\x20\x{85}\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}"
_DIGITS = r"\p{Nd}\x{10000}-\x{10ffff}"
_WORD = r"0-9A-Za-z_\x{80}-\x{10ffff}"
_CLASSES = {r"\s": _SPACE, r"\d": _DIGITS, r"\w": _WORD}
_EDGE = later(r"\\.|\[\^?(?:\\.|[^\]\\])+\]|[\^$]", re.DOTALL)  # of a line, or what only looks so
_TOKEN = later(r"\\.|\[\^?(?:\\.|[^\]\\])+\]|\(\?<?[=!]|[()]|\{\d+,?\d*\}|[^\\\[(){]+|[\[{]", re.DOTALL)


def hint(source: Callable[[Lexicon], str], where: Where = "anywhere") -> int:
    """Return the bit of a new hint: `source` gives the Python pattern that is to be loosened, for a lexicon.

    `where` it can match: "start" is the beginning of a line, "digits" a line that holds one, and "end" says that it ends
    with the line. Capitals and small letters are told apart unless the pattern says ``(?i:…)``.
    """
    _SOURCES.append((source, where))
    return 1 << (len(_SOURCES) - 1)


def loosened(pattern: str, most: int = 2) -> str:
    """Return an RE2 pattern that is found in every text in which Python finds `pattern`, and in some others.

    What stands before or after a match is not asked, nor how often something repeats that may do so more than `most`
    times.
    """
    out: list[str] = []
    skipped = 0  # depth within something that is looked ahead or behind for
    for piece in _TOKEN.findall(_plain(pattern)):
        if skipped or (piece[:2] == "(?" and piece[-1] in "=!"):
            skipped += piece[0] == "("
            skipped -= piece == ")"
        elif piece[0] == "[":
            # Letters are "no other than word characters but digits": `[^\W\d_]`.
            out.append(f"[{_WORD}]" if piece.startswith(r"[^\W") else _in_class(piece))
        elif piece in (r"\b", r"\B"):
            continue
        elif piece in (r"\W", r"\D"):
            out.append(r"(?s:.)")
        elif piece == r"\S":
            out.append(f"[^{_SPACE}]")
        elif piece in _CLASSES:
            out.append(f"[{_CLASSES[piece]}]")
        elif piece[0] == "{" and len(piece) > 1:
            least, _, limit = piece[1:-1].partition(",")
            out.append(piece if int(limit or least) <= most and piece[-2] != "," else "+" if int(least) else "*")
        else:
            piece = re.sub(r"^\?P=\w+", "?s:.*", piece)  # the same again: anything
            out.append(re.sub(r"^\?P<\w+>", "", piece))
    return "".join(out)


def _in_class(piece: str) -> str:
    negated = piece.startswith("[^")
    piece = re.sub(r"\\u([0-9a-f]{4})", r"\\x{\1}", piece)
    for name, content in _CLASSES.items():
        if not (negated and name == r"\w"):  # of no ASCII letter: more than Python's
            piece = piece.replace(name, content)
    return piece


def which(patterns: Sequence[str], *, start: bool = False, memory: int = _MEMORY) -> Callable[[bytes], Sequence[int]]:
    """Return a function that tells, by their numbers, which of some RE2 patterns stand in a text in UTF-8.

    With `start`, which stand at its beginning. Searching by a set costs a fraction of what RE2's module does for a
    search: a generator, an offset table, a match. The automaton may grow to `memory` bytes, or to what it needs at least.
    """
    options = re2.Options()
    options.max_mem = memory
    options.log_errors = False
    options.never_capture = True
    automaton = re2.Set.MatchSet(options) if start else re2.Set.SearchSet(options)
    for pattern in patterns:
        automaton.Add(pattern)
    always = automaton.Add("")
    try:
        automaton.Compile()
        if not automaton.Match(b""):
            raise re2.error("no room for states")
    except re2.error:
        if memory >= _MOST_MEMORY:
            raise
        return which(patterns, start=start, memory=memory * 4)
    match = automaton.Match
    every = [*range(always), always]
    # What is always found is not when the automaton has run out of memory: then all may be there.
    return lambda text: match(text) or every


def _plain(text: str) -> str:
    """`text` without the letters that Python takes for an "i" where case does not count, and RE2 does not."""
    return text.replace("İ", "I").replace("ı", "i")


def encoded(text: str) -> bytes:
    """Return `text` as `which` and `look` want it."""
    if not text.isascii():
        text = _plain(text)
    return text.encode("utf-8", "replace")


def look(pattern: str) -> Callable[[str], bool]:
    """Return a function that says whether a text holds a match of an RE2 pattern, which is compiled at the first text."""

    @cache
    def held() -> Callable[[bytes], Sequence[int]]:
        return which([pattern])

    return lambda text: len(held()(encoded(text))) > 1


def hinter(words: Lexicon) -> Callable[[Sequence[str]], dict[int, int]]:
    """Return the function that tells the hints of the lines of some texts, which are read with `words`.

    It returns them by the lines' numbers, counted through all the texts; lines that have none are left out. All languages
    but English share the automata of all words: to make some for each, and to run them in, takes longer than the lines
    that are looked at in vain. The texts of a batch go through one automaton together: between two texts its states
    would leave the processor's cache, and to fetch them again takes most of the time.
    """
    return _hinter(_automata(words))


def _automata(words: Lexicon) -> Lexicon:
    """The words by whose automata texts are searched that are read with `words`."""
    return words if words.languages == ("en",) else lexicon(None)


@cache
def _hinter(words: Lexicon) -> Callable[[Sequence[str]], dict[int, int]]:
    kinds = [_kind(words, where) for where in get_args(Where)]

    def hints(texts: Sequence[str]) -> dict[int, int]:
        told: dict[int, int] = {}
        data = b"\n".join(map(encoded, texts))
        for some, which_of, bits in kinds:
            number = at = 0  # of a line and where it begins
            while match := some(data, at):
                begin = data.rfind(b"\n", at, match.start()) + 1 or at
                number += data.count(b"\n", at, begin)
                end = data.find(b"\n", begin)
                line = data[begin:] if end < 0 else data[begin:end]
                # Without the white space around it, as the finders see it.
                for hint in which_of(line.decode("utf-8", "replace").strip().encode()):
                    told[number] = told.get(number, 0) | bits[hint]
                if end < 0:
                    break
                number, at = number + 1, end + 1
        return told

    return hints


def _kind(words: Lexicon, where: Where) -> tuple[_Search, Callable[[bytes], Sequence[int]], list[int]]:
    """What finds the lines of a text that have hints of one kind, what tells which, and the bit of each; 0 for what is
    always found."""
    chosen = [(loosened(source(words)), 1 << at) for at, (source, of) in enumerate(_SOURCES) if of == where]
    options = re2.Options()
    options.max_mem = _SEARCH_MEMORY
    options.log_errors = False
    options.never_capture = options.never_nl = True
    some = re2.compile("|".join(f"(?:{_in_a_text(pattern, where)})" for pattern, _ in chosen), options)
    told = which([pattern for pattern, _ in chosen], start=where == "start")
    return some.search, told, [*(bit for _, bit in chosen), 0]


def _in_a_text(pattern: str, where: Where) -> str:
    """A loosened pattern as it is found in a text of many lines, which have white space around them."""
    begin, end = f"(?m:^)[{_SPACE}]*", f"[{_SPACE}]*(?m:$)"
    edges = {"^": begin, "$": end}
    loose = _EDGE.sub(lambda match: edges.get(match.group(), match.group()), pattern)
    return f"{begin}(?:{loose})" if where == "start" else loose
