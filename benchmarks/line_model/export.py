"""Turn what was fitted into the data file that `corpuskit.cleaning.line_model` reads."""

from __future__ import annotations

import json
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
from catboost import CatBoostClassifier
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.network import Network
from corpuskit.cleaning.line_model.trees import Trees
from line_model.fit import HEADS, Linear

__all__ = ["calibrated", "pack", "trees_of"]

F64 = NDArray[np.float64]

_GRID = np.arange(-9.0, 9.01, 0.25)


def trees_of(model: CatBoostClassifier, seen: list[str], names: list[str]) -> Trees:
    """Return the trees of `model`, asking for the columns `names`, with the flags answered once and for all.

    `seen` are the columns that the model was fitted on, without the flags of the policies, which come last. The answer
    is that of the main set's policy, which has no flag: a question for a flag becomes one that no value answers with yes.
    """
    features = len(seen)
    place = [names.index(name) for name in seen]
    with TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        stored = json.loads(path.read_text(encoding="utf-8"))
    trees = stored["oblivious_trees"]
    depth = max(len(tree["splits"]) for tree in trees)
    asked = np.zeros((len(trees), depth), dtype=np.int16)
    borders = np.full((len(trees), depth), np.inf, dtype=np.float32)
    leaves = np.zeros((len(trees), 1 << depth), dtype=np.float32)
    covers = np.zeros((len(trees), 1 << depth), dtype=np.float32)
    for number, tree in enumerate(trees):
        size = 1 << len(tree["splits"])
        leaves[number, :size], covers[number, :size] = tree["leaf_values"], tree["leaf_weights"]
        for level, split in enumerate(tree["splits"]):
            if split["float_feature_index"] < features:
                asked[number, level] = place[split["float_feature_index"]]
                borders[number, level] = split["border"]
    covers /= np.maximum(covers.sum(axis=1, keepdims=True), 1e-9)
    scale, bias = stored["scale_and_bias"]
    return Trees(asked, borders, (leaves * scale).astype(np.float32), covers, float(bias[0]))


def calibrated(values: F64, residue: NDArray[np.bool_], words: F64) -> F64:
    """Return two rows, raw value and probability: isotonic regression, drawn towards a logistic one.

    Words weigh, for expected words lost are what the probabilities are for. The logistic curve (Platt 1999)
    stands in with the weight of 300 words per quarter of a logit, so that a few odd documents at the far end
    do not make steps.
    """
    from sklearn.isotonic import IsotonicRegression
    from sklearn.linear_model import LogisticRegression

    weight = np.clip(words, 1, 60)
    platt = LogisticRegression(C=1e6).fit(values[:, None], residue, sample_weight=weight)
    prior = platt.predict_proba(_GRID[:, None])[:, 1]
    isotonic = IsotonicRegression(y_min=0.0005, y_max=0.9995, out_of_bounds="clip")
    isotonic.fit(
        np.concatenate([values, _GRID]), np.concatenate([residue, prior]),
        sample_weight=np.concatenate([weight, np.full(len(_GRID), 300.0)]),
    )  # fmt: skip
    chance = isotonic.predict(_GRID)
    smooth = np.convolve(np.pad(chance, 2, mode="edge"), np.array([1, 2, 3, 2, 1]) / 9, mode="valid")
    return np.stack([_GRID, np.clip(np.maximum.accumulate(smooth), 0.0005, 0.9995)])


def pack(
    linear: Linear, trees: Trees, network: Network, rarity: NDArray[np.uint8], knots: F64, card: dict[str, object]
) -> bytes:
    """Return the bytes of the data file; the same model gives the same bytes."""
    arrays: dict[str, NDArray[np.generic]] = {
        "weights": linear.weights,
        "scales": linear.scales,
        "biases": linear.biases,
        "rarity": rarity,
        "tree_features": trees.features,
        "tree_borders": trees.borders,
        "leaves": trees.leaves,
        "covers": trees.covers.astype(np.float16),
        "bias": np.array(trees.bias),
        "lows": network.lows,
        "highs": network.highs,
        "middles": network.middles,
        "widths": network.widths,
        "mix": network.mix,
        "turns": network.turns,
        "answer": network.answer,
        "knots": knots,
        "card": np.frombuffer(json.dumps({**card, "heads": HEADS}, indent=1, sort_keys=True).encode(), dtype=np.uint8),
    }
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED, compresslevel=9) as archive:
        for name, array in arrays.items():
            data = BytesIO()
            np.lib.format.write_array(data, np.asanyarray(array), allow_pickle=False)
            # A fixed date: the zip format wants one, and the same model must give the same bytes.
            archive.writestr(ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), data.getvalue(), ZIP_DEFLATED)
    return out.getvalue()
