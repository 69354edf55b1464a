"""The whole build, and what each of its stages took of it.

    python benchmarks/perf/flows/build.py RAW OUT [--workers N]

It calls what `corpuskit build` calls. After each task the build tells its progress; what was spent since it last did so
belongs to the stage that it names. With one worker that is CPU seconds of this process and of those that it has
started; with several it is wall seconds, since they work at the same time. The last line has it all as JSON, with the
moments at which one stage gave way to another.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

START = "start"  # importing, reading options, looking at the input


def main() -> None:
    """Build, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("raw", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--workers", type=int, default=1)
    given = parser.parse_args()
    from corpuskit.process import settle

    settle()  # as the command line does, before anything large is imported
    from corpuskit import config as configs
    from corpuskit.run.build import build, plan_of

    def spent() -> float:
        return sum(os.times()[:4]) + running() if given.workers == 1 else time.perf_counter() - began

    began = time.perf_counter()
    seconds: Counter[str] = Counter()
    at, last = START, 0.0
    moments = [(time.monotonic(), START)]

    def progress(stage: str, *_: object) -> None:
        nonlocal at, last
        now = spent()
        # The first word of a stage comes before its first task: what lies before belongs to the stage until then.
        seconds[at] += now - last
        if stage != at:
            moments.append((time.monotonic(), stage))
        at, last = stage, now

    options = configs.load(None)
    wanted = dataclasses.replace(
        options.build, raw=str(given.raw.absolute()), processed=str(given.out.absolute()), name="timed", workers=given.workers
    )
    built = build(plan_of(dataclasses.replace(options, build=wanted), Path()), "package", progress)
    progress("end")
    assert built.funnel is not None
    said = {"left": built.funnel.kept, "stages": seconds, "tasks": built.ran, "moments": moments[:-1]}
    print(json.dumps(said), flush=True)


def running() -> float:
    """CPU seconds of the processes that this one has started and that have not ended: a worker, if there is one."""
    ticks = 0
    for thread in Path("/proc/self/task").iterdir():
        for child in (thread / "children").read_text().split():
            with suppress(OSError):  # gone since
                ticks += sum(map(int, Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split()[11:15]))
    return ticks / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
