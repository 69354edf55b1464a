"""The ratchet of metadata: how well fields are found is pinned, and may not drop.

    python benchmarks/metadata_gate.py                       measure and compare with the floors (`make gate`)
    python benchmarks/metadata_gate.py --update              and raise the floors to what is measured
    python benchmarks/metadata_gate.py --update --lower pages.andy.date   and let those named be lowered

Three parts, each with labelled data of its own: fields from text alone ("text", "bylines"), languages ("language"),
fields from web pages ("pages"). A part whose data or extra is not at hand says SKIPPED, and its floors stay. A name
given to --lower stands for all below it, too. There is no tolerance: the same tree and data give the same values.
Other tools are asked in `make bench` alone.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import metadata
import pages
from corpuskit.sources.extras import missing
from scoring import bench

__all__ = ["PARTS", "Part", "drops", "main", "raised"]

FLOORS = Path(__file__).with_name("metadata-floors.json")
_NOT_PINNED = ("_per_second", ".abstained")


@dataclass(frozen=True, slots=True)
class Part:
    """Measures that need the same data."""

    names: tuple[str, ...]  #: with which its measures begin
    data: tuple[str, ...]  #: paths below the folder of labelled data
    measure: Callable[[int], dict[str, float]]  #: of the number of processes
    extra: str = ""


def _from_text(_: int) -> dict[str, float]:
    return {**metadata.from_text(), **metadata.from_bylines()}


def _of_languages(_: int) -> dict[str, float]:
    return metadata.of_languages(speed=False)


PARTS = (
    Part(("text", "bylines"), ("lines/residue.jsonl.gz", "metadata/bylines.jsonl.gz"), _from_text),
    Part(("language",), ("langid/par4.jsonl.gz",), _of_languages),
    Part(("pages",), ("html", "metadata"), pages.ours, "html"),
)


def _below(name: str, prefixes: Sequence[str]) -> bool:
    return any(name == prefix or name.startswith(f"{prefix}.") for prefix in prefixes)


def drops(floors: Mapping[str, float], now: Mapping[str, float]) -> list[str]:
    """Return what fell below its floor or has none, one line each with the name first; empty when all holds."""
    found = [f"{name}: no longer measured" for name in floors if name not in now]
    found += [f"{name}: has no floor yet" for name in now if name not in floors]
    found += [f"{name}: {now[name]:g}, pinned at {least:g}" for name, least in floors.items() if now.get(name, least) < least]
    return found


def raised(floors: Mapping[str, float], now: Mapping[str, float], lower: Sequence[str] = ()) -> dict[str, float]:
    """Return the floors after an update: the better of pinned and measured; what `lower` names, as measured.

    What is not measured any more keeps its floor unless `lower` names it.
    """
    found: dict[str, float] = {}
    for name in (*floors, *(name for name in now if name not in floors)):
        if _below(name, lower):
            if name in now:
                found[name] = now[name]
        else:
            found[name] = max(one[name] for one in (floors, now) if name in one)
    return found


def _lacking(part: Part, folder: Path) -> str:
    """Why a part cannot be measured, or ""."""
    if part.extra and (trouble := missing(part.extra)):
        return f"{trouble.message} {trouble.remedy}"
    absent = next((path for path in part.data if not (folder / path).exists()), "")
    return f"{folder / absent} is not there (set CORPUSKIT_BENCH)" if absent else ""


def main(arguments: Sequence[str]) -> int:
    """Parse the command line, hold the measures to their floors; return 0 when all hold, else 1."""
    parser = argparse.ArgumentParser(description="Hold metadata to the scores it has reached.")
    parser.add_argument("--update", action="store_true", help="raise the floors to what is measured")
    parser.add_argument("--lower", action="append", default=[], metavar="NAME", help="let an update lower NAME")
    parser.add_argument("--workers", type=int, default=min(2, os.cpu_count() or 1), help="processes")
    options = parser.parse_args(arguments)
    if options.lower and not options.update:
        parser.error("--lower goes with --update")
    start = time.monotonic()
    pinned: dict[str, float] = json.loads(FLOORS.read_text(encoding="utf-8")) if FLOORS.is_file() else {}
    floors, now = dict(pinned), dict[str, float]()
    kept: dict[str, float] = {}  # floors of what is skipped
    for part in PARTS:
        if why := _lacking(part, bench()):
            print(f"metadata gate: SKIPPED {', '.join(part.names)}: {why}")
            kept |= {name: floors.pop(name) for name in pinned if _below(name, part.names)}
            continue
        now |= {name: value for name, value in part.measure(options.workers).items() if not name.endswith(_NOT_PINNED)}
    wrong = drops(floors, now)
    if options.update:
        after = raised(floors, now, options.lower)
        wrong = drops(after, now)
        FLOORS.write_text(json.dumps({**after, **kept}, indent=2) + "\n", encoding="utf-8")
    for line in wrong:
        print(f"metadata gate: {line}", file=sys.stderr)
    took = time.monotonic() - start
    print(f"metadata gate: {'failed' if wrong else 'holds'}, {len(now)} measures, {took:.0f} s", file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
