"""What a cleaning rule is: a named reason to remove something, with its own proof.

Rules are data (`data/<family>/<language>.toml`, read by `loader`); `engine` finds what they match; `examples`
runs the proof that each carries.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal

__all__ = ["DETECTORS", "PATTERNLESS", "Detector", "Rule", "RuleSet", "Scope", "Standing", "Zone"]

Scope = Literal["span", "line", "context"]
Standing = Literal["stable", "preview"]
Zone = Literal["any", "head", "tail", "edge"]
Detector = Literal[
    "",
    "orphan-label",
    "label-list",
    "end-anchor",
    "label-value",
    "fused-credit",
    "after-sign-off",
    "below-anchor",
    "below-end",
    "closing-note",
    "cut-off",
    "likely-below-end",
    "doubted-tail",
    "lone-name",
    "author-note",
    "pull-quote",
    "doubled-line",
    "repeated-line",
    "repeated-run",
    "repeated-title",
    "page-title",
    "doubled-caption",
    "section-label",
    "thread",
    "posts",
    "greetings",
    "counted-remarks",
]

#: What a rule of scope "context" can ask the cleaning core for. Its `patterns` are the detector's vocabulary.
DETECTORS: tuple[Detector, ...] = (
    "orphan-label",  # the line matches and nothing follows that it could head
    "label-list",    # the line matches: it goes, with the run of headline-like lines after it
    "end-anchor",    # the line matches late in the document: it starts an end block
    "label-value",   # the line matches and the next line matches `value_patterns`: both go
    "fused-credit",  # the line matches and ends in a word with a name glued on
    "after-sign-off",  # the line matches below the author's sign-off
    "below-anchor",  # the line matches, and all that follows
    "cut-off",       # two or more paragraphs that break off, each below a headline
    "closing-note",  # the line matches, and nothing but such lines follows
    "below-end",     # any line below a cut that says that the article is over
    "likely-below-end",  # below a cut in the tail, any line that the line model finds likely
    "doubted-tail",  # the last lines, where the line model doubts them all and hardly any above
    "lone-name",     # a line of the head that is the name with which a note at the end begins
    "author-note",   # a line at the end that begins with the name of the author
    "pull-quote",    # any line that stands word for word in a paragraph near it
    "doubled-line",  # the second of two equal short lines right below each other
    "repeated-line",   # the later of two equal long lines
    "repeated-run",    # the later of two equal runs of lines
    "repeated-title",  # the first line once more in the head
    "page-title",      # the first line, where it is a line below it and the name of the site
    "doubled-caption",  # two equal lines, one right below the other
    "section-label",  # the line matches and stands beside the title
    "thread",        # the line matches, and so do others close to it until the end, where the line model finds residue
    "posts",         # the line matches, and so do others close to it until the end
    "greetings",     # the same, where the line model doubts what stands there
    "counted-remarks",  # the line matches and counts the remarks listed or numbered below it: they go, too
)

#: Detectors that look at every line: their rules have no `any_of`.
PATTERNLESS: frozenset[str] = frozenset(
    {
        "author-note",
        "below-end",
        "cut-off",
        "doubled-caption",
        "doubted-tail",
        "likely-below-end",
        "lone-name",
        "doubled-line",
        "page-title",
        "pull-quote",
        "repeated-line",
        "repeated-run",
        "repeated-title",
    }
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as its TOML file says it, with all defaults filled in."""

    id: str                             #: `family.language.slug`, unique
    family: str                         #: one of `model.FAMILIES`
    language: str                       #: ISO 639-1 code, or "any" where the pattern has no words of a language
    scope: Scope                        #: "line" and "context" match a whole line, "span" a part of one
    patterns: tuple[str, ...]           #: alternatives (RE2 syntax, see `engine`); one that matches is enough
    why: str                            #: the reason, one sentence for a person
    removes: tuple[str, ...]            #: texts with what goes marked by ⟦ and ⟧
    keeps: tuple[str, ...]              #: texts of which nothing goes
    status: Standing = "stable"         #: a preview rule only reports what it would remove
    detector: Detector = ""             #: for scope "context"
    value_patterns: tuple[str, ...] = ()   #: for detector "label-value": what the next line must be
    heading_patterns: tuple[str, ...] = ()  #: those of its lines that as often head a section of the text itself
    max_chars: int = 120                #: longer lines are not looked at (spans: longer matches are dropped)
    zone: Zone = "any"                  #: where in the document it works; "edge" is head or tail
    ignore_case: bool = True            #: whether the patterns ignore case (fragments of names never do)
    prose: bool = False                 #: what it matches is written in whole sentences, so one is no reason for doubt
    extract: tuple[tuple[str, str], ...] = ()   #: (metadata field, named group of the patterns)
    confidence: float = 0.99            #: probability that a removal by this rule is right


@dataclass(frozen=True)
class RuleSet:
    """Rules in the order of their ids."""

    rules: tuple[Rule, ...]

    def __len__(self) -> int:
        return len(self.rules)

    def __getitem__(self, index: int) -> Rule:
        return self.rules[index]

    @cached_property
    def by_id(self) -> dict[str, Rule]:
        """The rules by their ids."""
        return {rule.id: rule for rule in self.rules}

    @cached_property
    def digest(self) -> str:
        """SHA-256 of all that the rules say: the same for the same rules wherever they were read from."""
        names = [field.name for field in fields(Rule)]
        said = hashlib.sha256()
        for rule in self.rules:
            said.update(repr([getattr(rule, name) for name in names]).encode())
        return said.hexdigest()
