"""The temporary folder of a machine whose workers are killed while the store lies elsewhere."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from corpuskit.config import BuildOptions, Config
from corpuskit.run.build import build, plan_of
from corpuskit.run.engine import Local, run_tasks
from corpuskit.run.scratch import scratch, sweep
from corpuskit.run.store import Store
from corpuskit.storage import Remote

from .test_workers import GB, task


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A temporary folder of this test's own, for worker processes too, and a cache."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return folder


#: Another process with a folder, which it says and then waits in.
_HOLDER = """
import sys
from pathlib import Path
from corpuskit.run.scratch import scratch
with scratch("other") as folder:
    (folder / "in").mkdir()
    (folder / "in" / "large.bin").write_bytes(bytes(1000))
    print(folder, flush=True)
    sys.stdin.read()
"""


def test_only_what_nobody_holds_is_removed(temporary: Path) -> None:
    """A folder lasts as long as its process, however that ends, and others of a like name are left alone."""
    (temporary / "corpuskit-of-mine").mkdir()
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        held = Path(other.stdout.readline().strip())
        with scratch("mine") as folder:
            sweep()
            assert (held / "in" / "large.bin").exists()
            assert folder.exists()
        assert not folder.exists()
        other.send_signal(signal.SIGKILL)
    assert held.exists()
    sweep()
    assert os.listdir(temporary) == ["corpuskit-of-mine"]


def test_workers_that_die_leave_nothing(temporary: Path, tmp_path: Path) -> None:
    """What three workers that were killed under a task had brought is gone when the task is done."""
    store = Store(Remote(f"local://{tmp_path}/store"))
    store.prepare()
    with Local(store, 1, 2 * GB, 3600.0) as engine:
        (marker,) = run_tasks(store, engine, [task(store, "one", ["a", "die", "b"])])
    assert marker.documents == 2
    assert os.listdir(temporary) == []


def test_the_end_of_a_build_removes_what_is_left(temporary: Path, tmp_path: Path) -> None:
    """A worker that was killed at Ctrl-C, or a machine that went down, is cleared up after by the next build at last."""
    (temporary / "corpuskit-task-0123456789abcdef-left").mkdir()
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "a.txt").write_text("The boat came home, and it was late.\n")
    out = f"local://{tmp_path}/out"
    for _ in range(2):
        build(plan_of(Config(build=BuildOptions(raw=str(tmp_path / "raw"), processed=out)), Path()), "ingest")
        assert os.listdir(temporary) == []
        (temporary / "corpuskit-task-0123456789abcdef-left").mkdir()
