"""The loss budget over many documents: how many good words each rule may have cost each source.

A document alone is weighed while it is cleaned (see `phases`). A rule that takes a little from every document of a
source keeps to all their budgets; only the sums show it. They are sums of whole numbers, so that no order of the
documents can change them, and they are corpus facts like templates: who is held depends on them and on nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from corpuskit import words
from corpuskit.cleaning.options import Options
from corpuskit.model import Edit

__all__ = ["SCALE", "Excess", "Loss", "judge", "losses"]

#: Losses are counted in thousandths of a word, because confidences have three decimals.
SCALE = 1000


@dataclass(frozen=True, slots=True)
class Loss:
    """What one rule took from one document."""

    rule: str
    lost: int   #: expected good words lost, in thousandths: words × (1 − confidence), summed over its cuts


@dataclass(frozen=True, slots=True)
class Excess:
    """A source, or a rule in a source, whose cuts may have cost more good words than are allowed."""

    source: str
    rule: str     #: empty when it is all rules of the source together
    lost: int     #: expected good words lost, in thousandths
    allowed: int  #: in thousandths

    @property
    def evidence(self) -> str:
        """The numbers, for a person."""
        return f"{self.lost / SCALE:,.1f} good words may be lost, {self.allowed / SCALE:,.1f} are allowed"


def losses(ledgers: Sequence[Sequence[Edit]]) -> list[tuple[int, tuple[Loss, ...]]]:
    """Return for each ledger the words that its cuts removed, and what each of its rules may have lost, by rule.

    Only deletions count: a repair or a placeholder takes no word away.
    """
    cuts = [(number, edit) for number, ledger in enumerate(ledgers) for edit in ledger if not edit.inserted]
    removed = [0] * len(ledgers)
    lost: list[dict[str, int]] = [{} for _ in ledgers]
    for (number, edit), count in zip(cuts, words.count([edit.removed for _, edit in cuts]), strict=True):
        removed[number] += count
        if risk := count * round((1 - edit.confidence) * SCALE):
            lost[number][edit.rule] = lost[number].get(edit.rule, 0) + risk
    return [
        (count, tuple(Loss(rule, risk) for rule, risk in sorted(one.items())))
        for count, one in zip(removed, lost, strict=True)
    ]


def judge(
    total_words: Mapping[str, int], sums: Mapping[tuple[str, str], int], options: Options, whole: bool
) -> list[Excess]:
    """Return what exceeds its share, sorted: the sources when `whole`, else the rules in each source.

    `total_words` has the words of each source before cleaning, `sums` the thousandths lost by (source, rule).
    """
    least, share = (
        (options.budget_source_words, options.budget_source_share)
        if whole
        else (options.budget_rule_words, options.budget_rule_share)
    )
    found = []
    for (source, rule), lost in _joined(sums.items()) if whole else sums.items():
        allowed = round(max(least, share * total_words[source]) * SCALE)
        if lost > allowed:
            found.append(Excess(source, rule, lost, allowed))
    return sorted(found, key=lambda one: (one.source, one.rule))


def _joined(sums: Iterable[tuple[tuple[str, str], int]]) -> Iterable[tuple[tuple[str, str], int]]:
    """The sums of each source over its rules."""
    found: dict[tuple[str, str], int] = {}
    for (source, _), lost in sums:
        found[source, ""] = found.get((source, ""), 0) + lost
    return found.items()
