"""A small network that reads the lines of a document in their order: what stands around a line decides with it.

Each line is a row of numbers: first a mix of its columns, then four times a mix of itself, the line 1, 2, 4 or 8 further
up and the one as far down (dilated convolutions, Yu and Koltun 2016), so that a line sees 15 lines to either side. The
answer is a logit.

Sums of floats depend on their order, and so on the machine. Here all numbers are multiples of a power of two, small
enough that no sum of products is ever rounded: any order gives the same bits, and so do documents alone and in a batch.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["DILATIONS", "WEIGHT_STEP", "Network"]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I16 = NDArray[np.int16]
I64 = NDArray[np.int64]

DILATIONS = (1, 2, 4, 8)
#: What inputs, rows and weights are multiples of. A weight is below 2**3 and a row at most 1,000: each product of a sum is
#: a multiple of 2**-22 below 2**13, and a few hundred of them need 44 of the 53 bits of a double.
_INPUT_STEP, _STEP, WEIGHT_STEP = 2.0**-6, 2.0**-10, 2.0**-12
_MOST = 1000.0  # rows are cut here: what the bound above asks for


@dataclass(frozen=True, eq=False)
class Network:
    """The weights of one or more networks of the same shape, whose mean answer counts."""

    lows: F32     #: per feature: values are cut to [low, high] …
    highs: F32
    middles: F32  #: … moved by the middle, and divided by the width
    widths: F32
    mixes: I16    #: networks × (features + 1) × size: the first layer, its constant last; multiples of WEIGHT_STEP
    turns: I16    #: networks × dilations × (3 · size + 1) × size
    answers: I16  #: networks × (size + 1)

    def values(self, columns: F32, first: I64, last: I64) -> F64:
        """Return a logit per line. `columns` has one *row* per feature; `first` and `last` are those of `Batch`."""
        count = columns.shape[1]
        inputs = np.ones((count, len(columns) + 1))
        cut = np.clip(columns.T, self.lows, self.highs)
        inputs[:, :-1] = _rounded((cut - self.middles) / self.widths, _INPUT_STEP)
        around = [_neighbours(first, last, by) for by in DILATIONS]
        total = np.zeros(count)
        for mix, turns, answer in zip(self.mixes, self.turns, self.answers, strict=True):
            size = mix.shape[1]
            rows = _active(inputs @ (mix * WEIGHT_STEP))
            near = np.ones((count, 3 * size + 1))
            for (before, after), turn in zip(around, turns, strict=True):
                padded = np.concatenate([rows, np.zeros((1, size))])  # the last row is what lies outside the document
                near[:, :size], near[:, size : 2 * size], near[:, 2 * size : -1] = padded[before], rows, padded[after]
                rows = np.minimum(rows + _active(near @ (turn * WEIGHT_STEP)), _MOST)
            total += rows @ (answer[:-1] * WEIGHT_STEP) + answer[-1] * WEIGHT_STEP
        out: F64 = total / len(self.mixes)
        return out


def _rounded(values: NDArray[np.floating], step: float) -> F64:
    out: F64 = np.floor(values.astype(np.float64) / step + 0.5) * step
    return out


def _active(values: F64) -> F64:
    return np.minimum(_rounded(np.maximum(values, 0), _STEP), _MOST)


def _neighbours(first: I64, last: I64, by: int) -> tuple[I64, I64]:
    """Return the numbers of the lines `by` further up and down, `len(first)` where the document has none."""
    here = np.arange(len(first), dtype=np.int64)
    before, after = here - by, here + by
    return np.where(before >= first, before, len(first)), np.where(after <= last, after, len(first))
