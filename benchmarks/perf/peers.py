"""The peers that the build is timed against: what each needs, and an environment of its own to run it in.

The requirements of each stand in `peers/NAME.txt`, every package at one version. The environment is made at the first run, in
the cache and not in the project, and is thrown away by deleting it. A peer that cannot be installed here is left out,
and the table says why.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent

#: A peer installs nothing while it is timed (Data-Juicer would).
OFFLINE = {"UV_OFFLINE": "1", "PIP_NO_INDEX": "1", "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}


@dataclass(frozen=True, slots=True)
class Peer:
    """One row of the table that is not ours."""

    name: str
    package: str  #: whose requirements and environment
    flow: str
    does: str
    extra: tuple[str, ...] = ()

    def command(self, python: Path, source: Path, out: Path, workers: int) -> list[str]:
        """What to run."""
        flow = HERE / "flows" / self.flow
        return [str(python), str(flow), str(source), str(out), "--workers", str(workers), *self.extra]


PEERS = (
    Peer("datatrove", "datatrove", "datatrove_steps.py", "ftfy, language filter, MinHash in four steps, JSON Lines"),
    Peer("datatrove, C4", "datatrove", "datatrove_steps.py", "the same with its C4 line filter", ("--c4",)),
    Peer("text-dedup", "text-dedup", "text_dedup_minhash.py", "MinHash alone"),
    Peer("data-juicer", "data-juicer", "data_juicer_process.py", "repair of encoding, MinHash"),
)


class Skipped(Exception):  # noqa: N818  # no error: the rest goes on
    """A peer cannot be run here, and why."""


def environment(package: str, cache: Path) -> Path:
    """Return the Python of a peer's environment, which is made where it is not there. Raises `Skipped`."""
    wanted = HERE / "peers" / f"{package}.txt"
    said = hashlib.sha256(wanted.read_bytes() + sys.version.encode()).hexdigest()[:12]
    place = cache / "environments" / f"{package}-{said}"
    python, ready = place / "bin" / "python", place / ".ready"
    if ready.exists():
        return python
    shutil.rmtree(place, ignore_errors=True)
    print(f"installing {package} into {place}", file=sys.stderr)
    _run([sys.executable, "-m", "venv", str(place)])
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps"]
    _run([*pip, "-r", str(wanted)])
    ready.touch()
    return python


def _run(command: list[str]) -> None:
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, check=False, capture_output=True, text=True, env=environ)
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()[-1:]
        raise Skipped(lines[-1] if lines else f"exit code {done.returncode}")
