"""A small network that reads the lines of a document in their order: what stands around a line decides with it.

Each line is a row of numbers: first a mix of its columns, then four times a mix of itself, the line 1, 2, 4 or 8 further
up and the one as far down (dilated convolutions, Yu and Koltun 2016), so that a line sees 15 lines to either side. The
answer is a logit.

Sums of floats depend on their order, and so on the machine. Here all numbers are multiples of a power of two, small
enough that no sum of products is ever rounded: any order gives the same bits, and so do documents alone and in a batch.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["DILATIONS", "REACH", "WEIGHT_STEP", "Network"]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I16 = NDArray[np.int16]
I64 = NDArray[np.int64]
BOOL = NDArray[np.bool_]

DILATIONS = (1, 2, 4, 8)
#: What inputs, rows and weights are multiples of. A weight is below 2**3 and a row at most 1,000: each product of a sum is
#: a multiple of 2**-22 below 2**13, and a few hundred of them need 44 of the 53 bits of a double.
_INPUT_STEP, _STEP, WEIGHT_STEP = 2.0**-6, 2.0**-10, 2.0**-12
_MOST = 1000.0  # rows are cut here: what the bound above asks for
_ROWS = 16      # lines that are multiplied at a time
REACH = sum(DILATIONS)  #: lines that a line sees above it, and below
_LINES = 1 << 12  # of a document that are looked at in one piece
_BLOCK = 256    # lines at a time, and those of the document that the last of them stands in


@dataclass(frozen=True, eq=False)
class Network:
    """The weights of a network."""

    lows: F32     #: per feature: values are cut to [low, high] …
    highs: F32
    middles: F32  #: … moved by the middle, and divided by the width
    widths: F32
    mix: I16      #: (features + 1) × size: the first layer, its constant last; multiples of WEIGHT_STEP
    turns: I16    #: dilations × (3 · size + 1) × size
    answer: I16   #: size + 1

    @cached_property
    def _layers(self) -> tuple[F64, list[F64], F64]:
        """The weights for rows in steps of `_STEP`, half a step added: to cut off is to round then."""
        first: F64 = self.mix.astype(np.float64) * (_INPUT_STEP * WEIGHT_STEP / _STEP)
        first[-1] = self.mix[-1] * (WEIGHT_STEP / _STEP) + 0.5
        later = [
            np.concatenate([turn[:-1] * WEIGHT_STEP, turn[-1:] * (WEIGHT_STEP / _STEP) + 0.5]) for turn in self.turns
        ]
        return first, later, self.answer.astype(np.float64) * WEIGHT_STEP

    def values(self, columns: F32, first: I64, last: I64, asked: BOOL | None = None) -> F64:
        """Return a logit per line. `columns` has one *row* per feature; `first` and `last` are those of `Batch`.

        With `asked` only those lines have one, and the others 0: a layer is worked out for the lines that they see.
        """
        count = columns.shape[1]
        asked = np.ones(count, dtype=bool) if asked is None else asked
        out = np.zeros(count)
        start = 0
        while start < count:
            stop = int(last[min(start + _BLOCK, count) - 1]) + 1
            for begin in range(start, stop, _LINES):
                end = min(begin + _LINES, stop)
                mine = np.flatnonzero(asked[begin:end])
                if len(mine):
                    # A long document in pieces, each with the lines beside it that its own see.
                    a, b = (max(begin - REACH, start), min(end + REACH, stop)) if stop - start > _LINES else (start, stop)
                    bounds = np.maximum(first[a:b] - a, 0), np.minimum(last[a:b], b - 1) - a
                    mine += begin
                    out[mine] = self._block(columns[:, a:b], *bounds, mine - a)
            start = stop
        return out

    def _block(self, columns: F32, first: I64, last: I64, asked: I64) -> F64:
        """The values of some of a few lines, few enough to stay in the cache."""
        count = columns.shape[1]
        steps = _steps(first, last, asked)
        lines = steps[0][0]
        cut = columns if len(lines) == count else columns[:, lines]
        cut = np.clip(cut, self.lows[:, None], self.highs[:, None])
        cut -= self.middles[:, None]
        cut /= self.widths[:, None]
        inputs = np.ones((len(lines), len(columns) + 1))
        np.floor(cut.T * (1 / _INPUT_STEP) + 0.5, out=inputs[:, :-1])
        mix, turns, answer = self._layers
        size = mix.shape[1]
        rows = np.zeros((count + 1, size))  # the last one stands for the lines that there are not
        rows[lines] = _cut(_product(inputs, mix))
        for (some, before, after), turn in zip(steps[1:], turns, strict=True):
            near = np.ones((len(some), 3 * size + 1))
            near[:, :size], near[:, size : 2 * size], near[:, 2 * size : -1] = rows[before], rows[some], rows[after]
            moved = near[:, size : 2 * size] + _cut(_product(near, turn))
            rows[some] = np.minimum(moved, _MOST / _STEP, out=moved)
        out: F64 = rows[asked] @ answer[:-1] * _STEP + answer[-1]
        return out


def _steps(first: I64, last: I64, asked: I64) -> list[tuple[I64, I64, I64]]:
    """For each layer the lines whose rows those `asked` see there, and the lines that these see above and below in it."""
    count = len(first)
    found: list[tuple[I64, I64, I64]] = []
    lines = asked
    for by in (*reversed(DILATIONS), 0):
        before, after = lines - by, lines + by
        before[before < first[lines]] = count
        after[after > last[lines]] = count
        found.append((lines, before, after))
        seen = np.zeros(count + 1, dtype=bool)
        seen[lines] = seen[before] = seen[after] = True
        lines = np.flatnonzero(seen[:-1])
    return found[::-1]


def _product(rows: F64, weights: F64) -> F64:
    """Return `rows @ weights`; some rows at a time where OpenBLAS would wake threads for more, that cost more than they
    bring."""
    if os.environ.get("OPENBLAS_NUM_THREADS") == "1":
        product: F64 = rows @ weights
        return product
    whole = len(rows) // _ROWS * _ROWS
    out = np.empty((len(rows), weights.shape[1]))
    stacks = rows[:whole].reshape(whole // _ROWS, _ROWS, len(weights))
    np.matmul(stacks, weights, out=out[:whole].reshape(*stacks.shape[:2], weights.shape[1]))
    np.matmul(rows[whole:], weights, out=out[whole:])
    return out


def _cut(values: F64) -> F64:
    """Return steps, of which there are none below 0 and no more than `_MOST`, in place."""
    np.floor(values, out=values)
    return np.clip(values, 0, _MOST / _STEP, out=values)
