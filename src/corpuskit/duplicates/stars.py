"""Keep order and stars: which texts stay, and to which of these each dropped one belongs.

There are no components and no chains: a text goes if and only if a verified edge leads from it to a text
that is itself kept. That `a` is a copy of `b`, and `b` of `c`, says nothing about `a` and `c` until they
have been read. """

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

__all__ = ["STATES", "Standing", "State", "ranks", "stars", "unsettled"]

I64 = NDArray[np.int64]


#: withdrawn: on the takedown list; it and its copies stay out. released: kept by an earlier release; it
#: does not move, whatever comes now. They come first in keep order, in this order.
State = Literal["withdrawn", "released", "new"]
STATES: tuple[State, ...] = ("withdrawn", "released", "new")


@dataclass(frozen=True, slots=True)
class Standing:
    """What decides the place of a text in keep order."""

    id: str
    words: int = 0         #: of the clean text
    fields: int = 0        #: number of known metadata fields
    date: str = ""         #: ISO 8601, possibly partial; unknown comes last
    state: State = "new"


def ranks(standings: Sequence[Standing]) -> I64:
    """Return the place of each text in keep order: withdrawn, then released ones, then most words, most known
    fields, earliest date, smallest id. Ids must be distinct, for the order to be total."""
    def key(at: int) -> tuple[int, int, int, str, str]:
        text = standings[at]
        return STATES.index(text.state), -text.words, -text.fields, text.date or "\U0010ffff", text.id

    places = np.empty(len(standings), dtype=np.int64)
    places[sorted(range(len(standings)), key=key)] = np.arange(len(standings))
    return places


def stars(
    count: int, withdrawn: int, released: int, later: I64, earlier: I64, strength: NDArray[np.float64]
) -> I64:
    """Return for each rank the index of the edge by which it is dropped, or -1 when it is kept.

    Edge `i` says that the text of rank `later[i]` is a copy of the one of rank `earlier[i]`, `later >
    earlier`; among the edges that lead to kept texts the strongest decides, then the smallest rank. The
    first `withdrawn` ranks stand outside (they are "kept" here, and published nowhere), and of the
    `released` ones after them only a withdrawn text drops any. Linear in the edges, but for their sorting.
    """
    chosen = np.full(count, -1, dtype=np.int64)
    order = np.lexsort((earlier, -strength, later))
    fixed = withdrawn + released
    decided = -1
    for at, one, other in zip(order.tolist(), later[order].tolist(), earlier[order].tolist(), strict=True):
        movable = one >= fixed or (one >= withdrawn and other < withdrawn)
        if one != decided and movable and chosen[other] < 0:
            chosen[one] = at
            decided = one
    return chosen


def unsettled(chosen: I64, later: I64, earlier: I64, fixed: int) -> tuple[I64, I64]:
    """Return the pairs (kept text, star of a dropped text of which it is a copy) worth reading next, sorted.

    A text may have been proposed to the copies of a work but, by bad luck or a crowded bucket, not to the
    one that stays. The first `fixed` ranks have nothing to settle. The caller reads those pairs and calls
    `stars` again with the new edges until none is left. """
    open_ = (chosen[later] < 0) & (chosen[earlier] >= 0) & (later >= fixed)
    heads = earlier[chosen[earlier[open_]]]
    pairs = np.unique(np.stack([later[open_], heads], axis=1), axis=0)
    return pairs[:, 0], pairs[:, 1]
