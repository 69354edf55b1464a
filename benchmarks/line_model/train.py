"""Make the line model: fit, choose nothing by the data that scores it, calibrate, write the data files.

    python -m line_model           fit everything (about twenty minutes on one core) and write the model
    python -m line_model --finish  only calibrate and write again, from the fits in the cache

Written: the shipped model, the models of the folds (benchmarks/line_model/folds/, so that a gate can score every
document with a model that never saw its site), and out-of-fold probabilities in the cache.
"""

from __future__ import annotations

import json
import os
import pickle
from importlib import metadata
from pathlib import Path

import numpy as np
from catboost import CatBoostClassifier
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.model import mixed
from corpuskit.cleaning.line_model.network import Network
from corpuskit.cleaning.line_model.trees import Trees
from corpuskit.cleaning.rules.loader import load as load_rules
from line_model import data as labelled
from line_model import evaluate
from line_model.export import calibrated, pack, trees_of
from line_model.fit import Table, fit_network, fit_trees, matrix, nested_scores, table, tree_names
from line_model.folds import FOLDER as FOLD_MODELS
from line_model.folds import key

__all__ = ["FOLD_MODELS", "SHIPPED", "cache", "run"]

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ROOT / "src" / "corpuskit" / "cleaning" / "line_model" / "line_model.npz"


def cache() -> Path:
    """Return the folder for what is made on the way; created when it is missing."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    folder = Path(home) / "corpuskit" / "line_model"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def _fit(folder: Path) -> None:
    documents = [d for name in (*labelled.SETS, *labelled.READ, labelled.WRITTEN) for d in labelled.load(name)]
    folds = labelled.fold_numbers(documents)
    print(f"{len(documents)} documents, {sum(len(d.lines) for d in documents)} lines", flush=True)
    data = table(documents, folds)
    nested, models, everywhere, whole = nested_scores(data)
    print("linear scores are fitted", flush=True)
    networks = []
    for fold, scores in enumerate([*nested, everywhere]):
        columns, names = matrix(data, scores)
        rows = data.fold != fold
        fit_trees(data, columns, names, rows).save_model(str(folder / f"trees-{fold}.cbm"))
        networks.append(fit_network(data, columns, names, rows))
        print(f"trees and network {fold} of {labelled.FOLDS} are fitted", flush=True)
    with (folder / "fits.pickle").open("wb") as file:
        pickle.dump((data, nested, everywhere, models, whole, networks, names, load_rules().digest), file)


def _finish(folder: Path) -> None:
    with (folder / "fits.pickle").open("rb") as file:
        data, nested, everywhere, models, whole, networks, names, rules = pickle.load(file)
    raw = np.zeros(len(data.residue))
    trees = []
    for fold in range(labelled.FOLDS + 1):
        model = CatBoostClassifier()
        model.load_model(str(folder / f"trees-{fold}.cbm"))
        trees.append(trees_of(model, tree_names(names), names))
    for fold, scores in enumerate(nested):
        rows = data.fold == fold
        raw[rows] = _raw(data, scores, trees[fold], networks[fold])[rows]
    use = data.scored & (data.sets == "residue")
    chance = np.zeros(len(raw))
    cards = {"features": names, "rules": rules, "data": labelled.digest(), "versions": _versions()}
    FOLD_MODELS.mkdir(exist_ok=True)
    for fold in range(labelled.FOLDS):
        rest = use & (data.fold != fold)
        knots = calibrated(raw[rest], data.residue[rest], data.words[rest].astype(np.float64))
        rows = data.fold == fold
        chance[rows] = np.round(np.interp(raw[rows], *knots), 3)
        packed = pack(models[fold], trees[fold], networks[fold], data.rarity, knots, {**cards, "kept apart": fold})
        (FOLD_MODELS / f"{fold}.npz").write_bytes(packed)
    knots = calibrated(raw[use], data.residue[use], data.words[use].astype(np.float64))
    main_set = data.sets == "residue"
    thresholds = {str(loss): evaluate.bounded_threshold(data, chance, main_set, loss) for loss in evaluate.LOSSES}
    seen = np.interp(_raw(data, everywhere, trees[-1], networks[-1]), *knots)
    in_sample = evaluate.points(data, seen, main_set, (1000,))[0].removed
    card = {**cards, "thresholds": thresholds, "in-sample residue removed at 1000": round(in_sample, 3)}
    SHIPPED.write_bytes(pack(whole, trees[-1], networks[-1], data.rarity, knots, card))
    _assign(data)
    np.savez_compressed(folder / "out-of-fold.npz", raw=raw, chance=chance)
    print(json.dumps({"thresholds": thresholds, "in-sample": round(in_sample, 3), "bytes": SHIPPED.stat().st_size}))


def _raw(data: Table, scores: NDArray[np.float32], trees: Trees, network: Network) -> NDArray[np.float64]:
    """Return the raw value of each line, as the model that is shipped would."""
    columns, names = matrix(data, scores)
    table = np.ascontiguousarray(columns[:, : len(names)].T)
    return mixed(trees.values(table), network.values(table, data.lines.first, data.lines.last))


def _assign(data: Table) -> None:
    """Write which fold each document is in."""
    numbers = {key(d.set, d.id): int(data.fold[at]) for at, d in _first_lines(data)}
    text = "".join(f"{name}\t{fold}\n" for name, fold in sorted(numbers.items()))
    (FOLD_MODELS / "documents.tsv").write_text(text, encoding="utf-8")


def _first_lines(data: Table) -> list[tuple[int, labelled.Labelled]]:
    found, first = np.unique(data.lines.docs, return_index=True)
    return [(int(at), data.documents[int(number)]) for number, at in zip(found, first, strict=True)]


def _versions() -> dict[str, str]:
    return {name: metadata.version(name) for name in ("catboost", "scikit-learn", "torch", "numpy")}


def run(*, finish_only: bool = False) -> None:
    """Fit, unless the fits in the cache are to be used, and write the models."""
    if not finish_only:
        _fit(cache())
    _finish(cache())
