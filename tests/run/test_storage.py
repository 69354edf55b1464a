"""Input, stage files and dataset by URL: the same bytes, retries, and an S3-compatible server on this machine."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import pytest

from corpuskit import storage
from corpuskit.config import BuildOptions, Config
from corpuskit.errors import ConfigError, InputError, OutputError, UsageError, plainly
from corpuskit.run.build import Plan, build, clean_cache, plan_of, planned
from corpuskit.sources import Options, discover
from corpuskit.sources.discovery import opened
from corpuskit.storage import Remote, place_of

from .test_build import digest


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """A few files of several formats, declared sources, and one that is no text."""
    root = tmp_path / "raw"
    (root / "quay").mkdir(parents=True)
    (root / "sources.toml").write_text('[[source]]\nname = "The Quay"\nfiles = ["quay/**"]\n')
    for number in range(4):
        (root / "quay" / f"{number}.txt").write_text(f"Boat {number} came home.\nArticle continues after ad\nIt was late.\n")
    (root / "rows.jsonl").write_text("".join(f'{{"text": "Row {n} has some words to say."}}\n' for n in range(30)))
    long = "\n".join(f"In the year {n} the ferry left at {n % 60} past seven, and {n} people waited." for n in range(60))
    (root / "quay" / "long.txt").write_text(long + "\n")
    (root / "quay" / "longer.txt").write_text(long + "\nThen it left no more.\n")
    (root / "picture.txt").write_bytes(bytes(range(256)))
    (root / ".hidden").write_text("not input")
    return root


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture
def memory() -> Iterator[str]:
    """A URL of storage in this process."""
    import fsspec

    fs = fsspec.filesystem("memory")
    yield "memory://corpus"
    fs.rm("/corpus", recursive=True)


def plan_for(raw: object, out: object, workers: int = 1) -> Plan:
    """A build from `raw` into `out`."""
    return plan_of(Config(build=BuildOptions(raw=str(raw), processed=str(out), workers=workers)), Path())


def put(raw: Path, url: str) -> Remote:
    """Put a folder into storage."""
    remote = Remote(url)
    for path in raw.rglob("*"):
        if path.is_file():
            remote.upload(path, path.relative_to(raw).as_posix())
    return remote


def test_a_build_by_url_gives_the_same_bytes(
    raw: Path, memory: str, tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """raw/, stage files and dataset in storage by URL: the dataset is that of a local build, and so is what is due."""
    local = build(plan_for(raw, tmp_path / "out"))
    put(raw, f"{memory}/raw")
    plan = plan_for(f"{memory}/raw", f"{memory}/out")
    brought: list[str] = []
    true = Remote.download
    monkeypatch.setattr(Remote, "download", lambda self, name, path: (brought.append(name), true(self, name, path)))
    built = build(plan)
    assert built.funnel is not None
    assert built.funnel.merged >= 1  # texts were read to decide, by stretches
    assert brought
    assert [name for name in brought if name.endswith(".bin")] == []
    assert digest(built.folder) == digest(local.folder)
    assert built.url == f"{memory}/out/essays"
    remote = Remote(f"{memory}/out")
    assert remote.sizes("essays") == {path.relative_to(local.folder).as_posix(): path.stat().st_size
                                       for path in local.folder.rglob("*") if path.is_file()}  # fmt: skip
    assert [row.path for row in built.quarantined] == ["picture.txt"]
    assert planned(plan).due == ()
    assert build(plan).ran == 0

    # another machine, which has no copy of anything, finds all tasks done
    shutil.rmtree(cache)
    assert {one.stage for one in planned(plan).due} == {"package"}
    again = build(plan)
    assert (again.ran, digest(again.folder)) == (1, digest(local.folder))


def test_a_change_by_url_redoes_what_depends_on_it(raw: Path, memory: str) -> None:
    """A changed file in storage redoes its bucket; clean-cache removes what nothing needs any more."""
    remote = put(raw, f"{memory}/raw")
    plan = plan_for(f"{memory}/raw", f"{memory}/out")
    first = build(plan)
    remote.write("quay/2.txt", b"Boat 2 was lost.\nNobody knows where.\n")
    due = planned(plan).due
    assert [one.why for one in due if one.stage == "ingest" and one.certain] == [("the file quay/2.txt is changed",)]
    again = build(plan)
    assert 0 < again.ran < first.ran
    assert clean_cache(plan).files > 0
    assert planned(plan).due == ()
    assert clean_cache(plan, everything=True).kept == 0


def test_a_file_that_changes_by_url_while_it_is_read_ends_the_build(
    raw: Path, memory: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was read of it is not kept under the digest of what stood there before."""
    remote = put(raw, f"{memory}/raw")
    before = remote.read("quay/2.txt")
    opened: list[str] = []
    true = Remote.open

    def meddled(self: Remote, name: str, size: int) -> BinaryIO:
        opened.append(name)
        if name == "quay/2.txt" and opened.count(name) == 2:
            remote.write(name, before.replace(b"2", b"3"))
        return true(self, name, size)

    monkeypatch.setattr(Remote, "open", meddled)
    plan = plan_for(f"{memory}/raw", f"{memory}/out")
    with pytest.raises(InputError, match=r"^quay/2\.txt: was changed while the build read it"):
        build(plan)
    remote.write("quay/2.txt", before)
    assert digest(build(plan).folder) == digest(build(plan_for(f"{memory}/raw", f"{memory}/other")).folder)


@pytest.mark.parametrize("damage", [lambda data: bytes(one ^ 1 for one in data[:1]) + data[1:], lambda data: b""])
@pytest.mark.parametrize("suffix", [".parquet", ".bin"])
def test_damaged_outputs_are_made_again(
    raw: Path, memory: str, tmp_path: Path, cache: Path, damage: Callable[[bytes], bytes], suffix: str
) -> None:
    """Those that are brought, by the build or by tasks, and those of which only stretches are read: as in a folder."""
    local = build(plan_for(raw, tmp_path / "out"))
    plan = plan_for(raw, f"{memory}/out")
    build(plan, "dedup")
    remote = Remote(f"{memory}/out/.build/essays")
    for name in remote.sizes("objects"):
        if name.endswith(suffix):
            remote.write(f"objects/{name}", damage(remote.read(f"objects/{name}")))
    for name in remote.sizes("tasks"):
        if b"drops.parquet" in remote.read(f"tasks/{name}"):
            remote.remove([f"tasks/{name}"])  # so that texts are read
    shutil.rmtree(cache)
    said: list[str] = []
    built = build(plan, say=said.append)
    assert said
    for one in said:
        assert one.startswith(f"{remote}/objects/")
        assert one.endswith(f"{suffix}: the bytes are not those that its name promises; a build makes it again")
    assert digest(built.folder) == digest(local.folder)


def test_a_copy_on_this_machine_that_is_damaged_is_brought_again(raw: Path, memory: str, tmp_path: Path, cache: Path) -> None:
    """A build that was killed while it brought an output left the beginning of it."""
    local = build(plan_for(raw, tmp_path / "out"))
    plan = plan_for(raw, f"{memory}/out")
    build(plan, "dedup")
    copies = list(cache.glob("corpuskit/*/objects/*"))
    assert copies
    for name in plan.store.remote.sizes("objects"):
        (copies[0].parent / name).write_bytes(b"PAR1")
    said: list[str] = []
    assert digest(build(plan, say=said.append).folder) == digest(local.folder)
    assert said == []


def test_package_alone_puts_its_dataset_at_a_url(memory: str, tmp_path: Path) -> None:
    """`corpuskit package rows.jsonl --processed URL` leaves the dataset there, and says so."""
    import json

    from click.testing import CliRunner

    from corpuskit.cli import cli

    rows = tmp_path / "rows.jsonl"
    rows.write_text("".join(f'{{"text": "Row {n} has some words to say, and says them."}}\n' for n in range(3)))
    done = CliRunner().invoke(cli, ["package", str(rows), "--processed", f"{memory}/out", "--name", "rows", "--json"])
    assert done.exit_code == 0, done.output
    assert json.loads(done.stdout)["folder"] == f"{memory}/out/rows"
    assert "README.md" in Remote(f"{memory}/out/rows").sizes()


@pytest.mark.parametrize("name", ["letters/to-anna.txt", "data/train-00000-of-00001.parquet", "README.md"])
def test_files_of_somebody_else_stay_at_a_url(raw: Path, memory: str, name: str) -> None:
    """No file is removed or written over, whatever its name is, but where corpuskit wrote the card; no work is done before."""
    remote = Remote(f"{memory}/out/essays")
    remote.write(name, b"Dear Anna")
    plan = plan_for(raw, f"{memory}/out")
    with pytest.raises(OutputError, match=rf"out/essays: is not a dataset folder that corpuskit wrote: {name} is"):
        build(plan)
    assert (remote.read(name), plan.store.objects.exists()) == (b"Dear Anna", False)
    remote.remove([name])
    built = build(plan)
    remote.write("data/train-00001-of-00002.parquet", b"of the dataset before this one")
    assert build(plan).digest == built.digest
    assert "data/train-00001-of-00002.parquet" not in remote.sizes()


@pytest.mark.parametrize("files", range(4))
def test_a_first_upload_that_was_stopped_goes_on(
    raw: Path, memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, files: int
) -> None:
    """Also when the texts, and with them the files of the dataset, are others by then."""
    true = Remote.upload
    remote = Remote(f"{memory}/out/essays")

    def stopped(self: Remote, path: Path, name: str) -> None:
        if self == remote and len(self.sizes()) > files:
            raise KeyboardInterrupt
        true(self, path, name)

    plan = plan_for(raw, f"{memory}/out")
    with monkeypatch.context() as patch:
        patch.setattr(Remote, "upload", stopped)
        with pytest.raises(KeyboardInterrupt):
            build(plan)
    assert len(remote.sizes()) == files + 1
    (raw / "picture.txt").unlink()
    (raw / "quay" / "longer.txt").unlink()  # so that there are neither copies nor a quarantine to be told of
    built = build(plan)
    local = build(plan_for(raw, tmp_path / "out"))
    assert remote.sizes() == {path.relative_to(local.folder).as_posix(): path.stat().st_size
                              for path in local.folder.rglob("*") if path.is_file()}  # fmt: skip
    assert (built.digest, remote.read("README.md")) == (local.digest, (local.folder / "README.md").read_bytes())


def test_what_fails_is_tried_again(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that breaks twice is no error; one that breaks for good is, and is named; what is gone is gone."""
    import fsspec

    remote = Remote(memory)
    remote.write("a.txt", b"one two three")
    fs = fsspec.filesystem("memory")
    true, failures = fs.cat_file, [ConnectionError("reset by peer")] * 2
    waited: list[float] = []
    monkeypatch.setattr(time, "sleep", waited.append)

    def breaking(path: str, **bounds: int) -> bytes:
        if failures:
            raise failures.pop()
        return true(path, **bounds)

    monkeypatch.setattr(fs, "cat_file", breaking)
    assert remote.read("a.txt") == b"one two three"
    assert waited == [0.25, 0.5]
    failures += [ConnectionError("reset by peer")] * 9
    with pytest.raises(InputError, match=r"memory://corpus/a\.txt: failed 5 times: ConnectionError: reset by peer"):
        remote.read("a.txt")
    failures.clear()
    with pytest.raises(FileNotFoundError):
        remote.read("b.txt")


def test_a_network_that_goes_in_the_middle_of_a_file_names_the_byte(memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a disk does that fails there."""
    import fsspec

    monkeypatch.setattr(storage, "_PAUSE", 0.0)
    remote = Remote(f"{memory}/raw")
    remote.write("a.txt", bytes(9 << 20))
    fs = type(fsspec.filesystem("memory"))
    true = fs.cat_file

    def cut(self: object, path: str, start: int = 0, end: int | None = None) -> bytes:
        if start:
            raise ConnectionError("reset by peer")
        found: bytes = true(self, path, start=start, end=end)
        return found

    monkeypatch.setattr(fs, "cat_file", cut)
    (file,) = discover(remote, Options())
    said = rf"^a\.txt, byte 8388608: {remote}/a\.txt: failed 5 times: ConnectionError: reset by peer; run again when it answers$"
    with opened(remote, file) as stream:
        assert len(stream.read(8 << 20)) == 8 << 20
        with pytest.raises(InputError, match=said):
            stream.read(1)


def test_access_that_is_refused_is_named(raw: Path, memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """What s3fs raises for an upload that is refused is a sentence alone: the URL is said, and it is tried once."""
    import fsspec

    tried: list[str] = []

    def refused(path: str, place: str) -> None:
        tried.append(place)
        raise PermissionError("Access Denied")

    monkeypatch.setattr(fsspec.filesystem("memory"), "put_file", refused)  # of a task's outputs
    with pytest.raises(InputError, match=r"memory://corpus/out/\.build/\S+/objects/\w+\.\w+: PermissionError: Access Denied; "):
        build(plan_for(raw, f"{memory}/out"))
    assert len(tried) == 1


def test_credentials_that_expire_leave_no_quarantine(
    raw: Path, memory: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """s3fs says so with a `PermissionError`: the build ends and names the file, and the next one reads it."""
    import fsspec

    local = build(plan_for(raw, tmp_path / "out"))
    put(raw, f"{memory}/raw")
    plan = plan_for(f"{memory}/raw", tmp_path / "away")
    fs = fsspec.filesystem("memory")
    true, read = fs.cat_file, []

    def expired(path: str, **bounds: int) -> bytes:
        read.append(path)
        if path.endswith("quay/2.txt") and read.count(path) == 2:  # after its digest was taken
            raise PermissionError("The provided token has expired.")
        return true(path, **bounds)

    monkeypatch.setattr(fs, "cat_file", expired)
    with pytest.raises(InputError, match=r"memory://corpus/raw/quay/2\.txt: PermissionError: The provided token has expired; "):
        build(plan)
    again = build(plan)
    assert [row.path for row in again.quarantined] == ["picture.txt"]
    assert digest(again.folder) == digest(local.folder)


def test_storage_that_is_not_there_is_named(raw: Path, memory: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket that is missing is no empty folder of texts; as the place of the output it stops the build before any work."""
    import fsspec

    with pytest.raises(InputError, match=r"memory://corpus/nosuch: there is no such folder \(FileNotFoundError: .*--raw"):
        build(plan_for(f"{memory}/nosuch", f"{memory}/out"))
    fs = fsspec.filesystem("memory")

    def missing(path: str, data: bytes) -> None:
        raise FileNotFoundError("The specified bucket does not exist")

    monkeypatch.setattr(fs, "pipe_file", missing)
    with pytest.raises(OutputError, match=r"memory://corpus/out/\S*: cannot be written: .*The specified bucket does not exist"):
        build(plan_for(raw, f"{memory}/out"))


def test_errors_that_hold_a_sentence_alone_are_shown() -> None:
    """What the system raises has a number and a name; what libraries raise may have neither."""
    assert plainly(FileNotFoundError(2, "No such file or directory", "a.txt")) == "a.txt: No such file or directory"
    assert plainly(OSError(28, "No space left on device")) == "No space left on device"
    assert plainly(PermissionError("Access Denied\n<Error>")) == "PermissionError: Access Denied"


def test_streams_read_in_any_order(memory: str) -> None:
    """Seeking and reading give what a local file gives."""
    remote = Remote(memory)
    data = bytes(range(256)) * 10
    remote.write("a.bin", data)
    with remote.open("a.bin", len(data)) as stream:
        assert stream.read(10) == data[:10]
        assert stream.seek(-5, 2) == len(data) - 5
        assert stream.read() == data[-5:]
        stream.seek(300)
        assert (stream.read(300), stream.tell()) == (data[300:600], 600)
        assert stream.read(0) == b""


def test_places_and_what_is_wrong_with_them(tmp_path: Path) -> None:
    """file:// is a path; a scheme nobody knows is an error of configuration; an empty folder has no texts."""
    assert place_of("file:///data/raw") == Path("/data/raw")
    assert place_of("raw", tmp_path) == tmp_path / "raw"
    assert place_of("s3://bucket/raw/") == Remote("s3://bucket/raw")
    with pytest.raises(ConfigError, match="nosuch://bucket"):
        discover(Remote("nosuch://bucket"), Options())
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="no texts"):
        build(plan_for(tmp_path / "empty", tmp_path / "out"))
    with pytest.raises(UsageError, match="cannot name a dataset"):
        plan_of(Config(build=BuildOptions(name="../x", processed="memory://out")), Path())


@pytest.fixture(scope="module")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An S3-compatible server on loopback with one empty bucket; the environment says where it is."""
    with serving("127.0.0.1", tmp_path_factory.mktemp("s3")) as url:
        yield url


@contextmanager
def serving(host: str, folder: Path) -> Iterator[str]:
    """Run an S3-compatible server."""
    pytest.importorskip("s3fs")
    pytest.importorskip("moto.server", reason="moto and flask are development dependencies")
    with socket.socket() as free:
        free.bind((host, 0))
        port = free.getsockname()[1]
    said = {"AWS_ENDPOINT_URL": f"http://{host}:{port}", "AWS_ACCESS_KEY_ID": "testing",
            "AWS_SECRET_ACCESS_KEY": "testing", "AWS_DEFAULT_REGION": "us-east-1"}  # fmt: skip
    with pytest.MonkeyPatch.context() as patch, (folder / "log").open("w") as log:
        for name, value in said.items():
            patch.setenv(name, value)
        _forget_servers()
        command = [sys.executable, "-m", "moto.server", "-H", host, "-p", str(port)]
        server = subprocess.Popen(command, stdout=log, stderr=log)
        try:
            for _ in range(600):
                try:
                    urllib.request.urlopen(urllib.request.Request(f"{said['AWS_ENDPOINT_URL']}/corpus", method="PUT"))
                    break
                except OSError:
                    time.sleep(0.1)
            yield "s3://corpus"
        finally:
            server.kill()
            server.wait()
            _forget_servers()


def _forget_servers() -> None:
    """Let go of connections: they are kept by bucket, and another server of this run has a bucket of that name."""
    import s3fs

    storage._opened.cache_clear()
    s3fs.S3FileSystem.clear_instance_cache()


@pytest.mark.slow
def test_s3_with_worker_processes(raw: Path, s3: str, tmp_path: Path) -> None:
    """Workers that each bring and take their files from an S3-compatible server give the bytes of a local build."""
    local = build(plan_for(raw, tmp_path / "out"))
    put(raw, f"{s3}/raw")
    plan = plan_for(f"{s3}/raw", f"{s3}/out", workers=2)
    built = build(plan)
    assert digest(built.folder) == digest(local.folder)
    names = Remote(f"{s3}/out").sizes()
    assert "essays/README.md" in names
    assert any(name.startswith(".build/essays/objects/") for name in names)
    assert not any("/work/" in name or name.endswith(".tmp") for name in names)
    assert build(plan).ran == 0
    assert os.environ["AWS_ENDPOINT_URL"].startswith("http://127.0.0.1")


@pytest.mark.slow
def test_s3_bucket_that_does_not_exist(raw: Path, s3: str, tmp_path: Path) -> None:
    """A bucket that nobody has made is named as what is missing, before the input and before the output."""
    said = "The specified bucket does not exist"
    with pytest.raises(InputError, match=f"s3://nosuch/raw: there is no such folder .*{said}"):
        build(plan_for("s3://nosuch/raw", tmp_path / "out"))
    with pytest.raises(OutputError, match=f"s3://nosuch/out/.build/essays/inputs.lst: cannot be written: .*{said}"):
        build(plan_for(raw, "s3://nosuch/out"))


def test_the_output_below_the_input_is_no_input(memory: str, raw: Path) -> None:
    """A build that puts its dataset below the texts by URL does not read it the next time."""
    remote = put(raw, memory)
    first = build(plan_for(memory, f"{memory}/out"))
    assert remote.sizes("out/essays/data")
    again = build(plan_for(memory, f"{memory}/out"))
    assert again.ran == 0
    assert again.funnel == first.funnel
