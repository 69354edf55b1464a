"""How well cleaning does on labelled articles: beside the line rules of others, and along the whole dial.

    python benchmarks/cleaning.py              print the table, the bars, and the curve of every set, class, language
    python benchmarks/cleaning.py --record     and keep what docs/cleaning.md shows of it in benchmarks/cleaning.json
    python benchmarks/cleaning.py gold residue the same for these sets alone

The line model never sees a document or site that it was fitted to (see `cleaners`). The upper bound of the good words
lost is the 95th percentile of a bootstrap over documents (Efron 1979; 1,000 draws, fixed seed).
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from baselines import BASELINES
from cleaners import OURS, RULES, Way, has_models, measure
from corpuskit.cleaning.options import DIAL
from gate import LEAST_DOCUMENTS, cleaning_digest
from scoring import BENCH_SETS, ROOT, Cell, Counts, cell, cells, gold_path

__all__ = ["BARS", "LOSSES", "RECORD", "THRESHOLDS", "main", "upper_loss"]

RECORD = ROOT / "benchmarks" / "cleaning.json"

#: Points of the curve: confidences from which an edit is made, the settings of the dial among them.
THRESHOLDS = tuple(sorted({0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, *DIAL.values()}))

#: What is asked at the standard setting: residue removed, good words lost per million; body F1 above the untouched
#: text's, or above the number given.
BARS: dict[str, tuple[float, int, float]] = {
    "residue": (0.60, 1000, 0.970),
    "fundus.traf": (0.40, 2000, 0.0),
    "andy.traf": (0.40, 2000, 0.0),
    "turku": (0.35, 5000, 0.0),
}

#: Good words lost per million that the settings careful, standard and thorough allow.
LOSSES = (100, 1000, 5000)

_DRAWS = 1000

Found = Mapping[tuple[str, Way], list[Counts]]


def upper_loss(counts: Sequence[Counts]) -> int:
    """Return the upper 95 % bound of the good words lost per million, by a bootstrap over the documents."""
    good = np.array([one.good for one in counts], dtype=np.float64)
    lost = np.array([one.lost for one in counts], dtype=np.float64)
    number = len(counts)
    draws = np.random.default_rng(7).multinomial(number, np.full(number, 1 / number), size=_DRAWS)
    return round(float(np.percentile(draws @ lost / np.maximum(draws @ good, 1) * 1e6, 95)))


# ---------------------------------------------------------------------------------------------------- printing


def show_table(found: Found, names: Sequence[str], ways: Sequence[Way]) -> None:
    """Print each way on each set: residue removed, good words lost per million, body F1."""
    print("Residue words removed / good words lost per million / body F1\n")
    width = max(len(way.name) for way in ways)
    for name in names:
        print(name)
        for way in ways:
            one = cell(found[name, way])
            print(f"  {way.name:{width}} {one.removed:7.3f} {one.lost:9,} {one.f1:8.4f}")


def show_bars(found: Found, names: Sequence[str]) -> None:
    """Print for each set with a bar what is asked, what is reached, and the languages that are worse than untouched."""
    print("\nWhat is asked of the standard setting, and what it reaches")
    for name in names:
        if name not in BARS:
            continue
        removed, lost, f1 = BARS[name]
        counts, untouched = found[name, Way()], found[name, Way("do nothing")]
        one, before = cell(counts), cell(untouched)
        asked = max(f1, before.f1 or 0)
        worse = [
            path.rpartition("/")[2]
            for path, group in cells(name, counts, LEAST_DOCUMENTS).items()
            if "/lang/" in path and (group.f1 or 0) < (cells(name, untouched, LEAST_DOCUMENTS)[path].f1 or 0)
        ]
        said = [
            f"removed {one.removed:.3f} ({'≥' if (one.removed or 0) >= removed else 'NOT ≥'} {removed})",
            f"lost {one.lost}, at most {upper_loss(counts)} ({'≤' if (one.lost or 0) <= lost else 'NOT ≤'} {lost})",
            f"F1 {one.f1:.4f} ({'≥' if (one.f1 or 0) >= asked else 'NOT ≥'} {asked:.4f})",
            f"languages below the untouched text: {', '.join(worse) or 'none'}",
        ]
        print(f"  {name:12} {'  '.join(said)}")


def show_curve(found: Found, name: str) -> None:
    """Print residue removed and good words lost at each threshold, for a set, its classes and its languages."""
    tables = {t: cells(name, found[name, Way(OURS, t)], LEAST_DOCUMENTS) for t in THRESHOLDS}
    bounds = {t: upper_loss(found[name, Way(OURS, t)]) for t in THRESHOLDS}
    print(f"\n{name}: residue removed, and good words lost per million, by threshold")
    print(f"  {'':22} {'docs':>5} " + " ".join(f"{threshold:>7g}" for threshold in THRESHOLDS))
    for path in tables[THRESHOLDS[0]]:
        rows = [tables[threshold][path] for threshold in THRESHOLDS]
        label = path.removeprefix(f"{name}/")
        print(f"  {label:22} {rows[0].docs:5} " + " ".join(_number(row.removed, 7, 3) for row in rows))
        if rows[0].lost is not None:
            print(f"  {'':22} {'lost':>5} " + " ".join(f"{row.lost:>7}" for row in rows))
        if path == name:
            print(f"  {'':22} {'upper':>5} " + " ".join(f"{bound:>7}" for bound in bounds.values()))
    within = [next((f"{t:g}" for t in THRESHOLDS if bounds[t] <= loss), "none") for loss in LOSSES]
    losses = " / ".join(f"{loss:,}" for loss in LOSSES)
    print(f"  lowest threshold whose upper bound is within {losses}: {' / '.join(within)}")


def _number(value: float | None, width: int, places: int) -> str:
    return "-".rjust(width) if value is None else f"{value:{width}.{places}f}"


# --------------------------------------------------------------------------------------------------- recording


def record(found: Found, names: Sequence[str], ways: Sequence[Way]) -> dict[str, Any]:
    """Return what docs/cleaning.md shows: the table, and the curves of the sets and of the classes and languages of
    the main one."""

    def point(threshold: float, one: Cell) -> list[float | None]:
        return [threshold, one.removed, one.lost, one.f1]

    curves: dict[str, list[list[float | None]]] = {}
    for name in names:
        for threshold in THRESHOLDS:
            table = cells(name, found[name, Way(OURS, threshold)], LEAST_DOCUMENTS)
            for path, one in table.items():
                if path == name or name in ("gold", "residue"):
                    curves.setdefault(path, []).append(point(threshold, one))
    return {
        "cleaning": cleaning_digest(),
        "model": has_models(),
        "dial": DIAL,
        "documents": {name: len(found[name, ways[0]]) for name in names},
        "table": {
            name: {way.name: point(0, cell(found[name, way]))[1:] for way in ways} for name in names
        },
        "upper": {name: upper_loss(found[name, Way()]) for name in names},
        "curves": curves,
    }


def written(value: dict[str, Any]) -> str:
    """Return `value` as JSON with a line for each entry of its tables."""
    parts = []
    for key, inner in value.items():
        if isinstance(inner, dict):
            rows = ",\n".join(f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in inner.items())
            parts.append(f' {json.dumps(key)}: {{\n{rows}\n }}')
        else:
            parts.append(f" {json.dumps(key)}: {json.dumps(inner)}")
    return "{\n" + ",\n".join(parts) + "\n}\n"


def main(arguments: Sequence[str]) -> int:
    """Parse the command line, measure, print."""
    parser = argparse.ArgumentParser(description="Measure cleaning on labelled articles.")
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"gold, {', '.join(BENCH_SETS)}")
    parser.add_argument("--record", type=Path, nargs="?", const=RECORD, help="keep what the documentation shows")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    options = parser.parse_args(arguments)
    every = options.sets or ("gold", *BENCH_SETS)
    names = [name for name in every if gold_path(name).is_file()]
    if missing := [name for name in every if name not in names]:
        print(f"left out, the data is not here (set CORPUSKIT_BENCH): {', '.join(missing)}", file=sys.stderr)
        if options.sets or options.record:
            return 1
    rows = [Way(name) for name in BASELINES] + ([Way(RULES)] if has_models() else []) + [Way()]
    found = measure(names, [*rows, *(Way(OURS, threshold) for threshold in THRESHOLDS)], options.workers)
    show_table(found, names, rows)
    show_bars(found, names)
    for name in names:
        show_curve(found, name)
    if options.record:
        options.record.write_text(written(record(found, names, rows)), encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
