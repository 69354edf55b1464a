"""Time the build against the cheapest flow, the floor and datatrove, on the same documents in the same run.

    python benchmarks/perf/run.py CORPUS [--datatrove PYTHON] [--json FILE]

CORPUS is what `corpus.py` made. CPU seconds (user and system, of a process and all its children) are the figure to
read: wall time is that of whatever else the machine did. Every flow runs with one worker. The stages of the build are
its own commands, one after the other, so each pays for its start; `count` is part of clean. A second build of a tenth
of the documents gives the cost of starting, and what is left is the cost per document.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

HERE = Path(__file__).resolve().parent
STAGES = ("ingest", "clean", "enrich", "dedup", "package")
_TICK = 0.05  # seconds between two looks at the memory


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took."""

    name: str
    documents: int
    cpu: float     #: seconds
    wall: float    #: seconds
    peak: int      #: bytes of resident memory of the process and its children, at most


def measure(name: str, command: list[str], documents: int) -> Cost:
    """Run a command to its end. Raises `RuntimeError` with what it said when it fails (3 is a build to look at)."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said)
        peak = 0
        while process.poll() is None:
            peak = max(peak, _resident(process.pid))
            time.sleep(_TICK)
        said.seek(0)
        if process.returncode not in (0, 3):
            message = said.read().decode(errors="replace")[-2000:]
            raise RuntimeError(f"{name}: exit code {process.returncode}\n{message}")
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(name, documents, cpu, wall, peak)


def _resident(root: int) -> int:
    """Resident bytes of a process and all below it, by /proc."""
    total, waiting = 0, [root]
    while waiting:
        pid = waiting.pop()
        try:
            total += int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
            waiting += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
        except OSError:  # gone since
            continue
    return total


def build(corpus: Path, out: Path, documents: int) -> list[Cost]:
    """Run the build stage by stage and return what each cost."""
    place = ["--raw", str(corpus), "--processed", str(out), "--name", "timed", "-j", "1", "-q"]
    return [measure(stage, [sys.executable, "-m", "corpuskit", stage, *place], documents) for stage in STAGES]


def main() -> None:
    """Run all, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--datatrove", help="a Python that has datatrove")
    parser.add_argument("--json", type=Path, help="write the measurements there, too")
    given = parser.parse_args()
    folder: Path = given.corpus / "jsonl"
    count = sum(path.read_bytes().count(b"\n") for path in sorted(folder.glob("*.jsonl")))
    costs: list[Cost] = []
    with tempfile.TemporaryDirectory() as scratch:
        out = Path(scratch)
        cheapest = [sys.executable, str(HERE / "cheapest.py"), str(folder)]
        costs.append(measure("floor", [*cheapest, str(out / "floor.parquet"), "--floor"], count))
        costs.append(measure("cheapest flow", [*cheapest, str(out / "cheapest.parquet")], count))
        if given.datatrove:
            flow = [given.datatrove, str(HERE / "datatrove_flow.py"), str(folder), str(out / "trove")]
            costs.append(measure("datatrove", flow, count))
        stages = build(folder, out / "all", count)
        tenth = out / "tenth"
        tenth.mkdir()
        lines = (line for path in sorted(folder.glob("*.jsonl")) for line in path.open(encoding="utf-8"))
        (tenth / "part.jsonl").write_text("".join(islice(lines, count // 10)), encoding="utf-8")
        small = build(tenth, out / "small", count // 10)
    cpu, wall = sum(one.cpu for one in stages), sum(one.wall for one in stages)
    whole = Cost("corpuskit", count, cpu, wall, max(one.peak for one in stages))
    costs.append(whole)
    yardstick = next(one for one in costs if one.name == "cheapest flow")
    print(f"{count} documents, one worker\n")
    print(f"{'':16}{'docs per CPU s':>15}{'us a document':>15}{'of cheapest':>13}{'wall s':>9}{'peak MB':>9}")
    for one in costs:
        print(
            f"{one.name:16}{count / one.cpu:15.0f}{one.cpu / count * 1e6:15.0f}{one.cpu / yardstick.cpu:13.2f}"
            f"{one.wall:9.1f}{one.peak / 1e6:9.0f}"
        )
    print(f"\n{'stage':16}{'CPU s':>9}{'share':>8}{'start s':>9}{'us a document beyond the start':>33}{'peak MB':>9}")
    for one, less in zip(stages, small, strict=True):
        each = (one.cpu - less.cpu) / (one.documents - less.documents)
        start = max(0.0, less.cpu - each * less.documents)
        print(
            f"{one.name:16}{one.cpu:9.2f}{one.cpu / whole.cpu:8.0%}{start:9.2f}{each * 1e6:33.0f}{one.peak / 1e6:9.0f}"
        )
    if given.json:
        rows = [asdict(one) for one in (*costs, *stages, *small)]
        given.json.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
