"""Find what rules match, line by line, in linear time (google-re2).

Automata (`re2.Set`, see `Matcher`) say which patterns a line may match: those of scope "line" and "context" on each
short line, those of scope "span" on every line. Only those are matched by their own pattern, and again for spans and
groups where they hit. Nothing here backtracks: a hostile line of a megabyte costs a megabyte.

Patterns see a *folded* line of the same length: typographic quotes, dashes and blanks are their ASCII cousins, full
width forms their half width ones. A blank in a pattern stands for one or more. A line is matched without its
decoration (bullets, bars, dashes and blanks at either end, one pair of brackets around it all), so that
``• Share |`` and ``[ADVERTISEMENT]`` need no patterns of their own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import cache, cached_property, lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import re2
from numpy.typing import NDArray

from corpuskit.cleaning.automata import automaton
from corpuskit.cleaning.rules.heads import Heads
from corpuskit.cleaning.rules.inner import Inner
from corpuskit.cleaning.rules.pattern import Needs, comparable, needs, source
from corpuskit.errors import RuleError

if TYPE_CHECKING:
    from corpuskit.cleaning.rules.rule import Rule, RuleSet

__all__ = ["Hit", "Matcher", "compiled", "folded", "source", "trimmed"]

_PROOF_MEMORY = 128 << 10  # bytes that the automaton of one pattern may grow to; there are two thousand
_OFTEN = 256  # lines from which a pattern is made an automaton of: making it takes as long as asking so many
_AT_ONCE = 1 << 14  # lines that patterns are asked about at once: more than most batches hold, and 16 MB at most
_TOGETHER = 32  # lines that are looked through at once for parts to cut: few lines have any
_PIECE = 1 << 20  # characters that are folded at a time: of a line as long as a book, all would take thirty bytes each
_ENDS_OF_TEXT = re.compile(r"\\[Az]")  # what a pattern cannot say of a line that stands among others

_FOLDS = str.maketrans(
    {
        **dict.fromkeys("‘’‚‛′´`ʼ＇", "'"),
        **dict.fromkeys("“”„‟″«»＂「」『』", '"'),
        **dict.fromkeys("‐‑‒–—―−－", "-"),
        **dict.fromkeys("\t\xa0\xad\u1680\u202f\u205f\u2060\u3000\ufeff", " "),
        **dict.fromkeys(map(chr, [*range(0x2000, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A)]), " "),
        **dict.fromkeys("：︰", ":"),
        **dict.fromkeys("｜│┃¦", "|"),
        **dict.fromkeys("（［【〔", "("),
        **dict.fromkeys("）］】〕", ")"),
        **dict.fromkeys("·・•∙⋅●", "·"),
        "İ": "I",  # Turkish pairs i with İ and ı with I, which no case folding of RE2 knows
        "ı": "i",
        **dict(zip("ŞşŢţ", "ȘșȚț", strict=True)),  # "Citeşte şi": Romanian as keyboards without its own letters write it
        "／": "/",
        "！": "!",
        "？": "?",
        "，": ",",
        "＠": "@",
        "＞": ">",
    }
)  # fmt: skip
_DECORATION = " \t\r\n*|>·#_~=<→←▶►▸»«➤➜⇒✓✔★☆■□▪◆◇○▼▽△▲↓↑⇩✉☰✕×-\u200b\ufeff\ufe0f"

_EDGES = frozenset(_DECORATION + "([")  # a line that neither begins nor ends with one of these is bare

_OTHER_LETTERS = "\u0370"  # the first letter behind the Latin blocks and their accents
_OTHER = re.compile(f"[^\0-{chr(ord(_OTHER_LETTERS) - 1)}]")  # so said, it takes a tenth of the time to compile

#: What lies behind it and is, case ignored, a sign before it: Greek letters that are the micro sign and a subscript.
_COUSINS = frozenset(
    char
    for sign in map(chr, range(ord(_OTHER_LETTERS)))
    for form in (sign.upper(), sign.lower(), sign.casefold())
    for char in form + form.lower() + form.upper()
)

_Fields = tuple[tuple[str, int, int], ...]  # (metadata field, start, end)


class Hit(NamedTuple):
    """A rule matches a line, or a part of it."""

    line: int                                   #: index into the lines that were given
    rule: int                                   #: index into the rule set
    start: int                                  #: in the line as given; for whole lines 0
    end: int                                    #: one past the last character; for whole lines its length
    fields: tuple[tuple[str, int, int], ...]    #: (metadata field, start, end) of what the rule extracts


@lru_cache(maxsize=1)
def _table() -> NDArray[np.uint32]:
    """Folded code point of each code point of the basic plane; lone surrogates, which UTF-8 cannot hold, too."""
    table = np.arange(0x10000, dtype=np.uint32)
    for point, char in _FOLDS.items():
        table[point] = ord(char)
    table[0xD800:0xE000] = 0xFFFD
    return table


def folded(text: str) -> str:
    """Return `text` as patterns see it: the same length, typographic variants as plain characters."""
    if text.isascii():
        return text.replace("\t", " ").replace("`", "'")
    if len(text) > _PIECE:
        return "".join([folded(text[at : at + _PIECE]) for at in range(0, len(text), _PIECE)])
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table = _table()
    if int(points.max()) < len(table):
        plain = table[points]
    else:
        plain = np.where(points < len(table), table[np.minimum(points, len(table) - 1)], points)
    return plain.tobytes().decode("utf-32-le")


def _folded_each(lines: Sequence[str]) -> list[str]:
    """`lines` folded, those of ASCII and the others all at once: the cost of one line alone is that of a hundred characters."""
    found = list(lines)
    for plain in (True, False):
        some = [number for number, line in enumerate(lines) if line.isascii() is plain]
        joined = folded("".join([lines[number] for number in some]))
        start = 0
        for number in some:
            end = start + len(lines[number])
            found[number] = joined[start:end]
            start = end
    return found


def trimmed(line: str) -> tuple[int, int]:
    """Return the span of the folded `line` without blanks, decoration and one pair of brackets around it all."""
    if line and line[0] not in _EDGES and line[-1] not in _EDGES:
        return 0, len(line)
    head = len(line) - len(line.lstrip(_DECORATION))
    # "**Share**" is decorated; the star of "Name *" says that the field is required.
    tail = len(line.rstrip(_DECORATION if "*" in line[:head] else _DECORATION.replace("*", "")))
    if head < tail and line[head] in "([" and line[tail - 1] in ")]" and tail - head > 2:
        inner = line[head + 1 : tail - 1]
        if not any(bracket in inner for bracket in "()[]"):
            shift = len(inner) - len(inner.lstrip(_DECORATION))
            width = len(inner.strip(_DECORATION))
            return head + 1 + shift, head + 1 + shift + width
    return head, max(head, tail)


@lru_cache(maxsize=1)
def _quiet() -> Any:
    """Options of RE2 with which it keeps what it refuses to itself."""
    options = re2.Options()
    options.log_errors = False
    return options


@lru_cache(maxsize=4096)
def compiled(pattern: str, ignore_case: bool = True) -> Any:
    """Return one pattern, compiled. Raises `RuleError` when RE2 refuses it."""
    try:
        return re2.compile(source(pattern, ignore_case), _quiet())
    except re2.error as error:
        said = error.args[0] if error.args else error
        raise RuleError(f"RE2 refuses {pattern!r}: {said.decode() if isinstance(said, bytes) else said}") from None


_Places = dict[int, list[int]]  # numbers of lines by the number of a pattern, or the other way round


class _Screen:
    """Which of some patterns a line may match, by the literals that they need. Made at the first question."""

    def __init__(self, needs: list[tuple[int, Needs]], limits: Sequence[int]) -> None:
        self._needs = needs
        self._also = {number: [text.encode() for text in one.also] for number, one in needs if one.also}
        self._always = [number for number, one in needs if not (one.heads or one.inner or one.tails)]
        self._limits = limits

    @cached_property
    def _begins(self) -> Heads:
        return Heads((number, [text.encode() for text in one.heads]) for number, one in self._needs if one.heads)

    @cached_property
    def _ends(self) -> Heads:
        return Heads((number, [text.encode()[::-1] for text in one.tails]) for number, one in self._needs if one.tails)

    @cached_property
    def _holds(self) -> Inner:
        return Inner((number, [text.encode() for text in one.inner]) for number, one in self._needs if one.inner)

    def ask(self, texts: Sequence[str], folds: Sequence[bytes], places: Sequence[int], likely: _Places) -> None:
        """Add to `likely` the patterns that any of some lines may match, each with the places of these lines, of those in
        `places`; all others do not match. `folds` are the lines as literals are compared with them (see `comparable`).
        """
        if not places:
            return
        lows = [folds[place] for place in places]
        sizes = [len(texts[place]) for place in places]
        always = dict.fromkeys(self._always, range(len(places)))
        backwards = [low[::-1] for low in lows]
        for found in (always, self._begins.ask(lows), self._ends.ask(backwards), self._holds.ask(lows)):
            for number, some in found.items():
                limit, also = self._limits[number], self._also.get(number)
                short = [at for at in some if sizes[at] <= limit]
                if also:
                    short = [at for at in short if any(map(lows[at].__contains__, also))]
                if short:
                    likely.setdefault(number, []).extend([places[at] for at in short])


def _is_of_another_script(needs: Needs) -> bool:
    """Whether every match holds a character at or behind `_OTHER_LETTERS`, whatever case it is in."""
    literals = needs.heads or needs.inner or needs.tails
    return bool(literals) and all(not text.isascii() and any(map(_is_other, text)) for text in literals)


@cache
def _is_other(char: str) -> bool:
    return min(char, *char.lower(), *char.upper()) >= _OTHER_LETTERS and char not in _COUSINS


class Matcher:
    """A rule set made ready to match. Building it is lazy: each automaton is made when a line first needs it.

    A line is first asked for the literals that patterns need (see `pattern`): how it begins and ends is compared with how
    matches do, one pass over it finds what it holds. Only the patterns that are left then look at it, each by
    itself; all together, with names and gaps of any length in them, their states would multiply. All this is there twice,
    for patterns every match of which holds a letter of a script other than Latin, which are only asked about lines that
    hold one, and for all others. Patterns of spans may begin anywhere: one more automaton.

    Patterns of the rules `apart` fit many lines; `match` passes them over, and `fits` asks one of them about one line.
    """

    def __init__(self, rules: RuleSet, apart: AbstractSet[int] = frozenset()) -> None:
        self.rules = rules
        self._longest = 0
        self._patterns: list[tuple[int, str]] = []
        self._limits: list[int] = []
        self._spans: list[tuple[int, str]] = []
        self._numbers: dict[int, list[int]] = {}  # of each rule's patterns
        latin: list[tuple[int, Needs]] = []
        others: list[tuple[int, Needs]] = []
        aside: list[tuple[int, Needs]] = []
        for index, rule in enumerate(rules.rules):
            for pattern in rule.patterns:
                if rule.scope == "span":
                    self._spans.append((index, pattern))
                    continue
                self._longest = max(self._longest, rule.max_chars)
                needed = needs(pattern, rule.ignore_case)
                part = aside if index in apart else others if _is_of_another_script(needed) else latin
                part.append((len(self._patterns), needed))
                self._numbers.setdefault(index, []).append(len(self._patterns))
                self._patterns.append((index, pattern))
                self._limits.append(rule.max_chars)
        self._together = 1 if any(_ENDS_OF_TEXT.search(pattern) for _, pattern in self._spans) else _TOGETHER
        self._latin, self._others, self._aside = (_Screen(some, self._limits) for some in (latin, others, aside))
        self._proofs: list[Callable[[bytes], Any] | None] = [None] * len(self._patterns)
        self._asked = [0] * len(self._patterns)

    @cached_property
    def _parts(self) -> Callable[[bytes], list[int] | None]:
        # "^" and "$" match at line breaks, too, so that many lines can be looked through at once
        sources = [f"(?m:{source(pattern, self.rules[index].ignore_case)})" for index, pattern in self._spans]
        return automaton(sources)

    def _source_of(self, number: int) -> str:
        index, pattern = self._patterns[number]
        return source(pattern, self.rules[index].ignore_case)

    def _proof(self, number: int, lines: int = 1) -> Callable[[bytes], Any]:
        """What says whether a pattern matches each of some lines as a whole.

        For the first lines it is RE2's plain matcher, which takes half the time to make, and three times as long to answer.
        """
        asked = self._asked[number]
        self._asked[number] += lines
        proof = self._proofs[number]
        if proof is None or asked < _OFTEN <= self._asked[number]:
            source = self._source_of(number)
            if self._asked[number] < _OFTEN:
                proof = re2.compile(source.encode(), _quiet()).fullmatch
            else:
                proof = automaton([source], re2.Set.FullMatchSet, _PROOF_MEMORY)
            self._proofs[number] = proof
        return proof

    def match(self, lines: Sequence[str]) -> tuple[list[Hit], list[Hit]]:
        """Return the hits of `lines` and of `spans`, but not those of the rules that are kept apart.

        Lines may have their line break or not.
        """
        folds = _folded_each([line.removesuffix("\n") for line in lines])
        return self._whole(folds, False), self._within(folds)

    def lines(self, lines: Sequence[str]) -> list[Hit]:
        """Return the rules of scope "line" and "context" that match each of `lines` as a whole.

        At most one hit per line and rule; in the order of lines, then rules. Zones, status and neighbours are the
        caller's business.
        """
        return self._whole(_folded_each([line.removesuffix("\n") for line in lines]), True)

    def spans(self, lines: Sequence[str]) -> list[Hit]:
        """Return the parts of `lines` that rules of scope "span" match: the group `cut`, or the whole match.

        In the order of lines, rules, places.
        """
        return self._within(_folded_each([line.removesuffix("\n") for line in lines]))

    def fits(self, index: int, line: str) -> bool:
        """Return whether the rule of that number, which is not of scope "span", matches `line` as a whole."""
        rule = self.rules[index]
        text = folded(line)
        start, end = trimmed(text)
        if start == end or end - start > rule.max_chars:
            return False
        data = text[start:end].encode()
        return any(self._proof(number)(data) for number in self._numbers[index])

    def _whole(self, folds: Sequence[str], every: bool) -> list[Hit]:
        limit = self._longest + 40  # decoration around a line does not count
        asked: list[tuple[int, int, str]] = []  # number of the line, where its bare text begins, and that
        for number, line in enumerate(folds):
            if 0 < len(line) <= limit:
                if line[0] not in _EDGES and line[-1] not in _EDGES:  # most of them
                    asked.append((number, 0, line))
                    continue
                start, end = trimmed(line)
                if start < end:
                    asked.append((number, start, line[start:end]))
        texts = list(dict.fromkeys([text for _, _, text in asked]))  # a batch holds many a line more than once
        matched = {text: self._rules_of(text, numbers) for text, numbers in self._matching(texts, every)}
        found: list[Hit] = []
        for number, start, text in asked:
            for index, fields in matched.get(text, ()):
                if fields and start:
                    fields = tuple([(field, a + start, b + start) for field, a, b in fields])
                found.append(Hit(number, index, 0, len(folds[number]), fields))
        return found

    def _matching(self, texts: Sequence[str], every: bool) -> Iterator[tuple[str, list[int]]]:
        """Yield each of some folded and trimmed lines that patterns match, with the numbers of these."""
        for start in range(0, len(texts), _AT_ONCE):
            some = texts[start : start + _AT_ONCE]
            for place, numbers in self._matching_some(some, every).items():
                yield some[place], numbers

    def _matching_some(self, texts: Sequence[str], every: bool) -> _Places:
        datas = [text.encode() for text in texts]
        compared = [comparable(text) for text in texts]
        places = range(len(texts))
        likely: _Places = {}
        self._latin.ask(texts, compared, places, likely)
        wide = [at for at in places if len(datas[at]) > len(texts[at]) and _OTHER.search(texts[at])]
        self._others.ask(texts, compared, wide, likely)
        if every:
            self._aside.ask(texts, compared, places, likely)
        found: _Places = {}
        for number, some in likely.items():
            proof = self._proof(number, len(some))
            for at in some:
                if proof(datas[at]):
                    found.setdefault(at, []).append(number)
        return found

    def _rules_of(self, text: str, numbers: list[int]) -> list[tuple[int, _Fields]]:
        """The rules of the patterns that match a line, each once, with what its first pattern extracts."""
        found: list[tuple[int, _Fields]] = []
        last = -1
        for index, pattern in sorted([self._patterns[number] for number in numbers]):
            if index != last:
                last = index
                rule = self.rules[index]
                fields: _Fields = ()
                if rule.extract:
                    fields = _groups(rule, compiled(pattern, rule.ignore_case).fullmatch(text))
                found.append((index, fields))
        return found

    def _within(self, folds: Sequence[str]) -> list[Hit]:
        found: list[Hit] = []
        for number in self._with_parts(folds) if self._spans else ():
            text = folds[number]
            for index, pattern in sorted(self._spans[at] for at in self._parts(text.encode()) or ()):
                rule = self.rules[index]
                for one in compiled(pattern, rule.ignore_case).finditer(text):
                    start, end = one.span(one.re.groupindex.get("cut", 0))
                    if 0 < end - start <= rule.max_chars:
                        found.append(Hit(number, index, start, end, _groups(rule, one)))
        return found

    def _with_parts(self, folds: Sequence[str]) -> list[int]:
        """The lines that may hold parts to cut: halves are asked again of those stretches that hold any."""
        found: list[int] = []
        waiting = [(first, min(first + self._together, len(folds))) for first in range(0, len(folds), self._together)]
        waiting.reverse()
        while waiting:
            first, stop = waiting.pop()
            if self._parts("\n".join(folds[first:stop]).encode()):
                if stop - first == 1:
                    found.append(first)
                else:
                    middle = (first + stop) // 2
                    waiting += [(middle, stop), (first, middle)]
        return found

    def is_value(self, rule: Rule, line: str) -> bool:
        """Return whether `line` as a whole is a value for the label of a "label-value" rule."""
        return is_whole(line, rule.value_patterns, rule.ignore_case)


def is_whole(line: str, patterns: Sequence[str], ignore_case: bool) -> bool:
    """Return whether one of `patterns` matches `line` as a whole, without blanks and decoration around it."""
    text = folded(line)
    start, end = trimmed(text)
    text = text[start:end]
    return bool(text) and any(compiled(pattern, ignore_case).fullmatch(text) for pattern in patterns)


def _groups(rule: Rule, one: Any) -> _Fields:
    """What a rule extracts from a match."""
    groups = one.re.groupindex
    return tuple(
        (field, one.start(groups[group]), one.end(groups[group]))
        for field, group in rule.extract
        if group in groups and one.start(groups[group]) >= 0
    )
