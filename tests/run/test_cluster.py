"""The Dask engine: the bytes of a local build, workers that are another's, killed workers, a scheduler that goes."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
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
from corpuskit.tasks.spared import Spared

from .test_build import digest
from .test_storage import cache, put, s3, serving  # noqa: F401
from .test_workers import corpus, ids_of, store, task  # noqa: F401

pytest.importorskip("distributed", reason="the Dask engine needs corpuskit[dask]")
pytestmark = pytest.mark.filterwarnings("ignore")  # of distributed, when what it talks to is killed


class Standing:
    """A scheduler and workers, each a process of its own, as they stand on other hosts."""

    def __init__(self, folder: Path, workers: int, host: str = "127.0.0.1", around: Sequence[Sequence[str]] = ()) -> None:
        with socket.socket() as free:
            free.bind((host, 0))
            self.port = free.getsockname()[1]
        self.host = host
        self.around = around or [[]] * workers  # what stands before the command of each worker
        self.folder = folder
        self.count = workers
        self.scheduler: subprocess.Popen[bytes] | None = None
        self.workers: list[subprocess.Popen[bytes]] = []

    @property
    def engine(self) -> str:
        return f"dask://{self.host}:{self.port}"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def start(self) -> None:
        """Start scheduler and workers."""
        self.scheduler = self._run("0", [], "distributed.cli.dask_scheduler", "--port", str(self.port), "--no-dashboard")
        self.workers = [self.worker(number) for number in range(self.count)]

    def worker(self, number: int) -> subprocess.Popen[bytes]:
        """Start a worker with folders of its own, and no other way to files than what a task names."""
        return self._run(
            f"w{number}", self.around[number], "distributed.cli.dask_worker", f"tcp://{self.host}:{self.port}", "--nthreads", "1",
            "--no-dashboard", "--no-nanny", "--death-timeout", "60",
        )  # fmt: skip

    def stop(self) -> None:
        """Kill all."""
        for process in [*self.workers, *([self.scheduler] if self.scheduler else [])]:
            process.kill()
            process.wait()

    def _run(self, name: str, around: Sequence[str], module: str, *arguments: str) -> subprocess.Popen[bytes]:
        home = self.folder / name
        home.mkdir(parents=True, exist_ok=True)
        own = dict.fromkeys(("HOME", "TMPDIR", "XDG_CACHE_HOME"), str(home))
        environment = {**os.environ, **own, "PYTHONPATH": os.pathsep.join(sys.path)}
        with (home / "log").open("ab") as log:
            return subprocess.Popen(
                [*around, sys.executable, "-m", module, *arguments], cwd=home, env=environment, stdout=log, stderr=log
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


@pytest.fixture
def hosts() -> Iterator[tuple[str, list[str]]]:
    """Two network namespaces that see this machine by a bridge; its address, and their names."""
    if os.geteuid() or not shutil.which("ip") or not shutil.which("unshare"):
        pytest.skip("network namespaces need root, ip and unshare")
    names = [f"ck{os.getpid()}n{number}" for number in (1, 2)]
    bridge, net = f"ck{os.getpid()}b", f"10.{213 + os.getpid() % 30}.{os.getpid() % 250}"
    setup = [f"link add {bridge} type bridge", f"addr add {net}.1/24 dev {bridge}", f"link set {bridge} up"]
    for number, name in enumerate(names, 1):
        ends = f"ck{os.getpid()}v{number}", f"ck{os.getpid()}w{number}"
        setup += [
            f"netns add {name}",
            f"link add {ends[0]} type veth peer name {ends[1]}",
            f"link set {ends[0]} master {bridge} up",
            f"link set {ends[1]} netns {name}",
            f"-n {name} addr add {net}.{number + 10}/24 dev {ends[1]}",
            f"-n {name} link set {ends[1]} up",
            f"-n {name} link set lo up",
        ]
    try:
        for line in setup:
            done = subprocess.run(["ip", *line.split()], capture_output=True, text=True, check=False)
            if done.returncode:
                pytest.skip(f"no network namespaces here: ip {line}: {done.stderr.strip()}")
        yield f"{net}.1", names
    finally:
        for name in names:
            subprocess.run(["ip", "netns", "del", name], capture_output=True, check=False)
        subprocess.run(["ip", "link", "del", bridge], capture_output=True, check=False)


@pytest.mark.slow
def test_workers_on_other_networks_with_other_disks(
    texts: tuple[Path, str], hosts: tuple[str, list[str]], tmp_path: Path
) -> None:
    """Workers in network namespaces of their own, from which the build's folders cannot be seen, give the same bytes."""
    raw, expected = texts
    address, names = hosts
    mine = tmp_path / "mine"
    mine.mkdir()
    hidden = f"mount -t tmpfs none {mine} && mount -t tmpfs none {raw} && exec"
    around = [["ip", "netns", "exec", name, "unshare", "-m", "sh", "-c", f'{hidden} "$@"', "sh"] for name in names]
    with serving(address, tmp_path) as s3_there, Standing(tmp_path / "hosts", 2, address, around) as standing:
        put(raw, f"{s3_there}/raw")
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_CACHE_HOME", str(mine))
            built = build(plan_for(f"{s3_there}/raw", f"{s3_there}/out", standing.engine))
            assert built.folder.is_relative_to(mine)
            assert digest(built.folder) == expected


def test_a_cluster_of_this_machine(store: Store, tmp_path: Path) -> None:  # noqa: F811
    """`--engine dask` starts workers; a document that kills is spared there as it is here."""
    cluster = Cluster(store, "dask", 2, 0, 3600.0)
    try:
        tasks = [task(store, "one", ["a", "die", "b"]), task(store, "two", ["z"])]
        markers = run_tasks(store, cluster, tasks)
    finally:
        cluster.close()
    assert [ids_of(store, one) for one in markers] == [["a", "b"], ["z"]]
    assert store.relieved(tasks)[0].spared == (Spared("die"),)


def test_a_cluster_tells_how_far_its_tasks_are(store: Store, tmp_path: Path) -> None:  # noqa: F811
    """The source that a worker is at, and documents that are done within a task, as workers of this machine tell them."""
    flag = tmp_path / "go on"
    told: list[tuple[int, int, str]] = []

    def progress(stage: str, done: int, total: int, documents: int, at: str) -> None:
        told.append((done, documents, at))
        if documents:
            flag.touch()

    known = dataclasses.replace(task(store, "one", ["a", "b", "c"], "wait", str(flag)), documents=3)
    cluster = Cluster(store, "dask", 1, 0, 3600.0)
    try:
        run_tasks(store, cluster, [known], progress)
    finally:
        cluster.close()
    assert told[0] == (0, 0, "one")
    assert (1, 1, "the source") in told
    assert told[-1][:2] == (3, 3)


@pytest.mark.parametrize("comes", [True, False])
def test_a_scheduler_without_a_worker_is_said(
    comes: bool,
    store: Store,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Where all workers are gone the build says so and goes on with the next that comes, or ends."""
    monkeypatch.setattr("corpuskit.run.waiting._AFTER", 0.0)
    said: list[str] = []
    cluster = Cluster(store, "dask", 1, 0, 3600.0, said.append)
    try:
        cluster._connect()
        cluster._cluster.scale(0)
        while cluster._client.nthreads():
            time.sleep(0.05)
        said.clear()
        cluster._say = lambda text: (said.append(text), comes and cluster._cluster.scale(1))
        monkeypatch.setattr("corpuskit.run.cluster._PATIENCE", 60.0 if comes else 0.5)
        if comes:
            assert [ids_of(store, one) for one in run_tasks(store, cluster, [task(store, "one", ["a"])])] == [["a"]]
        else:
            with pytest.raises(CorpuskitError, match="dask: the scheduler has no worker left"):
                run_tasks(store, cluster, [task(store, "one", ["a"])])
    finally:
        cluster.close()
    assert said[0].startswith("waiting for dask, a worker: the scheduler stands")


def test_a_worker_with_another_corpuskit_refuses(store: Store) -> None:  # noqa: F811
    """What is installed on a worker must be what the build has, to the byte."""
    with pytest.raises(CorpuskitError, match="another corpuskit"):
        perform_there(store.address, task(store, "one", ["a"]), "0" * 64, 0, 3600.0)


def test_no_scheduler_is_said(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    """Where nobody listens, the address is named: while it is waited for, and at the end."""
    monkeypatch.setattr("corpuskit.run.cluster._PATIENCE", 0.5)
    monkeypatch.setattr("corpuskit.run.cluster._ANSWER", 0.2)
    monkeypatch.setattr("corpuskit.run.cluster._PAUSE", 0.05)
    monkeypatch.setattr("corpuskit.run.waiting._AFTER", 0.0)
    said: list[str] = []
    with pytest.raises(CorpuskitError, match=r"dask://127\.0\.0\.1:9: no scheduler"):
        run_tasks(store, Cluster(store, "dask://127.0.0.1:9", 1, 0, 1.0, said.append), [task(store, "one", ["a"])])
    assert [line.startswith("waiting for dask://127.0.0.1:9, a scheduler with a worker") for line in said] == [True]
