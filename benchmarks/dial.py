"""Where to set the dial: what each threshold removes and loses on the main set, with the upper bound of the loss.

    python benchmarks/dial.py [THRESHOLD …]

The models of the folds clean the documents that they never saw. The bound is the 95th percentile of the loss over
bootstrap samples of the documents (Efron 1979; fixed seed): a named setting is the lowest threshold whose bound stays
within what the setting promises.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

import numpy as np

from cleaners import OURS, Way, measure
from scoring import Counts, cell

SET = "residue"
THRESHOLDS = (0.998, 0.995, 0.99, 0.985, 0.98, 0.97, 0.96, 0.95, 0.94, 0.93, 0.92, 0.9, 0.88, 0.86, 0.84, 0.82, 0.8, 0.75)
_DRAWS = 2000


def bound(counts: Sequence[Counts]) -> float:
    """Return the upper 95 % bound of the good words lost per million."""
    number = len(counts)
    draw = np.random.default_rng(7).multinomial(number, np.full(number, 1 / number), size=_DRAWS).astype(np.float64)
    lost, good = (draw @ np.array([getattr(one, name) for one in counts], dtype=np.float64) for name in ("lost", "good"))
    return float(np.percentile(1e6 * lost / good, 95))


def main(arguments: Sequence[str]) -> int:
    """Print the table; return 0."""
    ways = [Way(OURS, float(one)) for one in arguments or THRESHOLDS]
    table = measure([SET], ways, workers=2)
    print("| threshold | residue removed | good words lost per million | upper 95 % bound | body F1 |\n|---|---|---|---|---|")
    for way in ways:
        found = cell(table[SET, way])
        print(f"| {way.threshold} | {found.removed} | {found.lost:,} | {bound(table[SET, way]):,.0f} | {found.f1} |")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
