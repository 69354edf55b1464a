"""Print the tables of docs/line-model.md from the out-of-fold probabilities in the cache.

    python -m line_model.report

Counts are by line, words as score.py counts them; a line is cut as a whole. `score.py` over whole documents,
with rules, is the business of `make bench`.
"""

from __future__ import annotations

import json
import pickle
from itertools import pairwise

import numpy as np

from corpuskit.cleaning.line_model import load
from line_model import evaluate
from line_model.data import SETS
from line_model.train import SHIPPED, cache

__all__ = ["main"]


def main() -> None:
    """Print Markdown."""
    with (cache() / "fits.pickle").open("rb") as file:
        data = pickle.load(file)[0]
    chance = np.load(cache() / "out-of-fold.npz")["chance"]
    thresholds = json.loads(load(SHIPPED.read_bytes()).card)["thresholds"]
    print("| set | removed at 100 | at 1,000 | at 2,000 | at 5,000 lost | at the standard threshold: removed / lost |")
    print("|---|---|---|---|---|---|")
    standard = thresholds["1000"]
    for name in SETS:
        rows = data.sets == name
        found = evaluate.points(data, chance, rows)
        at = evaluate.rates(data, chance, rows, standard)
        print(
            f"| {name} | " + " | ".join(f"{p.removed:.3f}" for p in found) + f" | {at.removed:.3f} / {at.lost:,.0f} |"
        )
    print(f"\nThresholds whose upper 95 % bound of loss on `residue` stays below the loss named: {thresholds}\n")
    main_set = data.sets == "residue"
    print("| class | residue words | " + " | ".join(f"removed at {t}" for t in (standard, 0.9, 0.75)) + " |")
    print("|---|---|---|---|---|")
    for name in sorted({c for c in data.classes[main_set & data.residue] if c}):
        rows = main_set & data.scored & data.residue & (data.classes == name)
        words = data.words[rows]
        cells = [f"{words[chance[rows] >= t].sum() / words.sum():.2f}" for t in (standard, 0.9, 0.75)]
        print(f"| {name} | {words.sum():,} | " + " | ".join(cells) + " |")
    print("\n| language | documents | removed / lost at the standard threshold | at 0.9 | at 0.75 |")
    print("|---|---|---|---|---|")
    lang = np.array([d.lang for d in data.documents])[data.lines.docs]
    for name in sorted(set(lang[main_set])):
        rows = main_set & (lang == name)
        documents = len(np.unique(data.lines.docs[rows]))
        if documents >= 4:
            found = [evaluate.rates(data, chance, rows, t) for t in (standard, 0.9, 0.75)]
            print(f"| {name} | {documents} | " + " | ".join(f"{p.removed:.2f} / {p.lost:,.0f}" for p in found) + " |")
    print("\n| probability | lines | residue by lines | residue by words |")
    print("|---|---|---|---|")
    edges = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 0.95, 0.98, 1.001)
    for low, high in pairwise(edges):
        rows = main_set & data.scored & (chance >= low) & (chance < high)
        words = data.words[rows]
        share = (words * data.residue[rows]).sum() / max(words.sum(), 1)
        print(f"| {low} – {min(high, 1)} | {rows.sum():,} | {data.residue[rows].mean():.3f} | {share:.3f} |")


if __name__ == "__main__":
    main()
