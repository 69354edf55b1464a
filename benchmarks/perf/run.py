"""Time the build against the cheapest flow, the floor and its peers, on the same documents and cores in the same run.

    python benchmarks/perf/run.py [-n 2000] [--workers 1] [--only NAME …] [--json FILE [--resume]]

The documents are those of `corpus.py`, the peers those of `peers.py`; both are made at the first run, in the cache.
CPU seconds (user and system, of a process and all below it) are the figure to read: wall time is that of whatever
else the machine did. All flows are held to as many cores as there are workers; the floor and the cheapest flow are
one process in any case. For 100,000 documents give `-n 100000 --json FILE --resume`: what stands in FILE is not
measured again, and the run can be stopped and started at will, or made flow by flow with `--only`. The last columns say
when a flow was begun, and how many CPUs everything else on the machine took meanwhile.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path

import pairs
from corpus import cache, corpus
from measure import Cost, measure
from peers import OFFLINE, PEERS, Skipped, environment

HERE = Path(__file__).resolve().parent
OURS = "corpuskit"
FLOOR, CHEAPEST = "floor", "cheapest flow"
DOES = {
    FLOOR: "reads JSON Lines, writes the same Parquet",
    CHEAPEST: "repairs, identifies, matches, sketches, writes; no account",
    OURS: "the whole build, its proofs included",
}


class Run:
    """One table: measures its rows one after the other, and keeps them in a file, if asked for."""

    def __init__(self, documents: int, workers: int, folder: Path, place: Path, kept: Path | None, resume: bool) -> None:
        self.documents, self.workers, self.folder, self.place = documents, workers, folder, place
        self.source = corpus(place, documents)
        self.kept = kept
        self.said = json.loads((self.source / "corpus.json").read_bytes())["sha256"], workers
        self.costs: dict[str, Cost] = {}
        self.skipped: dict[str, str] = {}
        if resume and kept and kept.exists():
            known = json.loads(kept.read_bytes())
            if tuple(known["of"]) == self.said:
                self.costs = {one["name"]: Cost(**one) for one in known["costs"]}

    def row(self, name: str, command: Callable[[Path], Sequence[str]], strange: bool = False) -> None:
        """Measure one flow, unless that is known; `strange` ones may fail, and are then left out."""
        if name in self.costs:
            return
        print(f"running {name}", file=sys.stderr)
        with tempfile.TemporaryDirectory(dir=self.folder) as scratch:
            try:
                offline = OFFLINE if strange else None
                self.costs[name] = measure(name, command(Path(scratch)), self.documents, offline)
                if name == OURS:
                    self.costs[name].said["pairs"] = asdict(pairs.measure(self.source, Path(scratch) / "out" / "timed"))
            except Skipped as error:
                self.skipped[name] = str(error)
            except RuntimeError as error:
                if not strange:
                    raise
                self.skipped[name] = str(error).strip().rpartition("\n")[2]
        if self.kept:
            rows = {"of": self.said, "costs": [asdict(one) for one in self.costs.values()]}
            self.kept.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")

    def all(self, only: Sequence[str]) -> None:
        """Measure all rows, or those named in `only`."""
        folder = str(self.source / "jsonl")
        flows = HERE / "flows"
        python = sys.executable
        rows: dict[str, tuple[Callable[[Path], Sequence[str]], bool]] = {
            FLOOR: (lambda out: [python, str(flows / "cheapest.py"), folder, str(out / "out.parquet"), "--floor"], False),
            CHEAPEST: (lambda out: [python, str(flows / "cheapest.py"), folder, str(out / "out.parquet")], False),
            OURS: (
                lambda out: [python, str(flows / "build.py"), folder, str(out / "out"), "--workers", str(self.workers)],
                False,
            ),
        }
        for peer in PEERS:
            rows[peer.name] = (
                lambda out, peer=peer: peer.command(  # type: ignore[misc]
                    environment(peer.package, self.place), self.source / "jsonl", out / "out", self.workers
                ),
                True,
            )
        for name, (command, strange) in rows.items():
            if not only or name in only:
                self.row(name, command, strange)

    def show(self) -> None:
        """Print the tables."""
        count, cheapest, ours = self.documents, self.costs.get(CHEAPEST), self.costs.get(OURS)
        cores = "one core" if self.workers == 1 else f"{self.workers} cores"
        print(f"{count} documents, {cores}\n")
        head = ("docs per CPU s", "us a document", "of cheapest", "wall s", "peak MB", "left")
        when = f"{'begun (UTC)':>18}" + "others' CPUs".rjust(14)
        print(f"{'':16}" + "".join(f"{title:>15}" for title in head) + when + "  what it does")
        for name in (FLOOR, CHEAPEST, OURS, *(peer.name for peer in PEERS)):
            does = DOES.get(name) or next(peer.does for peer in PEERS if peer.name == name)
            one = self.costs.get(name)
            if name in self.skipped:
                print(f"{name:16}SKIPPED: {self.skipped[name]}")
            elif one:
                share = f"{one.cpu / cheapest.cpu:.2f}" if cheapest else ""
                print(
                    f"{name:16}{count / one.cpu:15.0f}{one.cpu / count * 1e6:15.0f}{share:>15}{one.wall:15.1f}"
                    f"{one.peak / 1e6:15.0f}{one.said.get('left', count):15}{one.at:>18}"
                    f"{'' if one.others is None else one.others:>14}  {does}"
                )
        if ours:
            self.show_ours(ours)

    def show_ours(self, ours: Cost) -> None:
        """Print what each stage took, how the build compares, and what became of the recorded copies."""
        stages: dict[str, float] = ours.said["stages"]
        total = sum(stages.values())
        kind = "CPU s" if self.workers == 1 else "wall s"
        print(f"\n{'stage':16}{kind:>15}{'share':>15}{'us a document':>15}")
        for name, seconds in stages.items():
            print(f"{name:16}{seconds:15.2f}{seconds / total:15.0%}{seconds / self.documents * 1e6:15.0f}")
        for name, what in (("datatrove", "times its documents per CPU second (aim: 12)"),
                           (CHEAPEST, "of its documents per CPU second (aim: 0.56)")):  # fmt: skip
            if other := self.costs.get(name):
                print(f"\ncorpuskit beside {name}: {other.cpu / ours.cpu:.2f} {what}", end="")
        print("\n")
        found = dict(ours.said["pairs"])
        rows = tuple(pairs.Row(**row) for row in found.pop("rows"))
        pairs.show(pairs.Found(rows, found["merges"], found["right"], tuple(map(tuple, found["foreign"]))))


def main(arguments: Sequence[str] | None = None) -> None:
    """Run all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-n", type=int, default=2_000, help="documents (2000)")
    parser.add_argument("--workers", type=int, default=1, help="of each flow, and cores (1)")
    names = (FLOOR, CHEAPEST, OURS, *(peer.name for peer in PEERS))
    parser.add_argument("--only", action="append", default=[], choices=names, help="a row of the table; may be repeated")
    parser.add_argument("--cache", type=Path, default=cache(), help=f"where prose and environments are kept ({cache()})")
    parser.add_argument("--work", type=Path, help="where the flows write (the system's folder for temporary files)")
    parser.add_argument("--json", type=Path, help="write the measurements there, too")
    parser.add_argument("--resume", action="store_true", help="take from that file what was measured before")
    given = parser.parse_args(arguments)
    if given.resume and not given.json:
        parser.error("--resume goes on with what stands in --json FILE")
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.workers])
    with tempfile.TemporaryDirectory(dir=given.work) as scratch:
        try:
            run = Run(given.n, given.workers, Path(scratch), given.cache, given.json, given.resume)
        except (RuntimeError, ValueError) as error:
            sys.exit(f"no corpus: {error}")
        run.all(given.only)
    run.show()


if __name__ == "__main__":
    main()
