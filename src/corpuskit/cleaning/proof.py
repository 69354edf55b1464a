"""Run the examples of rules through the whole of cleaning, one rule at a time."""

from __future__ import annotations

from collections.abc import Iterable

from corpuskit.cleaning.options import Options
from corpuskit.cleaning.phases import Cleaner
from corpuskit.cleaning.rules import examples
from corpuskit.cleaning.rules.rule import Rule, RuleSet

__all__ = ["check_rules"]

#: Confidence does not matter here, nor does standing: an example says what the rule itself does.
_EVERYTHING = Options(threshold=0.01, preview=True, model=False, budget_words=1e9)


def check_rules(rules: Iterable[Rule], companions: Iterable[Rule] = ()) -> list[str]:
    """Return what is wrong with the examples of `rules`, one message for each failure.

    `companions` are rules that an example may lean on, such as the sign-offs below which readers speak; what they
    cut themselves is not held against the rule.
    """
    others = tuple(companions)

    def removed(text: str, rule: Rule) -> list[tuple[int, int]]:
        cleaner = Cleaner(RuleSet((rule, *(other for other in others if other.id != rule.id))), _EVERYTHING)
        spans = [(edit.start, edit.end) for edit in cleaner.clean([text])[0].ledger if edit.rule == rule.id]
        joined: list[tuple[int, int]] = []
        for start, end in spans:
            if joined and joined[-1][1] == start:
                joined[-1] = (joined[-1][0], end)
            else:
                joined.append((start, end))
        return joined

    return examples.check(rules, removed)
