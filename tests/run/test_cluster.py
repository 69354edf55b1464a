"""The Dask engine: the bytes of a local build, workers that are another's, killed workers, a scheduler that goes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from corpuskit.config import BuildOptions, Config, RunOptions
from corpuskit.errors import CorpuskitError
from corpuskit.run.build import Plan, build, plan_of
from corpuskit.run.cluster import Cluster, perform_there
from corpuskit.run.engine import run_tasks
from corpuskit.run.store import Store

from .test_build import digest
from .test_storage import cache, put, s3  # noqa: F401
from .test_workers import corpus, ids_of, store, task  # noqa: F401

pytest.importorskip("distributed", reason="the Dask engine needs corpuskit[dask]")
pytestmark = pytest.mark.filterwarnings("ignore")  # of distributed, when what it talks to is killed


class Standing:
    """A scheduler and workers, each a process of its own, as they stand on other hosts."""

    def __init__(self, folder: Path, workers: int) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.folder = folder
        self.count = workers
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def engine(self) -> str:
        return f"dask://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start scheduler and workers."""
        self.scheduler = self._run("0", "distributed.cli.dask_scheduler", "--port", str(self.port), "--no-dashboard")
        self.workers = [self.worker(number) for number in range(self.count)]

    def worker(self, number: int) -> subprocess.Popen[bytes]:
        """Start a worker with folders of its own, and no other way to files than what a task names."""
        return self._run(
            f"w{number}", "distributed.cli.dask_worker", f"tcp://127.0.0.1:{self.port}", "--nthreads", "1",
            "--no-dashboard", "--no-nanny", "--death-timeout", "60",
        )  # fmt: skip

    def stop(self) -> None:
        """Kill all."""
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            process.kill()
            process.wait()

    def _run(self, name: str, module: str, *arguments: str) -> subprocess.Popen[bytes]:
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(home))
        environment = {**os.environ, **own, "PYTHONPATH": os.pathsep.join(sys.path)}
        with (home / "log").open("ab") as log:
            return subprocess.Popen(
                [sys.executable, "-m", module, *arguments], cwd=home, env=environment, stdout=log, stderr=log
            )


def plan_for(raw: object, out: object, engine: str = "local", workers: int = 1) -> Plan:
    """A build from `raw` into `out`."""
    options = BuildOptions(raw=str(raw), processed=str(out), workers=workers)
    return plan_of(Config(build=options, run=RunOptions(engine=engine)), Path())


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A folder of texts, and the digest of the dataset that one process made of it."""
    raw = corpus(tmp_path_factory.mktemp("texts"), 24)
    return raw, digest(build(plan_for(raw, tmp_path_factory.mktemp("peace"))).folder)


@pytest.fixture
def standing(tmp_path: Path) -> Iterator[Standing]:
    """Two workers."""
    with Standing(tmp_path / "hosts", 2) as found:
        yield found


@pytest.mark.slow
def test_a_standing_cluster_gives_the_same_bytes_though_workers_and_scheduler_are_killed(
    texts: tuple[Path, str], standing: Standing, tmp_path: Path
) -> None:
    """A worker is killed while it cleans, then the scheduler and all workers; others come, and the build ends as usual."""
    raw, expected = texts
    met: list[str] = []

    def disturb(stage: str, done: int, total: int, documents: int, at: str) -> None:
        if stage == "clean" and done and "worker" not in met:
            met.append("worker")
            standing.workers[0].send_signal(signal.SIGKILL)
        if stage == "enrich" and done and "scheduler" not in met:
            met.append("scheduler")
            standing.stop()
            standing.start()

    built = build(plan_for(raw, tmp_path / "out", standing.engine), progress=disturb)
    assert met == ["worker", "scheduler"]
    assert digest(built.folder) == expected


@pytest.mark.slow
def test_workers_that_share_no_folder(
    texts: tuple[Path, str], standing: Standing, s3: str, tmp_path: Path  # noqa: F811
) -> None:
    """With input, stage files and dataset in S3-compatible storage, workers need nothing but its address."""
    raw, expected = texts
    put(raw, f"{s3}/dask-raw")
    built = build(plan_for(f"{s3}/dask-raw", f"{s3}/dask-out", standing.engine))
    assert digest(built.folder) == expected
    assert built.url == f"{s3}/dask-out/essays"


def test_a_cluster_of_this_machine(store: Store, tmp_path: Path) -> None:  # noqa: F811
    """`--engine dask` starts workers; a document that kills is spared there as it is here."""
    cluster = Cluster(store, "dask", 2, 0, 3600.0)
    try:
        tasks = [task(store, "one", ["a", "die", "b"]), task(store, "two", ["z"])]
        markers = run_tasks(store, cluster, tasks)
    finally:
        cluster.close()
    assert [ids_of(store, one) for one in markers] == [["a", "b"], ["z"]]
    assert store.relieved(tasks)[0].spared == ("die",)


def test_a_worker_with_another_corpuskit_refuses(store: Store) -> None:  # noqa: F811
    """What is installed on a worker must be what the build has, to the byte."""
    with pytest.raises(CorpuskitError, match="another corpuskit"):
        perform_there(store.address, task(store, "one", ["a"]), "0" * 64, 0, 3600.0)


def test_no_scheduler_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Where nobody listens, the address is named."""
    monkeypatch.setattr("corpuskit.run.cluster._PATIENCE", 0.5)
    monkeypatch.setattr("corpuskit.run.cluster._ANSWER", 0.2)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with pytest.raises(CorpuskitError, match=r"dask://127\.0\.0\.1:9: no scheduler"):
        run_tasks(store, Cluster(store, "dask://127.0.0.1:9", 1, 0, 1.0), [task(store, "one", ["a"])])
