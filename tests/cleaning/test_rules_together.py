"""The built-in rules at work: what the examples of each say holds when all of them act together."""

from __future__ import annotations

from dataclasses import replace

import pytest

from corpuskit.cleaning import Options
from corpuskit.cleaning.phases import Cleaner
from corpuskit.cleaning.phases import cleaner as shipped
from corpuskit.cleaning.rules import loader
from corpuskit.cleaning.rules.examples import examples
from corpuskit.cleaning.rules.rule import Rule

#: Confidence and standing do not matter here: an example says what its rule does.
EVERYTHING = replace(Options(), threshold=0.01, preview=True, model=False, budget_words=1e9)
#: Detectors that ask the line model: their examples are cleaned as a user's texts are.
ASKING = ("thread", "greetings", "doubted-tail", "doubled-caption")


@pytest.fixture(scope="module")
def cleaner() -> Cleaner:
    """All rules, without the line model."""
    return Cleaner(loader.load(), EVERYTHING)


@pytest.mark.parametrize(
    "rule", [rule for rule in loader.load().rules if rule.scope == "context"], ids=lambda rule: rule.id
)
def test_context_rules_do_what_their_examples_say(cleaner: Cleaner, rule: Rule) -> None:
    """What a context rule marks is gone, by whichever rule; what it does not mark, it does not touch."""
    if rule.detector in ASKING:
        cleaner = shipped()
    for example in examples(rule):
        ledger = cleaner.clean([example.text])[0].ledger
        gone = {at for edit in ledger for at in range(edit.start, edit.end)}
        for start, end in example.spans:
            marked = {at for at in range(start, end) if not example.text[at].isspace()}
            assert marked <= gone, example.text[start:end]
        marked = {at for start, end in example.spans for at in range(start, end)}
        mine = {at for edit in ledger if edit.rule == rule.id for at in range(edit.start, edit.end)}
        assert {at for at in mine - marked if not example.text[at].isspace()} == set(), example.text
