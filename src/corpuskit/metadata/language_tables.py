"""The model of py3langid as the arrays that `language` reads: its automaton and its likelihoods.

Its file is 4 MB of xz. To unpack it and bring it into this form takes most of a second and 200 MB, so the arrays are
kept in the cache of this machine.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpuskit.cache import Arrays, arrays

__all__ = ["read_tables"]


def read_tables() -> Arrays:
    """Return `moves` (next state, by row offset + byte), `rows` (row offset of each state), `outputs` (feature seen on
    entering each state, or -1), `weights` (log-likelihood, feature x language), `priors`, `classes` (a code for each
    language) and `depth` (how many bytes the automaton remembers).
    """
    from py3langid.langid import MODEL_DIR, MODEL_FILE

    path = MODEL_DIR / MODEL_FILE
    return arrays("language", path.read_bytes() + Path(__file__).read_bytes(), lambda: _unpacked(path))


def _unpacked(path: Path) -> dict[str, NDArray[Any]]:
    from py3langid.modelio import load_model

    weights, priors, classes, moves, row_of, outputs = load_model(path)
    moves = np.asarray(moves).astype(np.uint32)
    rows = np.asarray(row_of).astype(np.int64) << 8
    table = moves.reshape(-1, 256)
    depth, front = 0, np.zeros(1, dtype=np.int64)
    reached = np.zeros(len(rows), dtype=bool)
    reached[0] = True
    while True:
        met = np.zeros(len(rows), dtype=bool)  # sorting the hundred thousand states took a second
        met[table[rows[front] >> 8]] = True
        front = np.flatnonzero(met & ~reached)
        if not len(front):
            break
        reached[front] = True
        depth += 1
    return {
        "moves": moves,
        "rows": rows,
        "outputs": np.asarray(outputs, dtype=np.int32),
        "weights": np.asarray(weights, dtype=np.float32),
        "priors": np.asarray(priors, dtype=np.float32),
        "classes": np.asarray(classes),
        "depth": np.asarray(depth),
    }
