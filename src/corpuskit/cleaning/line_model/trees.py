"""Symmetric decision trees as plain arrays: every level of a tree asks one question of all lines.

The answers of a tree of depth d are d bits, and the bits are the number of a leaf: all answers for a block of lines
at once, one table lookup for each tree and line.

Many trees ask the same question: each is answered once for a block of lines, a byte per line, and the bytes are shifted
and joined to leaf numbers eight lines at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

__all__ = ["Trees"]

F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I16 = NDArray[np.int16]
I64 = NDArray[np.int64]

_BLOCK = 256  # lines at a time, a multiple of 8: their answers stay in the cache


@dataclass(frozen=True, eq=False)
class Trees:
    """Trees of equal depth. Question k of tree t: is column `features[t, k]` above `borders[t, k]`?

    The leaf of a line is Σ answer_k · 2**k; the raw value is `bias` plus the leaves of all trees.
    """

    features: I16  #: trees times depth
    borders: F32  #: trees times depth
    leaves: F32  #: trees times 2**depth
    covers: F32  #: trees times 2**depth: share of the training weight that fell into the leaf
    bias: float

    @cached_property
    def _questions(self) -> tuple[I64, F32, I64]:
        """The different questions, as columns and borders; and which of them each tree asks, level by level."""
        pairs = np.stack([self.features.ravel().astype(np.float64), self.borders.ravel().astype(np.float64)])
        different, number = np.unique(pairs, axis=1, return_inverse=True)
        columns, borders = different[0].astype(np.int64), different[1].astype(np.float32)
        return columns, borders[:, None], np.ascontiguousarray(number.reshape(self.features.shape).T)

    @cached_property
    def _places(self) -> tuple[F64, I64]:
        """All leaves in one row, and where each tree's leaves begin there."""
        count, size = self.leaves.shape
        return self.leaves.astype(np.float64).ravel(), np.arange(count, dtype=np.int64)[:, None] * size

    def values(self, columns: F32) -> F64:
        """Return the raw value of each line. `columns` has one *row* per feature."""
        count = columns.shape[1]
        out = np.empty(count, dtype=np.float64)
        asked, borders, numbers = self._questions
        leaves, first = self._places
        answers = np.zeros((len(asked), min(_BLOCK, -(-count // 8) * 8)), dtype=bool)
        for start in range(0, count, _BLOCK):
            block = columns[:, start : start + _BLOCK].take(asked, axis=0)
            size = block.shape[1]
            np.greater(block, borders, out=answers[:, :size])
            words = answers.view(np.uint64)  # a byte for each line: no bit of one reaches the next
            leaf = words.take(numbers[0], axis=0)
            for level in range(1, len(numbers)):
                answer = words.take(numbers[level], axis=0)
                leaf |= np.left_shift(answer, np.uint64(level), out=answer)
            value = leaves.take(leaf.view(np.uint8)[:, :size] + first)
            value[0] += self.bias
            # row after row, so each line's leaves are added in the order of the trees, as the last bits want it
            np.add.reduce(value, axis=0, out=out[start : start + size])
        return out

    @cached_property
    def _steps(self) -> F64:
        """For each leaf of each tree, level by level: how far the answer moved the mean on the way to the leaf.

        The mean is that of the tree over the lines that gave the same answers so far.
        """
        count, size = self.leaves.shape
        depth = self.features.shape[1]
        weight = self.covers.astype(np.float64) + 1e-9
        value = self.leaves.astype(np.float64) * weight
        leaf = np.arange(size)
        steps = np.empty((count, size, depth), dtype=np.float64)
        before = np.zeros((count, 1))
        for known in range(depth + 1):
            shape = (count, 1 << (depth - known), 1 << known)
            mean = value.reshape(shape).sum(axis=1) / weight.reshape(shape).sum(axis=1)
            if known:
                steps[:, :, known - 1] = mean[:, leaf & ((1 << known) - 1)] - before[:, leaf & ((1 << (known - 1)) - 1)]
            before = mean
        return steps.reshape(count * size, depth)

    @cached_property
    def _credited(self) -> I64:
        """The feature of each step, level by level."""
        return self.features.T.ravel().astype(np.int64)

    def contributions(self, columns: F32) -> F64:
        """Return how far each feature moves the raw value of each line away from the mean of all lines.

        `columns` has one row per feature and one column per line, and so has the answer. The walk down each tree is
        credited, question by question, to the feature that was asked (Saabas 2014); with the mean raw value the
        contributions add up to the value of the line.
        """
        features, count = columns.shape
        answers = columns[self.features] > self.borders[:, :, None]
        leaf = np.einsum("tdn,d->tn", answers, 1 << np.arange(answers.shape[1])) + self._places[1]
        moved = self._steps.take(leaf, axis=0).transpose(2, 0, 1).ravel()  # level by level, tree by tree, line by line
        place = (self._credited[:, None] * count + np.arange(count)).ravel()
        return np.bincount(place, weights=moved, minlength=features * count).reshape(features, count).astype(np.float64)
