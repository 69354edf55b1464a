"""Where to set the dial: what each threshold removes and loses, with the upper bound of the loss.

    python benchmarks/dial.py [THRESHOLD …]

The models of the folds clean the documents that they never saw. The bound is the 95th percentile of the loss on the main
set over bootstrap samples of its *sites* (Efron 1979; fixed seed): pages of one site, and two extractions of one page,
are lost together. A named setting is the lowest threshold whose bound stays within what the setting promises, and at
which the loss on all sets of articles together stays within it, too.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from cleaners import OURS, Way, measure
from scoring import Counts, cell, load

MAIN = "residue"
SETS = (MAIN, "andy.traf", "andy.resi", "fundus.traf", "fundus.resi")
THRESHOLDS = (0.998, 0.995, 0.99, 0.98, 0.96, 0.95, 0.94, 0.93, 0.92, 0.9, 0.85, 0.8, 0.78, 0.76, 0.74, 0.72, 0.7)
_DRAWS = 2000


def bound(counts: Sequence[Counts], sites: Sequence[str]) -> float:
    """Return the upper 95 % bound of the good words lost per million; `sites` has the site of each document."""
    names, site = np.unique(np.array(sites), return_inverse=True)
    number = len(names)
    draw = np.random.default_rng(7).multinomial(number, np.full(number, 1 / number), size=_DRAWS).astype(np.float64)
    lost, good = (
        draw @ np.bincount(site, weights=[getattr(one, name) for one in counts]) for name in ("lost", "good")
    )
    return float(np.percentile(1e6 * lost / good, 95))


def main(arguments: Sequence[str]) -> int:
    """Print the table; return 0."""
    ways = [Way(OURS, float(one)) for one in arguments or THRESHOLDS]
    table = measure(SETS, ways, workers=2)
    sites = [document.site or document.id for document in load(MAIN)]
    print("| threshold | removed | lost per million | upper 95 % bound | body F1 | of all: removed | lost |")
    print("|---|---|---|---|---|---|---|")
    for way in ways:
        main_set, every = cell(table[MAIN, way]), cell([one for name in SETS for one in table[name, way]])
        row = (way.threshold, main_set.removed, f"{main_set.lost:,}", f"{bound(table[MAIN, way], sites):,.0f}", main_set.f1)
        print("| " + " | ".join(map(str, (*row, every.removed, f"{every.lost:,}"))) + " |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
