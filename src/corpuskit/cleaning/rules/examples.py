"""Run the proof that each rule carries: what it says it removes goes, what it says it keeps stays.

For rules of scope "line" and "span" the engine alone decides. What a rule of scope "context" removes is up to the
cleaning core, so its examples run through a function that the caller passes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from corpuskit.cleaning.rules.engine import Matcher, compiled, folded, trimmed
from corpuskit.cleaning.rules.rule import Rule, RuleSet
from corpuskit.text import lines

__all__ = ["Clean", "Example", "check", "engine_spans", "examples", "unreached"]

Span = tuple[int, int]

#: Given a text and one rule, the spans of the text that this rule removes.
Clean = Callable[[str, Rule], list[Span]]


@dataclass(frozen=True, slots=True)
class Example:
    """One text and the spans of it that the rule removes: none for a near miss."""

    rule: str
    text: str
    spans: tuple[Span, ...]


def examples(rule: Rule) -> list[Example]:
    """Return the examples of `rule`, first those with something to remove, then the near misses."""
    return [_marked(rule.id, text) for text in rule.removes] + [Example(rule.id, text, ()) for text in rule.keeps]


def _marked(identity: str, marked: str) -> Example:
    parts: list[str] = []
    spans: list[Span] = []
    at = 0
    for piece in marked.split("⟦"):
        gone, closed, rest = piece.partition("⟧")
        if closed:
            spans.append((at, at + len(gone)))
            parts += (gone, rest)
            at += len(gone) + len(rest)
        else:
            parts.append(piece)
            at += len(piece)
    return Example(identity, "".join(parts), tuple(spans))


def engine_spans(matcher: Matcher, text: str) -> list[Span]:
    """Return what the only rule of `matcher`, of scope "line" or "span", removes from `text`.

    Examples are short: every line of one counts as standing in every zone.
    """
    places = lines(text)
    texts = [text[start:end] for start, end in places]
    if matcher.rules[0].scope == "line":
        return [places[hit.line] for hit in matcher.lines(texts)]
    return [(places[hit.line][0] + hit.start, places[hit.line][0] + hit.end) for hit in matcher.spans(texts)]


def check(rules: Iterable[Rule], clean: Clean | None = None) -> list[str]:
    """Return what is wrong with the examples of `rules`, one message for each failure; empty when all hold.

    Without `clean`, rules of scope "context" are only held to match the first line of each marked span.
    """
    wrong: list[str] = []
    for rule in rules:
        matcher = Matcher(RuleSet((rule,)))
        for example in examples(rule):
            expected = list(example.spans)
            if rule.scope != "context":
                actual = engine_spans(matcher, example.text)
            elif clean is not None:
                actual = clean(example.text, rule)
            elif not rule.patterns:
                continue
            else:
                heads = [example.text[start:end].strip("\n").split("\n")[0] for start, end in expected]
                matched = {hit.line for hit in matcher.lines(heads)}
                actual = [span for number, span in enumerate(expected) if number in matched]
            if _merged(actual) != _merged(expected):
                said = [example.text[start:end] for start, end in actual]
                wrong.append(f"{rule.id}: {example.text!r}: removes {said!r}")
        wrong += [f"{rule.id}: no example reaches {pattern!r}" for pattern in unreached(rule)]
    return wrong


def _merged(spans: list[Span]) -> list[Span]:
    """Return `spans` with those that touch made one: whether two lines go as one span or two is no matter."""
    merged: list[Span] = []
    for start, end in spans:
        if merged and merged[-1][1] == start:
            merged[-1] = (merged[-1][0], end)
        else:
            merged.append((start, end))
    return merged


def unreached(rule: Rule) -> list[str]:
    """Return the alternatives of `rule` that none of its `removes` reaches."""
    marked = [_marked(rule.id, text) for text in rule.removes]
    if rule.scope == "span":
        texts = [folded(line) for example in marked for line in example.text.split("\n")]
    else:
        gone = [example.text[start:end] for example in marked for start, end in example.spans]
        lines_gone = [folded(line) for text in gone for line in text.split("\n")]
        texts = [line[slice(*trimmed(line))] for line in lines_gone]
    missed: list[str] = []
    for pattern in rule.patterns:
        single = compiled(pattern, rule.ignore_case)
        find = single.search if rule.scope == "span" else single.fullmatch
        if not any(find(text) for text in texts):
            missed.append(pattern)
    return missed
