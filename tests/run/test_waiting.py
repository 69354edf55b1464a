"""What is waited for is said: another build, a scheduler that does not answer or has not written its file."""

from __future__ import annotations

import errno
import fcntl
import os
import threading
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpuskit.cli import cli
from corpuskit.cli.progress import Bar
from corpuskit.errors import CorpuskitError
from corpuskit.run import waiting
from corpuskit.run.cluster import Cluster
from corpuskit.run.engine import run_tasks
from corpuskit.run.store import Store

from .test_workers import store, task  # noqa: F401


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits are told when they begin."""
    monkeypatch.setattr(waiting, "_AFTER", 0.0)


def test_a_wait_that_is_soon_over_is_not_told() -> None:
    """Within the first second nothing is said, and behind the block neither."""
    said: list[str] = []
    with waiting.waiting(said.append, "a bus", 60):
        pass
    assert said == []
    assert not [thread for thread in threading.enumerate() if isinstance(thread, threading.Timer)]


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("command", ["build", "clean-cache", "rules suggest"])
def test_a_second_build_says_that_it_waits(command: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever needs the lock says who has it, once, on stderr; with --json as well."""
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw" / "ash.txt").write_text("The ash was cut in March.\nNobody remembers who planted it.\n")
    where = ["--raw", str(tmp_path / "raw"), "--processed", str(tmp_path / "out"), "--workers", "1", "--json"]
    assert CliRunner().invoke(cli, ["build", *where]).exit_code == 0
    say: Callable[[Bar, str], None] = Bar.say
    with ExitStack() as other:
        other.enter_context(Store(tmp_path / "out" / ".build" / "essays").locked())

        def said(bar: Bar, text: str) -> None:
            say(bar, text)
            other.close()

        monkeypatch.setattr(Bar, "say", said)
        done = CliRunner().invoke(cli, [*command.split(), *where])
    assert done.exit_code == 0, done.output
    assert done.stderr.count("waiting for another build that works in ") == 1
    assert str(tmp_path / "out" / ".build" / "essays") + ", 60 minutes at most" in done.stderr


@pytest.mark.usefixtures("at_once")
def test_a_file_system_without_locks_is_said_and_not_waited_for(
    store: Store, monkeypatch: pytest.MonkeyPatch  # noqa: F811
) -> None:
    """Lustre has none as it is usually mounted: the build waited an hour for another one that there was not."""

    def none(*_: object) -> None:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS))

    monkeypatch.setattr(fcntl, "flock", none)
    said: list[str] = []
    with store.locked(patience=0.0, say=said.append):
        assert said == [
            "the output folder cannot be locked (Function not implemented): start no second build of this dataset"
        ]


def test_quiet_is_quiet(capsys: pytest.CaptureFixture[str]) -> None:
    """With --quiet, waits are not told either."""
    Bar(quiet=True).say("waiting")
    assert capsys.readouterr().err == ""


@pytest.mark.usefixtures("at_once")
@pytest.mark.parametrize("text", [None, "", "{}"])
def test_a_scheduler_that_has_not_written_its_file_is_waited_for_and_said(
    text: str | None,
    store: Store,  # noqa: F811
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The file is named; one that stays away, or half written, ends the wait as a scheduler does that does not answer."""
    pytest.importorskip("distributed", reason="the Dask engine needs corpuskit[dask]")
    monkeypatch.setattr("corpuskit.run.cluster._PATIENCE", 0.1)
    monkeypatch.setattr("corpuskit.run.cluster._PAUSE", 0.05)
    file = tmp_path / "scheduler.json"
    if text is not None:
        file.write_text(text)
    said: list[str] = []
    with pytest.raises(CorpuskitError, match=rf"dask://{file}: no scheduler with a worker answers"):
        run_tasks(store, Cluster(store, f"dask://{file}", 1, 0, 1.0, said.append), [task(store, "one", ["a"])])
    (line,) = said
    assert (f"the file {file}, which `dask scheduler" in line) == (text is None)
    assert f"{file}" in line
