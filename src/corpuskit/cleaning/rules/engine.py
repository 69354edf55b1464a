"""Find what rules match, line by line, in linear time (google-re2).

All patterns of scope "line" and "context" are one automaton (`re2.Set`) that is run once over each short line and
answers which of them match; those of scope "span" are another, run over every line. Only what hit is matched again
by its own pattern, for spans and groups. Nothing here backtracks: a hostile line of a megabyte costs a megabyte.

Patterns see a *folded* line of the same length: typographic quotes, dashes and blanks are their ASCII cousins, full
width forms their half width ones. A blank in a pattern stands for one or more. A line is matched without its
decoration (bullets, bars, dashes and blanks at either end, one pair of brackets around it all), so that
``• Share |`` and ``[ADVERTISEMENT]`` need no patterns of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import re2  # type: ignore[import-untyped]

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
        **dict.fromkeys("\t\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u202f\u205f\u3000", " "),
        **dict.fromkeys("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u2060\u2066\u2067\u2068\u2069\ufeff\xad", " "),
        **dict.fromkeys("：︰", ":"),
        **dict.fromkeys("｜│┃¦", "|"),
        **dict.fromkeys("（［【〔", "("),
        **dict.fromkeys("）］】〕", ")"),
        **dict.fromkeys("·・•∙⋅●", "·"),
        "／": "/",
        "！": "!",
        "？": "?",
        "，": ",",
        "＠": "@",
        "＞": ">",
    }
)  # fmt: skip
_DECORATION = " \t\r\n*|>·#_~=<→←▶►▸»«➤➜⇒✓✔★☆■□▪◆◇○▼▽△▲↓↑⇩✉☰✕×-\u200b\ufeff\ufe0f"


@dataclass(frozen=True, slots=True)
class Hit:
    """A rule matches a line, or a part of it."""

    line: int                                   #: index into the lines that were given
    rule: int                                   #: index into the rule set
    start: int                                  #: in the line as given; for whole lines 0
    end: int                                    #: one past the last character; for whole lines its length
    fields: tuple[tuple[str, int, int], ...]    #: (metadata field, start, end) of what the rule extracts


def folded(line: str) -> str:
    """Return `line` as patterns see it: the same length, typographic variants as plain characters."""
    return line.replace("\t", " ").replace("`", "'") if line.isascii() else line.translate(_FOLDS)


def trimmed(line: str) -> tuple[int, int]:
    """Return the span of the folded `line` without blanks, decoration and one pair of brackets around it all."""
    head = len(line) - len(line.lstrip(_DECORATION))
    tail = len(line.rstrip(_DECORATION))
    if head < tail and line[head] in "([" and line[tail - 1] in ")]" and tail - head > 2:
        inner = line[head + 1 : tail - 1]
        if not any(bracket in inner for bracket in "()[]"):
            shift = len(inner) - len(inner.lstrip(_DECORATION))
            width = len(inner.strip(_DECORATION))
            return head + 1 + shift, head + 1 + shift + width
    return head, max(head, tail)


def source(pattern: str, ignore_case: bool) -> str:
    """Return the RE2 source of a rule's pattern: blanks made elastic, case folded where asked."""
    parts: list[str] = []
    inside = escaped = False
    for at, char in enumerate(pattern):
        if escaped:
            escaped = False
        elif char == "\\":
            escaped = True
        elif char == "[":
            inside = True
        elif char == "]":
            inside = False
        elif char == " " and not inside and pattern[at + 1 : at + 2] not in ("?", "*", "+", "{"):
            char = " +"
        parts.append(char)
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


class Matcher:
    """A rule set made ready to match. Building it is lazy: the automata are made at the first line."""

    def __init__(self, rules: RuleSet) -> None:
        self.rules = rules
        self._whole = [
            (index, pattern)
            for index, rule in enumerate(rules.rules)
            if rule.scope != "span"
            for pattern in rule.patterns
        ]
        self._parts = [
            (index, pattern)
            for index, rule in enumerate(rules.rules)
            if rule.scope == "span"
            for pattern in rule.patterns
        ]
        self._longest = max((rules[index].max_chars for index, _ in self._whole), default=0)

    @cached_property
    def _whole_set(self) -> Any:

        return self._automaton(re2.Set.FullMatchSet, self._whole)

    @cached_property
    def _parts_set(self) -> Any:

        return self._automaton(re2.Set.SearchSet, self._parts)

    def _automaton(self, make: Any, patterns: list[tuple[int, str]]) -> Any:

        options = re2.Options()
        options.max_mem = _MEMORY
        options.log_errors = False
        options.never_capture = True
        automaton = make(options)
        for index, pattern in patterns:
            automaton.Add(source(pattern, self.rules[index].ignore_case))
        automaton.Compile()
        return automaton

    def lines(self, lines: Sequence[str]) -> list[Hit]:
        """Return the rules of scope "line" and "context" that match each of `lines` as a whole.

        Lines may have their line break or not. At most one hit per line and rule; in the order of lines, then
        rules. Zones, status and neighbours are the caller's business.
        """
        if not self._whole:
            return []
        match = self._whole_set.Match
        found: list[Hit] = []
        for number, line in enumerate(lines):
            if not line or len(line) > self._longest + 40:
                continue
            text = folded(line)
            start, end = trimmed(text)
            if start == end or end - start > self._longest:
                continue
            text = text[start:end]
            hits = match(text)
            if hits:
                self._whole_hits(found, number, line, text, start, hits)
        return found

    def _whole_hits(
        self, found: list[Hit], number: int, line: str, text: str, shift: int, hits: list[int]
    ) -> None:
        last = -1
        for hit in sorted(hits):
            index, pattern = self._whole[hit]
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
        if not self._parts:
            return []
        match = self._parts_set.Match
        found: list[Hit] = []
        for number, line in enumerate(lines):
            if not line:
                continue
            text = folded(line.removesuffix("\n"))
            hits = match(text)
            for hit in sorted(hits or ()):
                index, pattern = self._parts[hit]
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
