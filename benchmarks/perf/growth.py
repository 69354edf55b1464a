"""How time and memory of a build grow with the number of documents, as a table and as docs/growth.svg.

    python benchmarks/perf/growth.py [--sizes 1000,10000,100000,1000000] [--workers 2]    measure what is not known yet, and draw
    python benchmarks/perf/growth.py --plot                                              only draw

Each size is a corpus of its own, with the same shares of copies. What was measured stands in `growth.json`, size by size,
so that a run can be stopped and started (a size that was not done begins anew); `--again` measures all of `--sizes` anew.
A million documents need 4 GB for the corpus, and some 12 GB in `--work` while they are built. Ten times the documents may take at
most twelve times the CPU seconds; memory should not grow: not that of the largest process, and that of all
processes only with the number of workers.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.append(str(HERE.parent))

import pairs  # noqa: E402
from corpus import cache, corpus  # noqa: E402
from measure import Cost, measure  # noqa: E402

from plot import Axis, Line, Panel, svg  # noqa: E402

RECORD = HERE / "growth.json"
PLOT = ROOT / "docs" / "growth.svg"
AIM = 12  # times the CPU seconds for ten times the documents, at most


def build(documents: int, workers: int, place: Path, work: Path | None) -> Cost:
    """Build a corpus of so many documents and return what it took, and what became of its recorded copies."""
    source = corpus(place, documents)
    with tempfile.TemporaryDirectory(dir=work) as scratch:
        flow = [sys.executable, str(HERE / "flows" / "build.py"), str(source / "jsonl"), f"{scratch}/out"]
        cost = measure(f"{workers} workers", [*flow, "--workers", str(workers)], documents)
        cost.said["pairs"] = asdict(pairs.measure(source, Path(scratch) / "out" / "timed"))
        return cost


def steps(costs: Sequence[Cost]) -> list[tuple[int, int, float]]:
    """Return, for each two sizes that follow each other, how many times the CPU seconds tenfold documents would take."""
    found = []
    for less, more in pairwise(costs):
        power = math.log(more.cpu / less.cpu) / math.log(more.documents / less.documents)
        found.append((less.documents, more.documents, 10**power))
    return found


def show_peaks(costs: Sequence[Cost]) -> None:
    """Print the most memory that the largest process held in each stage, and all together."""
    known = [cost for cost in costs if "peaks" in cost.said]
    if not known:
        return
    print(f"\n{'MB: largest, all':16}" + "".join(f"{cost.documents:>14}" for cost in known))
    for stage in dict.fromkeys(stage for cost in known for stage in cost.said["peaks"]):
        held = [[f"{size / 1e6:.0f}" for size in cost.said["peaks"].get(stage, (0, 0))[::-1]] for cost in known]
        print(f"{stage:16}" + "".join(f"{', '.join(two):>14}" for two in held))
    print()


def picture(costs: Sequence[Cost]) -> str:
    """The two panels: CPU seconds, and memory."""
    largest_first = sorted(costs, key=lambda cost: -cost.documents)
    low, high = costs[0].documents, costs[-1].documents
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    across = Axis("documents", tuple((10.0**n, f"{10**n:,}") for n in powers), by_powers=True)
    spent = [cost.cpu for cost in costs]
    scale = range(math.floor(math.log10(min(spent))), math.ceil(math.log10(max(spent) * 1.2)) + 1)
    seconds = Axis("CPU seconds", tuple((10.0**n, f"{10**n:,}") for n in scale), by_powers=True)
    most = math.ceil(max(cost.peak for cost in costs) / 5e8) * 500
    memory = Axis("MB at most", tuple((float(mb), f"{mb:,}") for mb in range(0, most + 1, 500)))

    def line(name: str, points: Sequence[tuple[float, float]], bold: bool = False) -> Line:
        return Line(name, tuple(points), tuple(points) if bold else (), bold)

    measured = line("build", [(cost.documents, cost.cpu) for cost in largest_first], bold=True)
    limit = line(
        f"× {AIM} per ten",
        [(cost.documents, costs[0].cpu * AIM ** math.log10(cost.documents / low)) for cost in largest_first],
    )
    peaks = [
        line("all processes", [(cost.documents, cost.peak / 1e6) for cost in largest_first], bold=True),
        line("largest process", [(cost.documents, cost.largest / 1e6) for cost in largest_first], bold=True),
    ]
    said = (
        f"Left: CPU seconds of builds of {low:,} to {high:,} documents, and the limit of {AIM} times for ten times the "
        "documents. Right: peak memory of these builds, of all processes together and of the largest one."
    )
    return svg([Panel("Time", [measured, limit], across, seconds), Panel("Memory", peaks, across, memory)], said)


def main() -> None:
    """Measure what is missing, print the table, draw."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", default="1000,10000,100000", help="documents (1000,10000,100000)")
    parser.add_argument("--workers", type=int, default=2, help="worker processes (2)")
    parser.add_argument("--cache", type=Path, default=cache(), help=f"where corpora are kept ({cache()})")
    parser.add_argument("--work", type=Path, help="where the builds write (the system's folder for temporary files)")
    parser.add_argument("--again", action="store_true", help="measure all sizes anew")
    parser.add_argument("--plot", action="store_true", help="only draw")
    given = parser.parse_args()
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else []
    costs = {cost.documents: cost for cost in (Cost(**one) for one in known)}
    sizes = [] if given.plot else [int(size) for size in given.sizes.split(",")]
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.workers])
    for size in sizes:
        if given.again or size not in costs:
            print(f"building {size} documents", file=sys.stderr)
            costs[size] = build(size, given.workers, given.cache, given.work)
            rows = [asdict(costs[one]) for one in sorted(costs)]
            RECORD.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    found = [costs[size] for size in sorted(costs)]
    head = ("documents", "CPU s", "wall s", "us a document", "MB, largest", "MB, all", "begun (UTC)", "others' CPUs")
    print("{:>10}{:>10}{:>10}{:>15}{:>13}{:>10}{:>18}{:>14}".format(*head))
    for cost in found:
        print(
            f"{cost.documents:10}{cost.cpu:10.1f}{cost.wall:10.1f}{cost.cpu / cost.documents * 1e6:15.0f}"
            f"{cost.largest / 1e6:13.0f}{cost.peak / 1e6:10.0f}{cost.at:>18}{'' if cost.others is None else cost.others:>14}"
        )
    show_peaks(found)
    for less, more, times in steps(found):
        print(f"{less} to {more}: ten times the documents take {times:.1f} times the CPU seconds (aim: {AIM} at most)")
    if len(found) > 1:
        PLOT.write_text(picture(found), encoding="utf-8")


if __name__ == "__main__":
    main()
