"""`make bench-quick`: one row per thing that should not grow, in two minutes.

    python benchmarks/perf/quick.py [--record]

CPU instructions of the hot loops come first: they are the same whatever else the machine does (to about one in a
thousand), so a regression shows. They are counted by valgrind's callgrind, over every fifth gold document; without
valgrind those rows are left out, and it says so. CPU seconds of small things and memory follow; they depend on the
machine. Beside each stands what was recorded (`--record` writes it to `quick.json`), and the change where it is more
than noise. Exits with 1 when a loop takes 5 % more instructions than recorded.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from loops import GOLD, texts
from measure import measure

HERE = Path(__file__).resolve().parent
RECORD = HERE / "quick.json"
GROWN = 1.05  # times the recorded instructions: a regression
_FEW, _MANY = 300, 1200  # documents of the two builds that tell what one more document needs


def instructions() -> dict[str, int]:
    """Instructions per document of each hot loop; empty where callgrind cannot be run."""
    if not (shutil.which("valgrind") and shutil.which("vgdb")):
        print("no valgrind here (Debian: apt install valgrind): instructions are not counted\n", file=sys.stderr)
        return {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "count"
        command = [
            "valgrind", "--tool=callgrind", "--instr-atstart=no", "--dump-before=getppid",
            f"--callgrind-out-file={out}", sys.executable, str(HERE / "loops.py"),
        ]  # fmt: skip
        env = {**os.environ, "PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"}
        done = subprocess.run(command, check=False, env=env, capture_output=True, text=True)
        if done.returncode:
            raise RuntimeError(done.stderr[-2000:])
        names = json.loads(done.stdout)
        # Part 1 is what came before the first loop.
        parts = [Path(f"{out}.{number}") for number in range(2, len(names) + 2)]
        totals = [int(re.search(r"^totals: (\d+)", part.read_text(), re.MULTILINE)[1]) for part in parts]  # type: ignore[index]
    count = len(texts())
    return {name: total // count for name, total in zip(names, totals, strict=True)}


def seconds() -> dict[str, float]:
    """CPU seconds of small things: the least of three, since other work only adds; bytecode is kept, as installed."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    python = sys.executable
    with tempfile.TemporaryDirectory() as folder:
        essay = Path(folder) / "raw" / "essay.txt"
        essay.parent.mkdir()
        for number, text in enumerate(texts()[:4]):
            essay.with_name(f"essay-{number}.txt").write_text(text, encoding="utf-8")
        essay.write_text(texts()[0], encoding="utf-8")
        things = {
            "python": [python, "-c", "pass"],
            "import datasets": [python, "-c", "import datasets"],
            "import corpuskit": [python, "-c", "import corpuskit"],
            "corpuskit --help": [python, "-m", "corpuskit", "--help"],
            "corpuskit explain FILE": [python, "-m", "corpuskit", "explain", str(essay)],
        }
        found = {name: min(measure(name, command, 1).cpu for _ in range(3)) for name, command in things.items()}
        found["corpuskit build, 5 files"] = min(
            measure("build", _build(essay.parent, Path(folder) / f"out{turn}"), 5).cpu for turn in range(3)
        )
    return {name: round(value, 2) for name, value in found.items()}


def memory() -> dict[str, float]:
    """Peak megabytes of a build in one process, and kilobytes that one more document adds to it."""
    with tempfile.TemporaryDirectory() as folder:
        peaks = []
        for count in (_FEW, _MANY):
            raw = Path(folder) / f"raw{count}"
            raw.mkdir()
            rows = (json.dumps({"text": text, "source": "gold"}, ensure_ascii=False) for text in _varied(count))
            (raw / "part.jsonl").write_text("\n".join(rows) + "\n", encoding="utf-8")
            peaks.append(measure("memory", _build(raw, Path(folder) / f"out{count}"), count).peak)
    return {
        f"MB at most, {_MANY} documents": round(peaks[1] / 1e6, 0),
        "kB for one more document": round((peaks[1] - peaks[0]) / (_MANY - _FEW) / 1e3, 0),
    }


def _build(raw: Path, out: Path) -> list[str]:
    return [
        sys.executable, "-m", "corpuskit", "build",
        "--raw", str(raw), "--processed", str(out), "--name", "quick", "-j", "1", "-q",
    ]  # fmt: skip


def _varied(count: int) -> Iterator[str]:
    """As many documents as asked for, no two the same: gold documents with their lines turned."""
    rows = [json.loads(line)["lines"] for line in GOLD.read_text(encoding="utf-8").splitlines()]
    for number in range(count):
        lines = rows[number % len(rows)]
        turn = number // len(rows) % max(len(lines), 1)
        yield "\n".join([*lines[turn:], *lines[:turn], f"No. {number}"])


def table(title: str, unit: str, found: dict[str, int] | dict[str, float], known: dict[str, float], noise: float) -> None:
    """Print a table; a change is shown where it is more than `noise`, a share of what was recorded."""
    print(f"{title:32}{unit:>16}{'recorded':>16}  change")
    for name, value in found.items():
        before = known.get(name)
        change = (value - before) / before if before else 0.0
        said = f"{change:+.1%}" if abs(change) > noise else ""
        print(f"{name:32}{value:>16,}{'' if before is None else f'{before:,}':>16}  {said}")
    print()


def main() -> None:
    """Measure and print; record when asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--record", action="store_true", help="keep what is measured as what is known")
    given = parser.parse_args()
    known = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    counted, timed, held = instructions(), seconds(), memory()
    table("instructions", "per document", counted, known, 0.01)
    table("CPU seconds", "", timed, known, 0.25)
    table("memory", "", held, known, 0.1)
    if given.record:
        RECORD.write_text(json.dumps({**known, **counted, **timed, **held}, indent=1) + "\n", encoding="utf-8")
    elif grown := [name for name, value in counted.items() if value > GROWN * known.get(name, value)]:
        sys.exit(f"more instructions than recorded: {', '.join(grown)} (--record keeps what is measured as what is known)")


if __name__ == "__main__":
    main()
