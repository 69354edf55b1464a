"""How good are out-of-fold probabilities: residue removed against good words lost, with an upper bound."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from line_model.fit import Table

__all__ = ["LOSSES", "Point", "bounded_threshold", "points", "rates"]

BOOL = NDArray[np.bool_]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

LOSSES = (100, 1000, 2000, 5000)  #: good words lost per million


@dataclass(frozen=True, slots=True)
class Point:
    """One point of a curve."""

    threshold: float
    removed: float  #: share of residue words
    lost: float  #: good words per million


def _words(data: Table, rows: BOOL) -> tuple[F64, F64]:
    bad = np.where(data.residue, data.words, data.inside)[rows].astype(np.float64)
    return data.words[rows] - bad, bad


def points(data: Table, values: F64, rows: BOOL, losses: tuple[int, ...] = LOSSES) -> list[Point]:
    """Return the last point of the curve within each loss: lines are cut from the highest value down.

    A span of residue inside a kept line counts as residue that stays, unless the line goes."""
    rows = rows & data.scored
    good, bad = _words(data, rows)
    gone = values[rows]
    order = np.argsort(-gone, kind="stable")
    lost = np.cumsum(np.where(data.residue[rows], 0, good)[order]) / good.sum() * 1e6
    removed = np.cumsum(bad[order]) / max(bad.sum(), 1)
    out = []
    for loss in losses:
        at = int(np.searchsorted(lost, loss, side="right")) - 1
        # Only whole ties: a threshold cannot cut half of the lines of one value.
        while 0 <= at < len(order) - 1 and gone[order[at]] == gone[order[at + 1]]:
            at -= 1
        out.append(
            Point(float(gone[order[at]]), float(removed[at]), float(lost[at])) if at >= 0 else Point(1.0, 0.0, 0.0)
        )
    return out


def rates(data: Table, values: F64, rows: BOOL, threshold: float) -> Point:
    """Return the point of the curve at a threshold."""
    rows = rows & data.scored
    good, bad = _words(data, rows)
    gone = values[rows] >= threshold
    lost = np.where(data.residue[rows], 0, good)[gone].sum() / max(good.sum(), 1) * 1e6
    return Point(threshold, float(bad[gone].sum() / max(bad.sum(), 1)), float(lost))


def bounded_threshold(data: Table, values: F64, rows: BOOL, loss: float, draws: int = 1000) -> float:
    """Return the lowest threshold at which the upper 95 % bound of the loss stays within `loss` per million.

    The bound is the 95th percentile of a bootstrap over documents (Efron 1979; fixed seed).
    """
    rows = rows & data.scored
    good, _ = _words(data, rows)
    gone = values[rows]
    lost = np.where(data.residue[rows], 0, good)
    _, document = np.unique(data.lines.docs[rows], return_inverse=True)
    count = int(document.max()) + 1
    draw = np.random.default_rng(7).multinomial(count, np.full(count, 1 / count), size=draws).astype(np.float64)
    total = draw @ np.bincount(document, weights=good, minlength=count)
    candidates = np.unique(np.round(gone, 3))[::-1]
    best = 1.0
    for threshold in candidates:
        cut = gone >= threshold
        per = np.bincount(document[cut], weights=lost[cut], minlength=count)
        if np.percentile(draw @ per / total * 1e6, 95) > loss:
            break
        best = float(threshold)
    return best
