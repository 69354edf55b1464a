"""Fit the layers of the line model: linear scores on hashed words; symmetric trees and a network on all columns.

Trees and network must see linear scores as they will be on unseen sites. So for every set of documents that a model may
learn from, the score of a line comes from linear models that saw neither its fold nor the fold kept apart.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import combinations

import numpy as np
import scipy.sparse as sparse
from catboost import CatBoostClassifier
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from corpuskit.cleaning.line_model import hits, ngrams, shape, ties
from corpuskit.cleaning.line_model.batch import Batch, batch
from corpuskit.cleaning.line_model.network import Network
from corpuskit.cleaning.options import Options
from corpuskit.cleaning.phases import cleaner
from line_model import network
from line_model.data import FOLDS, RELABELLED, SETS, WRITTEN, Labelled

__all__ = [
    "BITS",
    "HEADS",
    "POLICIES",
    "Linear",
    "Table",
    "apply_linear",
    "fit_linear",
    "fit_network",
    "fit_trees",
    "line_weights",
    "matrix",
    "nested_scores",
    "table",
    "tree_names",
]  # fmt: skip

BOOL = NDArray[np.bool_]
F32 = NDArray[np.float32]
F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

BITS = 16
HEADS = ("residue", "related", "comment", "promo", "nav", "bio", "caption", "byline")

#: Which head learns a class. Slot labels and share buttons are too few for heads of their own.
_HEAD_OF = {
    "related": "related", "comment": "comment", "promo": "promo", "ad-marker": "promo", "other": "promo",
    "nav": "nav", "share": "nav", "bio": "bio", "caption": "caption", "byline": "byline", "dateline": "byline",
}  # fmt: skip

#: Sets that agree on what an article is. The trees are told which policy labelled a line; the shipped model
#: answers by the first.
POLICIES = (("residue", RELABELLED), ("turku",), ("andy.traf", "andy.resi"), ("fundus.traf", "fundus.resi"),
            ("wcxb.traf", "wcxb.resi"), ("l3s.traf",))  # fmt: skip

#: Weight of a line of each set in the linear layer. The main set is small and carries the policy; two variants
#: share their pages.
_WEIGHT = {
    "residue": 3.0, RELABELLED: 2.0, "turku": 0.4, "andy.traf": 0.4, "andy.resi": 0.4, "fundus.traf": 0.5, "fundus.resi": 0.5,
    "wcxb.traf": 0.2, "wcxb.resi": 0.2, "l3s.traf": 0.2,
}  # fmt: skip
_WRITTEN_SHARE = 0.5  # of it: whoever wrote these texts likes some words more than the web does

#: Weight of a line in the trees and in the network, by the set whose idea of an article labelled it; what is missing is
#: not learnt from. With a few hundred documents, columns on the document as a whole tell the documents apart, not the
#: lines: the trees do not see them.
_NARROW = {"residue": 3.0, RELABELLED: 2.0, "andy.traf": 0.4, "andy.resi": 0.4, "fundus.traf": 0.5, "fundus.resi": 0.5}
_TREES = 300

#: What was read again and is less like what extractors leave of an article counts less. Forums and lists do harm there:
#: they teach the linear scores alone.
_READ_SHARE = {
    "turku.again": 0.0, "natural": 0.3, "trafilatura_authors": 0.5, "postlight": 0.5, "l3s.traf": 0.5, WRITTEN: 0.25,
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """All content lines of all documents: labels, folds, and the columns that need no fitting."""

    documents: list[Labelled]
    lines: Batch
    residue: BOOL  #: is the line residue?
    scored: BOOL  #: does the label count?
    words: I64  #: words as score.py counts them
    inside: I64  #: of these, words of residue inside a kept line
    classes: NDArray[np.str_]
    sets: NDArray[np.str_]
    policies: NDArray[np.str_]  #: whose idea of an article labelled the line
    fold: I64
    spare: BOOL  #: a rendering of a page whose other rendering is trained on
    rarity: NDArray[np.uint8]
    fixed: dict[str, F32]  #: columns without linear scores
    tokens: sparse.csr_matrix  #: share of each token: count / sqrt(tokens of the line)


def table(documents: list[Labelled], folds: list[int]) -> Table:
    """Return the table of `documents`."""
    lines = batch([d.text for d in documents])

    def column(of: Callable[[Labelled], tuple[object, ...]]) -> NDArray[np.generic]:
        return np.array([value for d in documents for value in of(d)])[lines.rows]

    told = cleaner(Options(model=False)).told([d.text for d in documents])
    rarity = _rarity(lines)
    fixed = {**shape.columns(lines), **ties.columns(lines, rarity), **hits.columns(lines, told)}
    line, bucket = ngrams.tokens(lines, BITS)
    number = np.bincount(line, minlength=len(lines.rows))
    values = (1 / np.sqrt(number))[line]
    tokens = sparse.csr_matrix((values, (line, bucket)), shape=(len(lines.rows), 1 << BITS))
    sets = np.array([d.set for d in documents])[lines.docs]
    policies = np.array([d.policy for d in documents])[lines.docs]
    words = column(lambda d: d.words).astype(np.int64)
    # The two renderings of a page of this set are much the same lines; one of them, in turn, is enough.
    number = np.array([int(sha256(d.url.encode()).hexdigest(), 16) % 2 for d in documents])[lines.docs]
    twice = np.isin(sets, ("wcxb.traf", "wcxb.resi")) & ((sets == "wcxb.traf") == (number == 0)) & (policies != RELABELLED)
    return Table(
        documents=documents,
        lines=lines,
        residue=~column(lambda d: d.keep).astype(bool),
        scored=column(lambda d: d.scored).astype(bool),
        words=words,
        inside=column(lambda d: d.inside).astype(np.int64),
        classes=column(lambda d: d.classes).astype(str),
        sets=sets,
        policies=policies,
        fold=np.array(folds)[lines.docs],
        spare=np.asarray(twice, dtype=bool),
        rarity=rarity,
        fixed=fixed,
        tokens=tokens,
    )


def _rarity(lines: Batch) -> NDArray[np.uint8]:
    """Weight 0..255 of each bucket of word hashes: the inverse document frequency, nothing below a quarter of it."""
    buckets = (lines.words.hashes >> np.uint64(64 - 16)).astype(np.int64)
    pairs = np.unique((lines.docs[lines.word_line] << 16) | buckets)
    frequency = np.bincount(pairs & 0xFFFF, minlength=1 << 16)
    total = np.log(len(np.unique(lines.docs)))
    inverse = 1 - np.log(np.maximum(frequency, 1)) / total
    return np.clip(np.round(255 * (inverse - 0.25) / 0.75), 0, 255).astype(np.uint8)


@dataclass(frozen=True, slots=True, eq=False)
class Linear:
    """The linear layer, quantised as it is shipped."""

    weights: NDArray[np.int8]  #: buckets times heads
    scales: F32  #: per head
    biases: F32


def fit_linear(data: Table, rows: BOOL) -> Linear:
    """Return linear scores learnt from the scored lines among `rows`, one head for all residue, one per class."""
    known = np.isin(data.policies, ("residue", RELABELLED))
    captions = known | np.char.startswith(data.sets, "fundus")
    of = np.array([_HEAD_OF.get(c, "") for c in data.classes])
    share = np.array([_WRITTEN_SHARE if s == WRITTEN else 1.0 for s in data.sets])
    weight = np.sqrt(np.clip(data.words, 1, 60)) * np.sqrt(share * np.array([_WEIGHT[s] for s in data.policies]))
    weights, scales, biases = [], [], []
    for head in HEADS:
        if head == "residue":
            use, target = rows & data.scored, data.residue
        else:
            target = data.residue & (of == head)
            reach = captions if head == "caption" else known
            use = rows & data.scored & (reach | target) & ~(data.residue & (data.classes == ""))
        if target[use].all():  # without the main set nothing says what is of no class: the head is silent
            weights.append(np.zeros(1 << BITS, dtype=np.int8))
            scales.append(1.0)
            biases.append(0.0)
            continue
        model = LogisticRegression(C=2.0, solver="liblinear", tol=2e-2, random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(data.tokens[use], target[use], sample_weight=weight[use])
        raw = model.coef_[0]
        scale = np.percentile(np.abs(raw[raw != 0]), 99.9) / 127
        weights.append(np.clip(np.round(raw / scale), -127, 127).astype(np.int8))
        scales.append(scale)
        biases.append(model.intercept_[0])
    return Linear(np.stack(weights, axis=1), np.array(scales, np.float32), np.array(biases, np.float32))


def apply_linear(data: Table, linear: Linear, rows: BOOL) -> F32:
    """Return the scores of `rows`; the same numbers as `ngrams.says`."""
    sums = data.tokens[rows] @ linear.weights.astype(np.float64)
    return (sums * linear.scales.astype(np.float64) + linear.biases).astype(np.float32)


def nested_scores(data: Table) -> tuple[list[F32], list[Linear], F32, Linear]:
    """Return linear scores for each fold kept apart, the models of these folds, scores for all, the model of all.

    In the scores of fold `f`, lines of `f` are scored by the model of the others, and a line of another fold `g`
    by the model that saw neither.
    """
    count = len(data.residue)
    models = [fit_linear(data, data.fold != f) for f in range(FOLDS)]
    pairs = {(f, g): fit_linear(data, (data.fold != f) & (data.fold != g)) for f, g in combinations(range(FOLDS), 2)}
    nested = []
    for f in range(FOLDS):
        scores = np.zeros((count, len(HEADS)), dtype=np.float32)
        for g in range(FOLDS):
            rows = data.fold == g
            model = models[f] if f == g else pairs[min(f, g), max(f, g)]
            scores[rows] = apply_linear(data, model, rows)
        nested.append(scores)
    everywhere = np.zeros((count, len(HEADS)), dtype=np.float32)
    for g in range(FOLDS):
        rows = data.fold == g
        everywhere[rows] = apply_linear(data, models[g], rows)
    return nested, models, everywhere, fit_linear(data, np.ones(count, dtype=bool))


def matrix(data: Table, scores: F32) -> tuple[F32, list[str]]:
    """Return all columns side by side, the flags of the policies last, and the names of all but the flags."""
    columns = {**data.fixed, **ngrams.columns(data.lines, scores, HEADS)}
    flags = [np.isin(data.policies, policy).astype(np.float32) for policy in POLICIES[1:]]
    return np.stack([*columns.values(), *flags], axis=1), list(columns)


def tree_names(names: list[str]) -> list[str]:
    """Return the columns that the trees look at."""
    return [name for name in names if "document" not in name]


def line_weights(data: Table, rows: BOOL) -> F64:
    """Return how much each line counts in the trees and in the network: 0 unless it is scored and among `rows`."""
    weight = np.clip(data.words, 1, 100) ** 0.25 * np.array([_NARROW.get(s, 0.0) for s in data.policies])
    # The lines of a long thread or list are right or wrong together: their weight grows with the root of their number.
    number = np.bincount(data.lines.docs)[data.lines.docs]
    weight /= np.sqrt(np.maximum(number, 15) / 15)
    weight *= np.array([_READ_SHARE.get(s, 1.0) for s in data.sets])
    weight[~(rows & data.scored & ~data.spare)] = 0
    some = weight[weight > 0]
    out: F64 = weight / some.mean() if len(some) else weight
    return out


def fit_network(data: Table, columns: F32, names: list[str], rows: BOOL) -> Network:
    """Return the network learnt from the scored lines among `rows`; `columns` and `names` as from `matrix`."""
    kinds = {name: number for number, name in enumerate(network.CLASSES, start=1)}
    classes = np.array([kinds.get(name, -1) for name in data.classes])
    return network.fit(
        network.Lines(
            np.ascontiguousarray(columns[:, : len(names)]), data.residue, np.where(data.residue, classes, 0),
            line_weights(data, rows).astype(np.float32), data.lines.docs,
        )
    )  # fmt: skip


def fit_trees(data: Table, columns: F32, names: list[str], rows: BOOL) -> CatBoostClassifier:
    """Return symmetric trees learnt from the scored lines among `rows`; `columns` and `names` as from `matrix`."""
    weight = line_weights(data, rows)
    use = weight > 0
    seen = set(tree_names(names))
    at = [n for n, name in enumerate(names) if name in seen] + list(range(len(names), columns.shape[1]))
    model = CatBoostClassifier(
        iterations=_TREES, depth=6, learning_rate=0.08, l2_leaf_reg=10, rsm=0.15, border_count=40,
        bootstrap_type="Bernoulli", subsample=0.7, random_seed=1, thread_count=1, verbose=0,
        allow_writing_files=False,
    )  # fmt: skip
    model.fit(columns[np.flatnonzero(use)[:, None], at], data.residue[use], sample_weight=weight[use])
    return model


assert {s for policy in POLICIES for s in policy} == {*SETS, RELABELLED}
