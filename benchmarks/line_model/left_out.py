"""How well does the model do on what it has seen nothing of: a whole set of documents, a whole language?

    python -m line_model.left_out     (needs the fits that `make model` leaves in the cache; some minutes)

For each set and each language with enough documents trees and network are fitted again without it and without all pages of its
sites (sets share pages), and the lines left out are scored by a linear layer that never saw them either. The linear
scores of the lines that are learnt from are those of `make model`: out-of-fold, but by models that had seen what is
left out here.
"""

from __future__ import annotations

import pickle

import numpy as np
from numpy.typing import NDArray

from corpuskit.cleaning.line_model.model import mixed
from line_model.data import site
from line_model.evaluate import points
from line_model.export import trees_of
from line_model.fit import (
    POLICIES,
    Table,
    apply_linear,
    fit_linear,
    fit_network,
    fit_trees,
    line_weights,
    matrix,
    tree_names,
)
from line_model.train import cache

LANGUAGES = ("de", "en", "es", "fi", "fr", "sv")
LOSSES = (1000, 5000)
BOOL = NDArray[np.bool_]


def values(data: Table, everywhere: NDArray[np.float32], out: BOOL) -> NDArray[np.float64]:
    """Return raw values of the lines `out`, from models that were fitted to the lines of all other sites.

    All are the same where nothing is left to learn from: most pages of the main set are those of other sets.
    """
    sites = np.array([site(d) for d in data.documents])[data.lines.docs]
    others = ~out & ~np.isin(sites, np.unique(sites[out]))
    if not (line_weights(data, others) > 0).any():
        return np.zeros(int(out.sum()))
    scores = everywhere.copy()
    scores[out] = apply_linear(data, fit_linear(data, others), out)
    columns, names = matrix(data, scores)
    trees = trees_of(fit_trees(data, columns, names, others), tree_names(names), names)
    network = fit_network(data, columns, names, others)
    table = np.ascontiguousarray(columns[:, : len(names)].T)
    return mixed(trees.values(table), network.values(table, data.lines.first, data.lines.last))[out]


def row(name: str, data: Table, raw: NDArray[np.float64], rows: BOOL) -> str:
    """Return one line of the table."""
    cells = [f"{p.removed:.3f}" for p in points(data, raw, rows, LOSSES)]
    return f"| {name} | {len(np.unique(data.lines.docs[rows])):,} | {' | '.join(cells)} |"


def main() -> None:
    """Print the tables."""
    with (cache() / "fits.pickle").open("rb") as file:
        data, _, everywhere, *_ = pickle.load(file)
    language = np.array([d.lang for d in data.documents])[data.lines.docs]
    print("| left out | documents | removed at 1,000 lost | at 5,000 |\n|---|---|---|---|")
    for policy in POLICIES:
        out = np.isin(data.policies, policy)
        raw = np.full(len(out), -np.inf)
        raw[out] = values(data, everywhere, out)
        for name in policy:
            rows = out & (data.policies == name)
            print(row(name, data, raw, rows), flush=True)
    for code in LANGUAGES:
        out = np.char.startswith(language, code)
        raw = np.full(len(out), -np.inf)
        raw[out] = values(data, everywhere, out)
        for name in ("residue", "turku"):
            rows = out & (data.sets == name)
            if len(np.unique(data.lines.docs[rows])) >= 10:
                print(row(f"{code} in {name}", data, raw, rows), flush=True)


if __name__ == "__main__":
    main()
