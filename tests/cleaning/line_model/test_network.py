"""The network reads the lines of a document in order, and gives the same bits in whatever company."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.network import DILATIONS, WEIGHT_STEP, Network

BENCHMARKS = Path(__file__).resolve().parents[3] / "benchmarks"
FEATURES, SIZE = 5, 4


def network(seed: int) -> Network:
    """A small network with weights drawn at random."""
    rng = np.random.default_rng(seed)

    def layer(*shape: int) -> NDArray[np.int16]:
        return rng.integers(-4000, 4000, shape).astype(np.int16)

    return Network(
        lows=np.full(FEATURES, -2, np.float32),
        highs=np.full(FEATURES, 3, np.float32),
        middles=rng.normal(size=FEATURES).astype(np.float32),
        widths=rng.uniform(0.5, 2, FEATURES).astype(np.float32),
        mix=layer(FEATURES + 1, SIZE),
        turns=layer(len(DILATIONS), 3 * SIZE + 1, SIZE),
        answer=layer(SIZE + 1),
    )


def answer(net: Network, columns: NDArray[np.float32]) -> list[float]:
    """What the network says of the lines of one document, written out line by line."""
    rows = []
    for line in columns.T:
        value = (np.clip(line, net.lows, net.highs) - net.middles) / net.widths
        value = np.floor(value.astype(np.float64) * 64 + 0.5) / 64
        rows.append(rounded(np.append(value, 1) @ (net.mix * WEIGHT_STEP)))
    for by, turn in zip(DILATIONS, net.turns, strict=True):
        nothing = np.zeros(SIZE)
        near = [
            np.concatenate([
                rows[n - by] if n >= by else nothing, rows[n], rows[n + by] if n + by < len(rows) else nothing, [1],
            ])
            for n in range(len(rows))
        ]  # fmt: skip
        rows = [row + rounded(around @ (turn * WEIGHT_STEP)) for row, around in zip(rows, near, strict=True)]
    return [float(np.append(row, 1) @ (net.answer * WEIGHT_STEP)) for row in rows]


def rounded(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What is positive, to the nearest 1024th."""
    return np.floor(np.maximum(values, 0) * 1024 + 0.5) / 1024


@pytest.mark.parametrize("lengths", [(1,), (40,), (3, 1, 17, 9), (2, 60, 2)])
def test_documents_are_read_alone(lengths: tuple[int, ...]) -> None:
    """In a batch each document gets, to the last bit, what the definition gives for it alone."""
    net = network(len(lengths))
    columns = np.random.default_rng(3).normal(size=(FEATURES, sum(lengths))).astype(np.float32)
    ends = np.cumsum(lengths)
    first = np.repeat(ends - lengths, lengths).astype(np.int64)
    last = np.repeat(ends - 1, lengths).astype(np.int64)
    expected = [v for part in np.split(columns, ends[:-1], axis=1) for v in answer(net, part)]
    assert expected == net.values(columns, first, last).tolist()


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 1.0])
def test_lines_that_are_asked_have_the_same_answer(share: float) -> None:
    """Whatever is left out of the layers, what is asked for stays the same to the last bit; the others have 0."""
    net = network(7)
    rng = np.random.default_rng(int(share * 100))
    lengths = np.array([1, 30, 2, 90, 17, 5, 300])
    ends = np.cumsum(lengths)
    columns = rng.normal(size=(FEATURES, ends[-1])).astype(np.float32)
    first, last = (np.repeat(some, lengths).astype(np.int64) for some in (ends - lengths, ends - 1))
    asked = rng.random(ends[-1]) < share
    expected = np.where(asked, net.values(columns, first, last), 0)
    assert expected.tolist() == net.values(columns, first, last, asked).tolist()


def test_what_is_trained_is_what_is_shipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Rounding to whole steps moves no answer of a freshly trained network by more than a hundredth."""
    torch = pytest.importorskip("torch", reason="training needs requirements-model.lock")
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from line_model import network as training

    rng = np.random.default_rng(5)
    count = 600
    columns = rng.normal(size=(count, FEATURES)).astype(np.float32)
    residue = columns[:, 0] > 0
    documents = np.repeat(np.arange(count // 20), 20)
    lines = training.Lines(columns, residue, residue.astype(np.int64), np.ones(count, np.float32), documents)
    shipped = training.fit(lines)
    first = np.searchsorted(documents, documents).astype(np.int64)
    last = (np.searchsorted(documents, documents, side="right") - 1).astype(np.int64)
    said = shipped.values(np.ascontiguousarray(columns.T), first, last)
    assert ((said > 0) == residue).mean() > 0.9
    inputs = (np.clip(columns, shipped.lows, shipped.highs) - shipped.middles) / shipped.widths
    every = np.arange(count // 20)
    trained = training._learn(lines, inputs, every).eval()
    padded, real, *_ = training._padded(lines, inputs, every)
    with torch.inference_mode():
        exact = trained(padded, real)[0].numpy().ravel()
    assert np.abs(exact - said).max() < 0.01
