"""Columns on what the rules match: which families name a line, or the lines around it.

The model sees the patterns that fit wherever they stand and whether or not their rules would cut there: a label that the
rules leave alone in the middle of a text is still a sign. What it is not told of says `Trust`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.batch import REACH, Batch, nearest, segment_means, shifted

if TYPE_CHECKING:
    from corpuskit.cleaning.rules.rule import RuleSet

__all__ = ["GROUPS", "columns", "far", "marked", "named", "near"]

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]
U8 = NDArray[np.uint8]
BOOL = NDArray[np.bool_]

_FAMILIES = (
    "ad-marker", "caption", "byline", "dateline", "bio", "promo", "related", "share", "comment", "nav",
)  # fmt: skip

#: What a line can be marked with: the family of a rule that matches it as a whole, a label, a part that is cut.
GROUPS = (*_FAMILIES, "label", "part")

_LABELS = ("orphan-label", "label-list", "end-anchor", "label-value")
_ENDS = ("bio", "promo", "related", "share", "comment", "nav")


def named(rules: RuleSet) -> U8:
    """Return a table of rules times `GROUPS`: what each marks a line with.

    Patterns that only feed a detector of another kind (a caption told from the picture's title) match far too much to
    mean anything, and mark nothing.
    """
    table = np.zeros((len(rules), len(GROUPS)), dtype=np.uint8)
    for number, rule in enumerate(rules.rules):
        if rule.family not in _FAMILIES:
            continue
        if rule.scope == "span":
            table[number, GROUPS.index("part")] = 1
        elif rule.scope == "line":
            table[number, GROUPS.index(rule.family)] = 1
        elif rule.detector in _LABELS:
            table[number, GROUPS.index(rule.family)] = 1
            table[number, GROUPS.index("label")] = 1
    return table


def marked(groups: U8, lines: Sequence[int], rules: Sequence[int], count: int) -> U8:
    """Return a table of `count` lines times `GROUPS`, 1 where a rule of the group hits.

    `groups` is the table of `named`; hits are given as their lines and their rules.
    """
    table = np.zeros((count, len(GROUPS)), dtype=np.uint8)
    hit, group = np.nonzero(groups[np.asarray(rules, dtype=np.int64)])
    table[np.asarray(lines, dtype=np.int64)[hit], group] = 1
    return table


def columns(lines: Batch, table: U8) -> dict[str, F32]:
    """Return the columns made of the marks of all lines of the batch (see `marked`)."""
    return {**near(lines, table), **far(lines, table)}


def near(lines: Batch, table: U8) -> dict[str, F32]:
    """Return those on a line and the few lines around it."""
    mine = table[lines.rows] > 0
    here = np.arange(len(mine), dtype=np.int64)
    out = {f"rule {group}": mine[:, number].astype(np.float32) for number, group in enumerate(GROUPS)}
    whole = _any(mine, _FAMILIES)
    out["rule"] = whole.astype(np.float32)
    for step in (1, 2):
        out[f"rule {step} before"] = shifted(whole, lines, -step, 0)
        out[f"rule {step} after"] = shifted(whole, lines, step, 0)
    for reach in (5, REACH):
        out[f"rules {reach} before"] = segment_means(whole, lines, here - reach, here, 0)
        out[f"rules {reach} after"] = segment_means(whole, lines, here + 1, here + 1 + reach, 0)
    return out


def far(lines: Batch, table: U8) -> dict[str, F32]:
    """Return those for which the whole document is looked at."""
    mine = table[lines.rows] > 0
    here = np.arange(len(mine), dtype=np.int64)
    out = {"rules document": segment_means(_any(mine, _FAMILIES), lines, lines.first, lines.last + 1, 0)}
    for name in ("comment", "related", "promo", "label", "end"):
        mask = _any(mine, _ENDS if name == "end" else (name,))
        before, after = nearest(mask, lines)
        out[f"since rule {name}"] = np.where(before >= 0, np.minimum(here - before, 40), 50).astype(np.float32)
        out[f"until rule {name}"] = np.where(after >= 0, np.minimum(after - here, 40), 50).astype(np.float32)
    return out


def _any(mine: BOOL, groups: tuple[str, ...]) -> BOOL:
    return np.asarray(mine[:, [GROUPS.index(group) for group in groups]].any(axis=1), dtype=bool)
