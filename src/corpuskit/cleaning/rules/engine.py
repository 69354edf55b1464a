"""Find what rules match, line by line, in linear time (google-re2).

Patterns are run together, as automata (`re2.Set`, see `Matcher`) that answer which of them match: those of scope
"line" and "context" on each short line, those of scope "span" on every line. Only what hit is matched again by its
own pattern, for spans and groups. Nothing here backtracks: a hostile line of a megabyte costs a megabyte.

Patterns see a *folded* line of the same length: typographic quotes, dashes and blanks are their ASCII cousins, full
width forms their half width ones. A blank in a pattern stands for one or more. A line is matched without its
decoration (bullets, bars, dashes and blanks at either end, one pair of brackets around it all), so that
``• Share |`` and ``[ADVERTISEMENT]`` need no patterns of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, Any

import numpy as np
import re2
from numpy.typing import NDArray

from corpuskit.errors import RuleError

if TYPE_CHECKING:
    from corpuskit.cleaning.rules.rule import Rule, RuleSet

__all__ = ["Hit", "Matcher", "compiled", "folded", "source", "trimmed"]

_MEMORY = 256 << 20  # bytes an automaton may grow to; a Set that runs out answers "nothing" without a word

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
        "／": "/",
        "！": "!",
        "？": "?",
        "，": ",",
        "＠": "@",
        "＞": ">",
    }
)  # fmt: skip
_DECORATION = " \t\r\n*|>·#_~=<→←▶►▸»«➤➜⇒✓✔★☆■□▪◆◇○▼▽△▲↓↑⇩✉☰✕×-\u200b\ufeff\ufe0f"

#: Languages of rules whose words are not written in Latin letters.
_OTHER_SCRIPTS = frozenset(("ar", "el", "fa", "he", "hi", "ja", "ko", "ru", "th", "uk", "zh"))
_OTHER_LETTERS = "\u0370"  # the first letter behind the Latin blocks and their accents

#: What `source` looks at: escapes, the opening of a group, a blank with its quantifier, single characters.
_TOKENS = re.compile(r"\\.|\(\?(?:P<[a-z_]+>|[a-z-]*:)| [?*+{]|\[:|.", re.DOTALL)

#: How the source of a pattern begins that any line may begin like: a class or a dot, perhaps optional parts before.
_OPEN = re.compile(r"(?:\(\?(?:-?i|P<[a-z_]+>)?:?|\((?!\?))*(?:\.|\[\^|\[A-Z)")


@dataclass(frozen=True, slots=True)
class Hit:
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
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype=np.uint32)
    table = _table()
    plain = np.where(points < len(table), table[np.minimum(points, len(table) - 1)], points)
    return plain.tobytes().decode("utf-32-le")


def _folded_each(lines: Sequence[str]) -> list[str]:
    """`lines` folded, all at once: the cost of one line alone is that of a hundred characters."""
    joined = folded("".join(lines))
    ends = accumulate(map(len, lines))
    return [joined[end - len(line) : end] for line, end in zip(lines, ends, strict=True)]


def trimmed(line: str) -> tuple[int, int]:
    """Return the span of the folded `line` without blanks, decoration and one pair of brackets around it all."""
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


@lru_cache(maxsize=4096)
def compiled(pattern: str, ignore_case: bool = True) -> Any:
    """Return one pattern, compiled. Raises `RuleError` when RE2 refuses it."""

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(source(pattern, ignore_case), options)
    except re2.error as error:
        said = error.args[0] if error.args else error
        raise RuleError(f"RE2 refuses {pattern!r}: {said.decode() if isinstance(said, bytes) else said}") from None


class _Automaton:
    """Patterns as one `re2.Set`, made at the first question."""

    def __init__(self, rules: RuleSet, patterns: list[tuple[int, str]], *, whole: bool = True) -> None:
        self._rules = rules
        self._patterns = patterns
        self._whole = whole

    @cached_property
    def _match(self) -> Any:
        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        options.never_capture = True
        made = re2.Set.FullMatchSet(options) if self._whole else re2.Set.SearchSet(options)
        for index, pattern in self._patterns:
            made.Add(source(pattern, self._rules[index].ignore_case))
        made.Compile()
        return made.Match

    def match(self, data: bytes) -> list[tuple[int, str]]:
        """Return (index of the rule, pattern) of those that match."""
        if not self._patterns:
            return []
        hits = self._match(data)
        return [self._patterns[hit] for hit in hits] if hits else []


class Matcher:
    """A rule set made ready to match. Building it is lazy: each automaton is made when a line first needs it.

    Whole-line patterns that begin with words die within a few characters of most lines and share one automaton of
    few states. Those that begin with anything at all stay alive to the end of every line, would multiply its states
    by theirs, and have their own. Both are there twice, for rules in Latin letters and for rules in other scripts,
    which are only asked about lines that hold such letters. Patterns of spans may begin anywhere: a fifth.
    """

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._longest = 0
        words: list[tuple[int, str]] = []
        opens: list[tuple[int, str]] = []
        other_words: list[tuple[int, str]] = []
        other_opens: list[tuple[int, str]] = []
        spans: list[tuple[int, str]] = []
        for index, rule in enumerate(rules.rules):
            other = rule.language in _OTHER_SCRIPTS
            for pattern in rule.patterns:
                if rule.scope == "span":
                    spans.append((index, pattern))
                    continue
                self._longest = max(self._longest, rule.max_chars)
                if _OPEN.match(source(pattern, rule.ignore_case)):
                    (other_opens if other else opens).append((index, pattern))
                else:
                    (other_words if other else words).append((index, pattern))
        self._latin = (_Automaton(rules, words), _Automaton(rules, opens))
        self._others = (_Automaton(rules, other_words), _Automaton(rules, other_opens))
        self._spans = _Automaton(rules, spans, whole=False)

    def lines(self, lines: Sequence[str]) -> list[Hit]:
        """Return the rules of scope "line" and "context" that match each of `lines` as a whole.

        Lines may have their line break or not. At most one hit per line and rule; in the order of lines, then
        rules. Zones, status and neighbours are the caller's business.
        """
        limit = self._longest + 40  # decoration around a line does not count
        found: list[Hit] = []
        words, opens = (automaton.match for automaton in self._latin)
        for number, text in enumerate(_folded_each([line if len(line) <= limit else "" for line in lines])):
            start, end = trimmed(text)
            if start == end:
                continue
            text = text[start:end]
            data = text.encode()
            hits = words(data) + opens(data)
            if not text.isascii() and max(text) >= _OTHER_LETTERS:
                hits += [hit for automaton in self._others for hit in automaton.match(data)]
            if hits:
                self._whole_hits(found, number, lines[number], text, start, sorted(hits))
        return found

    def _whole_hits(
        self, found: list[Hit], number: int, line: str, text: str, shift: int, hits: list[tuple[int, str]]
    ) -> None:
        last = -1
        for index, pattern in hits:
            rule = self.rules[index]
            if index == last or len(text) > rule.max_chars:
                continue
            last = index
            end = len(line) - line.endswith("\n")
            found.append(Hit(number, index, 0, end, _fields(rule, pattern, text, shift)))

    def spans(self, lines: Sequence[str]) -> list[Hit]:
        """Return the parts of `lines` that rules of scope "span" match: the group `cut`, or the whole match.

        In the order of lines, rules, places.
        """
        found: list[Hit] = []
        for number, text in enumerate(_folded_each([line.removesuffix("\n") for line in lines])):
            for index, pattern in sorted(self._spans.match(text.encode())):
                rule = self.rules[index]
                for one in compiled(pattern, rule.ignore_case).finditer(text):
                    start, end = one.span(one.re.groupindex.get("cut", 0))
                    if 0 < end - start <= rule.max_chars:
                        found.append(Hit(number, index, start, end, _groups(rule, one, 0)))
        return found

    def is_value(self, rule: Rule, line: str) -> bool:
        """Return whether `line` as a whole is a value for the label of a "label-value" rule."""
        text = folded(line)
        start, end = trimmed(text)
        text = text[start:end]
        return bool(text) and any(
            compiled(pattern, rule.ignore_case).fullmatch(text) for pattern in rule.value_patterns
        )


def _fields(rule: Rule, pattern: str, text: str, shift: int) -> tuple[tuple[str, int, int], ...]:
    if not rule.extract:
        return ()
    one = compiled(pattern, rule.ignore_case).fullmatch(text)
    return _groups(rule, one, shift)


def _groups(rule: Rule, one: Any, shift: int) -> tuple[tuple[str, int, int], ...]:
    groups = one.re.groupindex
    return tuple(
        (field, one.start(groups[group]) + shift, one.end(groups[group]) + shift)
        for field, group in rule.extract
        if group in groups and one.start(groups[group]) >= 0
    )
