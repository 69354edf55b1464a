"""Fit the network that reads the lines of a document in their order (`corpuskit.cleaning.line_model.network`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from corpuskit.cleaning.line_model.network import DILATIONS, WEIGHT_STEP, Network

__all__ = ["CLASSES", "Lines", "fit"]

BOOL = NDArray[np.bool_]
F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

#: The network also says of which class a line is: nobody asks for the answer, but it learns better from the question.
CLASSES = (
    "related", "comment", "promo", "nav", "bio", "caption", "byline", "dateline", "dup", "other", "ad-marker", "share",
)  # fmt: skip

SIZE = 64
_SEED = 0
_EPOCHS = 10
_DOCUMENTS = 16  # in a batch
_DROPOUT = 0.25
_RATE, _DECAY = 2e-3, 0.02
_CLASS_SHARE = 0.3  # of the loss on classes
_EXTREMES = (1.0, 99.0)  # percentiles to which columns are cut


@dataclass(frozen=True, slots=True, eq=False)
class Lines:
    """What the network learns from: one entry per line."""

    columns: F32  #: lines times features
    residue: BOOL
    classes: I64  #: 0 for what is kept, 1 + the place in CLASSES, -1 for residue of unknown class
    weights: F32  #: 0 for a line that is only looked at
    documents: I64  #: rising


class _Network(nn.Module):
    def __init__(self, features: int) -> None:
        super().__init__()
        self.mix = nn.Linear(features, SIZE)
        self.turns = nn.ModuleList([nn.Conv1d(SIZE, SIZE, 3, padding=by, dilation=by) for by in DILATIONS])
        self.answer = nn.Linear(SIZE, 1)
        self.kind = nn.Linear(SIZE, len(CLASSES) + 1)
        self.drop = nn.Dropout(_DROPOUT)

    def forward(self, columns: torch.Tensor, real: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        rows = functional.relu(self.mix(self.drop(columns))) * real[..., None]
        rows = rows.transpose(1, 2)
        for turn in self.turns:
            rows = (rows + functional.relu(turn(self.drop(rows)))) * real[:, None]
        rows = self.drop(rows.transpose(1, 2))
        return self.answer(rows)[..., 0], self.kind(rows)


def fit(lines: Lines) -> Network:
    """Return the network learnt from the documents that have a line with a weight; the same bytes on one machine."""
    torch.set_num_threads(1)
    documents = np.unique(lines.documents[lines.weights > 0])
    use = lines.weights > 0
    lows, highs = np.percentile(lines.columns[use], _EXTREMES, axis=0).astype(np.float32)
    cut = np.clip(lines.columns, lows, highs)
    middles = cut[use].mean(axis=0).astype(np.float32)
    widths = np.maximum(cut[use].std(axis=0), 1e-3).astype(np.float32)
    inputs = (cut - middles) / widths
    learnt = _learn(lines, inputs, documents)
    return Network(
        lows, highs, middles, widths,
        mix=_steps(learnt.mix.weight.T, learnt.mix.bias),
        turns=np.stack([_steps(t.weight.permute(2, 1, 0).reshape(-1, SIZE), t.bias) for t in learnt.turns]),
        answer=_steps(learnt.answer.weight.T, learnt.answer.bias)[:, 0],
    )  # fmt: skip


def _learn(lines: Lines, inputs: F32, documents: I64) -> _Network:
    torch.manual_seed(_SEED)
    rng = np.random.default_rng(_SEED)
    network = _Network(inputs.shape[1])
    optimizer = torch.optim.AdamW(network.parameters(), lr=_RATE, weight_decay=_DECAY)
    steps = _EPOCHS * -(-len(documents) // _DOCUMENTS)
    rate = torch.optim.lr_scheduler.OneCycleLR(optimizer, _RATE, total_steps=steps + 1)
    network.train()
    for _ in range(_EPOCHS):
        for some in _batches(lines, documents, rng):
            columns, real, residue, classes, weights = _padded(lines, inputs, some)
            said, kind = network(columns, real)
            whole = weights.sum().clamp(min=1.0)
            loss = (functional.binary_cross_entropy_with_logits(said, residue, reduction="none") * weights).sum()
            flat = kind.reshape(-1, len(CLASSES) + 1)
            of_class = functional.cross_entropy(flat, classes.reshape(-1), ignore_index=-1, reduction="none")
            loss = (loss + _CLASS_SHARE * (of_class * weights.reshape(-1)).sum()) / whole
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(network.parameters(), 1.0)
            optimizer.step()
            rate.step()
    return network


def _batches(lines: Lines, documents: I64, rng: np.random.Generator) -> Iterator[I64]:
    """Deal out documents of about the same length, in a new order each time."""
    length = np.searchsorted(lines.documents, documents + 1) - np.searchsorted(lines.documents, documents)
    order = documents[np.argsort(length + rng.uniform(0, 40, len(length)))]
    starts = np.arange(0, len(order), _DOCUMENTS)
    rng.shuffle(starts)
    for start in starts:
        yield order[start : start + _DOCUMENTS]


def _padded(lines: Lines, inputs: F32, documents: Sequence[int] | I64) -> tuple[torch.Tensor, ...]:
    first = np.searchsorted(lines.documents, documents)
    last = np.searchsorted(lines.documents, np.asarray(documents) + 1)
    shape = (len(first), int((last - first).max()))
    columns = np.zeros((*shape, inputs.shape[1]), dtype=np.float32)
    real, residue, weights = (np.zeros(shape, dtype=np.float32) for _ in range(3))
    classes = np.full(shape, -1, dtype=np.int64)
    for number, (a, b) in enumerate(zip(first, last, strict=True)):
        columns[number, : b - a] = inputs[a:b]
        real[number, : b - a] = 1
        residue[number, : b - a] = lines.residue[a:b]
        weights[number, : b - a] = lines.weights[a:b]
        classes[number, : b - a] = lines.classes[a:b]
    return tuple(map(torch.from_numpy, (columns, real, residue, classes, weights)))


def _steps(weight: torch.Tensor, bias: torch.Tensor) -> NDArray[np.int16]:
    """Return a layer as whole numbers of WEIGHT_STEP, one row per input and the constants as the last row."""
    layer = np.concatenate([weight.detach().numpy(), bias.detach().numpy()[None]])
    return np.clip(np.round(layer / WEIGHT_STEP), -32767, 32767).astype(np.int16)
