"""Trees as arrays give what walking down each tree gives."""

from __future__ import annotations

import numpy as np
import pytest

from corpuskit.cleaning.line_model.trees import Trees


def _forest() -> tuple[Trees, np.ndarray]:
    rng = np.random.default_rng(3)
    trees = Trees(
        features=rng.integers(0, 5, (7, 3)).astype(np.int16),
        borders=rng.normal(size=(7, 3)).astype(np.float32),
        leaves=rng.normal(size=(7, 8)).astype(np.float32),
        covers=rng.random((7, 8)).astype(np.float32),
        bias=0.25,
    )
    return trees, rng.normal(size=(5, 40)).astype(np.float32)


def test_values_are_those_of_a_walk_down_each_tree() -> None:
    """Bits of the answers are the number of the leaf, the first question the lowest bit."""
    trees, columns = _forest()
    expected = []
    for line in columns.T:
        value = trees.bias
        for features, borders, leaves in zip(trees.features, trees.borders, trees.leaves, strict=True):
            answers = [line[f] > b for f, b in zip(features, borders, strict=True)]
            value += float(leaves[sum(answer << k for k, answer in enumerate(answers))])
        expected.append(value)
    np.testing.assert_allclose(trees.values(columns), expected, rtol=1e-12)


def test_contributions_and_the_mean_add_up_to_the_value() -> None:
    """Nothing of a line's value is left unexplained."""
    trees, columns = _forest()
    weight = trees.covers.astype(np.float64) + 1e-9
    mean = trees.bias + float(((trees.leaves * weight).sum(axis=1) / weight.sum(axis=1)).sum())
    moved = trees.contributions(columns)
    np.testing.assert_allclose(moved.sum(axis=0) + mean, trees.values(columns), rtol=1e-6)
    alone = np.stack([trees.contributions(line[:, None])[:, 0] for line in columns.T], axis=1)
    assert alone.tolist() == moved.tolist()


@pytest.mark.parametrize("count", [0, 1, 9, 255, 256, 600])
def test_values_are_those_of_one_tree_after_the_other(count: int) -> None:
    """Answers for many lines at a time change nothing, not the last bit: probabilities are rounded and compared."""
    rng = np.random.default_rng(count)
    trees, _ = _forest()
    columns = rng.normal(size=(5, count)).astype(np.float32)
    columns[rng.random(columns.shape) < 0.1] = trees.borders[2, 1]  # on a border, and not above it
    expected = np.full(count, trees.bias)
    for features, borders, leaves in zip(trees.features, trees.borders, trees.leaves, strict=True):
        leaf = sum((columns[f] > b).astype(int) << k for k, (f, b) in enumerate(zip(features, borders, strict=True)))
        expected += leaves[leaf]
    assert expected.tolist() == trees.values(columns).tolist()
