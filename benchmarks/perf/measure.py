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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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


def measure(name: str, command: Sequence[str], documents: int, environment: Mapping[str, str] | None = None) -> Cost:
    """Run a command to its end. Raises `RuntimeError` with what it said when it fails (3 is a build to look at)."""
    libc = ctypes.CDLL(None)
    libc.prctl(_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    before = _spent()
    start = time.perf_counter()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=said, stderr=said, env={**os.environ, **(environment or {})})
        peak = largest = 0
        while process.poll() is None:
            resident = _resident(process.pid)
            peak, largest = max(peak, sum(resident)), max(largest, *resident, 0)
            time.sleep(_TICK)
        wall = time.perf_counter() - start
        _wait_for_the_rest()
        libc.prctl(_SET_CHILD_SUBREAPER, 0, 0, 0, 0)
        said.seek(0)
        message = said.read().decode(errors="replace")
        if process.returncode not in (0, 3):
            raise RuntimeError(f"{name}: exit code {process.returncode}\n{message[-2000:]}")
    return Cost(name, documents, _spent() - before, wall, peak, largest, _last_line(message))


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


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
