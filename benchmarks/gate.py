"""The ratchet: what cleaning and the search for copies reach on labelled texts is pinned, and may not drop.

    python benchmarks/gate.py                    measure and compare with the floors
    python benchmarks/gate.py --update           and raise the floors to what is measured
    python benchmarks/gate.py --update --lower residue/lang/de   and let those named be lowered

Three files of floors. `tests/gold/floors.json` is for the gold set of this repository and always counts.
`benchmarks/floors.json` and, for copies, `benchmarks/duplicates-floors.json` are for the labelled sets in
$CORPUSKIT_BENCH (else $CORPUSKIT_SHARED/bench, else ../shared/bench). Where these are not at hand the gate says SKIPPED.
So that nobody changes cleaning without having measured, the file of the labelled sets also records a digest of rules,
model and cleaning code, and the gate fails, with the data or without it, when the tree is another one.

Names are paths: a set ("residue"), a class or language in it ("residue/class/nav", "residue/lang/de"), a setting of
the dial ("residue/dial/careful"). A name given to --lower stands for all below it, too. Every score may only stay or
rise: the share of residue words removed, body F1, the share of documents without residue that came back whole; and
the good words lost per million only stay or fall. Of copies ("natural", "renderings", "cleaned", "answers",
"stories": see benchmarks/duplicates.py) what is found, precision, recall and F1 may not fall, and what is merged wrongly
or kept twice may not rise. There is no tolerance: the same tree and data give the same words.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import duplicates
from cleaners import Way, measure
from scoring import BENCH_SETS, ROOT, Cell, bench, cell, cells, data_digest, gold_path

__all__ = ["Floors", "cleaning_digest", "drops", "main", "raised"]

GOLD_FLOORS = ROOT / "tests" / "gold" / "floors.json"
BENCH_FLOORS = ROOT / "benchmarks" / "floors.json"
COPIES_FLOORS = ROOT / "benchmarks" / "duplicates-floors.json"

#: Sets on which the other settings of the dial are pinned, too.
DIAL_SETS = ("gold", "residue")
SETTINGS = ("careful", "thorough")

#: A language of a bench set is pinned by itself from this many documents on; the gold set has fewer of each.
LEAST_DOCUMENTS = 10

_PINNED = ("removed", "lost", "f1", "spared")
#: What ends with these words should be low.
_LOW_IS_GOOD = ("lost", "merged", "kept")

Floor = dict[str, float]


@dataclass(frozen=True, slots=True)
class Floors:
    """A file of floors."""

    cleaning: str                   #: digest of what cleans, "" in the file of the gold set
    data: Mapping[str, str]         #: digest of each set's file
    cells: Mapping[str, Floor]      #: by path: the scores that are pinned


def cleaning_digest(root: Path = ROOT) -> str:
    """Return a digest of all that decides what cleaning does: rules, models and code, by path and content.

    The models of the folds are among them: they stand in for the shipped one on the sets that it was fitted to. The
    stored form of the rules (`rules.json`, `literals.json`) is left out: it is passed over when it is not what the
    files say.
    """
    package = root / "src" / "corpuskit"
    files = [package / f"{name}.py" for name in ("model", "text", "words")]
    folders = (package / "cleaning", root / "benchmarks" / "line_model" / "folds")
    files += [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    said = hashlib.sha256()
    for path in sorted(files, key=lambda path: path.relative_to(root).as_posix()):
        if path.name not in ("rules.json", "literals.json") and path.suffix != ".pyc":
            content = hashlib.sha256(path.read_bytes()).hexdigest()
            said.update(f"{path.relative_to(root).as_posix()} {content}\n".encode())
    return said.hexdigest()


# -------------------------------------------------------------------------------------------------- measuring


def measured(names: Sequence[str], workers: int) -> dict[str, Cell]:
    """Return the scores of corpuskit on the sets `names`, by path."""
    standard, *settings = [Way(threshold=threshold) for threshold in ("standard", *SETTINGS)]
    dialled = [name for name in names if name in DIAL_SETS]
    plain = [name for name in names if name not in DIAL_SETS]
    found = measure(dialled, [standard, *settings], workers) | measure(plain, [standard], workers)
    table: dict[str, Cell] = {}
    for name in names:
        table |= cells(name, found[name, standard], 1 if name == "gold" else LEAST_DOCUMENTS)
        for way in settings if name in DIAL_SETS else ():
            table[f"{name}/dial/{way.threshold}"] = cell(found[name, way])
    return table


def floor(cell: Cell) -> Floor:
    """Return what is pinned of a cell: the scores that it has."""
    return {name: value for name in _PINNED if (value := getattr(cell, name)) is not None}


# -------------------------------------------------------------------------------------------------- comparing


def drops(floors: Mapping[str, Floor], now: Mapping[str, Floor]) -> list[str]:
    """Return what fell below its floor, one line each with the path first; empty when all holds."""
    found = [f"{path}: no longer measured" for path in floors if path not in now]
    found += [f"{path}: has no floor yet" for path in now if path not in floors]
    for path, pinned in floors.items():
        for name, least in pinned.items() if path in now else ():
            value = now[path].get(name)
            if value is None:
                found.append(f"{path}: {name} is no longer measured")
            elif value > least if name.endswith(_LOW_IS_GOOD) else value < least:
                found.append(f"{path}: {name} {value:g}, pinned at {least:g}")
    return found


def raised(floors: Mapping[str, Floor], now: Mapping[str, Floor], lower: Sequence[str] = ()) -> dict[str, Floor]:
    """Return the floors after an update: the better of pinned and measured; what `lower` names, as measured.

    A path that is not measured any more keeps its floor unless `lower` names it.
    """
    result: dict[str, Floor] = {}
    for path in sorted({*floors, *now}):
        named = any(path == name or path.startswith(f"{name}/") for name in lower)
        pinned, fresh = floors.get(path, {}), now.get(path, {})
        if named:
            better = dict(fresh)
        else:
            better = {
                name: (min if name.endswith(_LOW_IS_GOOD) else max)(
                    one[name] for one in (pinned, fresh) if name in one
                )
                for name in {**pinned, **fresh}
            }
        if better:
            result[path] = better
    return result


# -------------------------------------------------------------------------------------------------- the files


def read(path: Path) -> Floors:
    """Return the floors in a file; none where there is no file."""
    if not path.is_file():
        return Floors("", {}, {})
    stored = json.loads(path.read_text(encoding="utf-8"))
    return Floors(stored.get("cleaning", ""), stored["data"], stored["floors"])


def write(path: Path, floors: Floors) -> None:
    """Write a file of floors, one line for each cell."""
    lines = ",\n".join(f"  {json.dumps(name)}: {json.dumps(pinned)}" for name, pinned in floors.cells.items())
    data = ",\n".join(f"  {json.dumps(name)}: {json.dumps(digest)}" for name, digest in floors.data.items())
    head = f' "cleaning": {json.dumps(floors.cleaning)},\n' if floors.cleaning else ""
    path.write_text(f'{{\n{head} "data": {{\n{data}\n }},\n "floors": {{\n{lines}\n }}\n}}\n', encoding="utf-8")


def hold_cleaning(path: Path, names: Sequence[str], cleaning: str, arguments: argparse.Namespace) -> list[str]:
    """Measure cleaning on the sets `names` and hold it to the floors in `path`; return what is wrong."""
    for name in names:
        if not gold_path(name).is_file():
            return [f"{name}: its data is missing: {gold_path(name)}"]
    table = measured(names, arguments.workers)
    show(table, names)
    now = {key: floor(one) for key, one in table.items()}
    return hold(path, now, {name: data_digest(name) for name in names}, cleaning, arguments)


def hold_copies(arguments: argparse.Namespace) -> list[str]:
    """Measure the search for copies and hold it to its floors; return what is wrong."""
    now = duplicates.pinned(arguments.workers)
    for name, figures in now.items():
        print(f"{name:24} {', '.join(f'{what} {value:g}' for what, value in figures.items())}")
    return hold(COPIES_FLOORS, now, duplicates.digests(), "", arguments)


def hold(
    path: Path, now: Mapping[str, Floor], data: Mapping[str, str], cleaning: str, arguments: argparse.Namespace
) -> list[str]:
    """Compare what was measured on `data` with the floors in `path`, or raise these; return what is wrong."""
    floors = read(path)
    if arguments.update:
        cells = raised(floors.cells, now, arguments.lower)
        write(path, Floors(cleaning, data, cells))
        return [f"{line} (keeps its floor: --lower NAME lowers it)" for line in drops(cells, now)]
    wrong = [
        f"{name}: the data is not that of the floors: see what changed, then make gate-update"
        for name in data
        if floors.data.get(name) != data[name]
    ]
    wrong += drops(floors.cells, now)
    if not wrong and floors.cleaning != cleaning:
        wrong.append(f"{path.relative_to(ROOT)}: scores hold, but are recorded for another tree: make gate-update")
    return wrong


def show(table: Mapping[str, Cell], names: Sequence[str]) -> None:
    """Print a line for each set and setting of the dial."""
    for path, one in table.items():
        if path in names or "/dial/" in path:
            print(
                f"{path:24} {one.docs:5} documents  residue removed {one.removed:.3f}"
                f"  good words lost {one.lost:6} per million  body F1 {one.f1:.4f}"
            )


def main(arguments: Sequence[str]) -> int:
    """Parse the command line, hold all files of floors; return 0 when all floors hold, else 1."""
    parser = argparse.ArgumentParser(description="Hold cleaning and the search for copies to what they have reached.")
    parser.add_argument("--update", action="store_true", help="raise the floors to what is measured")
    parser.add_argument("--lower", action="append", default=[], metavar="NAME", help="let an update lower NAME")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    options = parser.parse_args(arguments)
    if options.lower and not options.update:
        parser.error("--lower goes with --update")
    start = time.monotonic()
    cleaning = cleaning_digest()
    wrong = hold_cleaning(GOLD_FLOORS, ["gold"], "", options)
    if (bench() / "lines").is_dir():
        wrong += hold_cleaning(BENCH_FLOORS, BENCH_SETS, cleaning, options)
    else:
        print(f"SKIPPED: the labelled sets are not at {bench() / 'lines'} (set CORPUSKIT_BENCH)")
        if read(BENCH_FLOORS).cleaning != cleaning:
            wrong.append("cleaning has changed since the labelled sets were measured: run the gate where they are")
    if (bench() / "dedup").is_dir():
        wrong += hold_copies(options)
    else:
        print(f"SKIPPED: the labelled copies are not at {bench() / 'dedup'} (set CORPUSKIT_BENCH)")
    for line in wrong:
        print(f"gate: {line}", file=sys.stderr)
    print(f"gate: {'failed' if wrong else 'holds'} after {time.monotonic() - start:.0f} s", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
