"""What a command costs: CPU seconds and memory of its process and of all below it.

Processes that outlive the command that started them (servers that start workers) become children of the benchmark and
are waited for, so that their CPU seconds are counted too.
"""

from __future__ import annotations

import ctypes
import json
import os
import resource
import subprocess
import tempfile
import time
from array import array
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

_TICK = 0.05  # seconds between two looks at the memory
_PATIENCE = 10.0  # seconds that what a command left behind has to end
_SET_CHILD_SUBREAPER = 36  # of prctl(2)


@dataclass(frozen=True, slots=True)
class Cost:
    """What one command took."""

    name: str
    documents: int
    cpu: float  #: seconds, user and system
    wall: float  #: seconds
    peak: int  #: bytes of resident memory of the process and all below it, at most; shared pages count in each
    largest: int = 0  #: of the largest single process among them
    said: dict[str, Any] = field(default_factory=dict)  #: what the command printed as JSON on its last line
    at: str = ""  #: when it began, UTC
    others: float | None = None  #: CPU seconds a second that everything else on the machine took meanwhile


def measure(name: str, command: Sequence[str], documents: int, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end. Raises `RuntimeError` with what it said when it fails (3 is a build to look at).

    Where the command says under `moments` when which stage began (by the clock that all processes share), the peaks
    of each stage are added under `peaks`: of all processes, and of the largest.
    """
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M")
    before, busy = _spent(), _busy()
    start = time.monotonic()
    looks, sums, tops = array("d"), array("Q"), array("Q")
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **(environment or {})})
        while process.poll() is None:
            resident = _resident(process.pid)
            looks.append(time.monotonic())
            sums.append(sum(resident))
            tops.append(max(resident, default=0))
            time.sleep(_TICK)
        wall = time.monotonic() - start
        _wait_for_the_rest()
        libc.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        said.seek(0)
        message = said.read().decode(errors="replace")
        if process.returncode not in (0, 3):
            raise RuntimeError(f"{name}: exit code {process.returncode}\n{message[-2000:]}")
    cpu = _spent() - before
    others = max(0.0, _busy() - busy - cpu) / wall
    found = _last_line(message)
    if moments := found.pop("moments", None):
        found["peaks"] = peaks(moments, looks, sums, tops)
    return Cost(name, documents, cpu, wall, max(sums, default=0), max(tops, default=0), found, at, round(others, 2))


def peaks(
    moments: Sequence[tuple[float, str]], looks: Sequence[float], sums: Sequence[int], tops: Sequence[int]
) -> dict[str, tuple[int, int]]:
    """Return the most memory of each stage, of all processes and of the largest, by when stages began and what looks saw."""
    found: dict[str, tuple[int, int]] = {}
    begins = [begin for begin, _ in moments]
    for look, both, top in zip(looks, sums, tops, strict=True):
        stage = moments[max(0, bisect_right(begins, look) - 1)][1]
        before = found.get(stage, (0, 0))
        found[stage] = max(before[0], both), max(before[1], top)
    return found


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _busy() -> float:
    """CPU seconds of all that runs on this machine, and of what its host took from it, since it was started."""
    _, user, nice, system, _, _, irq, soft, steal, *_ = Path("/proc/stat").read_text().split("\n", 1)[0].split()
    return sum(map(int, (user, nice, system, irq, soft, steal))) / os.sysconf("SC_CLK_TCK")


def _resident(root: int) -> list[int]:
    """Resident bytes of a process and each one below it, by /proc."""
    found, waiting = [], [root]
    while waiting:
        pid = waiting.pop()
        try:
            found.append(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE"))
            for thread in Path(f"/proc/{pid}/task").iterdir():
                waiting += map(int, (thread / "children").read_text().split())
        except OSError:  # gone since
            continue
    return found


def _wait_for_the_rest() -> None:
    """Wait for processes that the command left; those that do not end by themselves are left alone."""
    until = time.perf_counter() + _PATIENCE
    while time.perf_counter() < until:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if not pid:
            time.sleep(_TICK)


def _last_line(message: str) -> dict[str, Any]:
    try:
        said = json.loads(message.rstrip().rpartition("\n")[2])
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
