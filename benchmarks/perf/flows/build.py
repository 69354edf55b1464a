"""The whole build, and what each of its stages took of it.

    python benchmarks/perf/flows/build.py RAW OUT [--workers N]

It calls what `corpuskit build` calls. After each task the build tells its progress; what was spent since it last did so
belongs to the stage that it names. With one worker that is CPU seconds of this process and those it waited for; with
several it is wall seconds, since what workers spend shows only when they end. The last line has it all as JSON, with the
moments at which one stage gave way to another.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import time
from collections import Counter
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
        return sum(os.times()[:4]) if given.workers == 1 else time.perf_counter() - began

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


if __name__ == "__main__":
    main()
