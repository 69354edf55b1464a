"""Symmetric decision trees as plain arrays: every level of a tree asks one question of all lines.

The answers of a tree of depth d are d bits, and the bits are the number of a leaf: a few comparisons of whole
columns and one table lookup, for all lines of a batch at once.
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

_CHUNK = 4096  # lines at a time: the columns of a chunk stay in the cache while all trees ask


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

    def values(self, columns: F32) -> F64:
        """Return the raw value of each line. `columns` has one *row* per feature."""
        count = columns.shape[1]
        out = np.full(count, self.bias, dtype=np.float64)
        depth = self.features.shape[1]
        for start in range(0, count, _CHUNK):
            block = np.ascontiguousarray(columns[:, start : start + _CHUNK])
            leaf = np.empty(block.shape[1], dtype=np.uint8)
            answer = np.empty(block.shape[1], dtype=bool)
            total = out[start : start + _CHUNK]
            for features, borders, leaves in zip(self.features, self.borders, self.leaves, strict=True):
                leaf[:] = 0
                for level in range(depth - 1, -1, -1):
                    np.greater(block[features[level]], borders[level], out=answer)
                    np.add(leaf, leaf, out=leaf)
                    np.add(leaf, answer.view(np.uint8), out=leaf)
                total += leaves[leaf]
        return out

    @cached_property
    def _means(self) -> list[F64]:
        """For k = 0..depth: the mean value of each tree over the lines that gave these answers to its first k."""
        depth = self.features.shape[1]
        weight = self.covers.astype(np.float64) + 1e-9
        value = self.leaves.astype(np.float64) * weight
        means = []
        for known in range(depth + 1):
            shape = (len(self.leaves), 1 << (depth - known), 1 << known)
            means.append(value.reshape(shape).sum(axis=1) / weight.reshape(shape).sum(axis=1))
        return means

    def contributions(self, line: F32) -> F64:
        """Return how far each feature moves the raw value of one line away from the mean of all lines.

        The walk down each tree is credited, question by question, to the feature that was asked (Saabas 2014);
        with the mean raw value the contributions add up to the value of the line.
        """
        depth = self.features.shape[1]
        answers = line[self.features] > self.borders
        known = np.zeros(len(self.leaves), dtype=np.int64)
        tree = np.arange(len(self.leaves))
        out = np.zeros(len(line), dtype=np.float64)
        for level in range(depth):
            before = self._means[level][tree, known]
            known = known + (answers[:, level].astype(np.int64) << level)
            np.add.at(out, self.features[:, level], self._means[level + 1][tree, known] - before)
        return out
