"""Input that cannot be read for a while: nothing of that stays in a build, and the next one goes on."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from corpuskit.errors import InputError
from corpuskit.sources import discovery

from .test_build import digest, run


@pytest.fixture
def raw(tmp_path: Path) -> Path:
    """Eight texts."""
    folder = tmp_path / "raw"
    folder.mkdir()
    for number in range(8):
        words = " ".join(f"boat {number} came home with {n} fish" for n in range(30))
        (folder / f"{number}.txt").write_text(f"The captain said that {words}.\n")
    return folder


def test_an_error_that_passes_ends_the_build_and_the_next_goes_on(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that could be digested and then cannot be read is named; no build after that takes it for damaged."""
    opened: list[str] = []
    true: Callable[..., Any] = open

    def failing(path: Path, mode: str) -> Any:
        opened.append(path.name)
        if path.name == "3.txt" and opened.count("3.txt") == 2:
            raise OSError(errno.ESTALE, "Stale file handle", str(path))
        return true(path, mode)

    monkeypatch.setattr(discovery, "open", failing, raising=False)
    with pytest.raises(InputError, match=r"^3\.txt, byte 0: cannot be read: Stale file handle; run again"):
        run(raw, tmp_path / "out")
    built = run(raw, tmp_path / "out")
    assert not built.needs_a_look
    assert digest(built.folder) == digest(run(raw, tmp_path / "other").folder)


def test_a_file_that_must_not_be_read_is_tried_again_by_each_build(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others go on without it, a build says that something needs a look, and reads it as soon as it may."""
    true = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "3.txt" and true(path, mode))
    for _ in range(2):
        built = run(raw, tmp_path / "out")
        assert [(row.path, row.reason) for row in built.quarantined] == [("3.txt", "unreadable")]
        assert built.needs_a_look
        assert built.funnel is not None
        assert built.funnel.kept == 7
    assert built.ran == 0
    monkeypatch.undo()
    built = run(raw, tmp_path / "out")
    assert not built.needs_a_look
    assert digest(built.folder) == digest(run(raw, tmp_path / "other").folder)


def test_a_file_that_changes_while_it_is_read_is_not_taken_for_what_it_was(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The build ends and names it; what was read of it stands under no digest, so that the old bytes give the old texts."""
    before = (raw / "3.txt").read_bytes()
    opened: list[str] = []
    true: Callable[..., Any] = open

    def meddled(path: Path, mode: str) -> Any:
        opened.append(path.name)
        if path.name == "3.txt" and opened.count("3.txt") == 2:  # it was digested, and is about to be read
            path.write_text("The mate said that nobody came home.\n")
        return true(path, mode)

    monkeypatch.setattr(discovery, "open", meddled, raising=False)
    with pytest.raises(InputError, match=r"^3\.txt: was changed while the build read it; run again"):
        run(raw, tmp_path / "out")
    (raw / "3.txt").write_bytes(before)
    assert digest(run(raw, tmp_path / "out").folder) == digest(run(raw, tmp_path / "other").folder)


def test_a_file_that_is_only_touched_while_it_is_read_stops_nothing(
    raw: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another time of change, as a backup or a second download of the same bytes leaves it, is no change."""
    true: Callable[..., Any] = open

    def touched(path: Path, mode: str) -> Any:
        os.utime(path, ns=(1, time.time_ns()))
        return true(path, mode)

    monkeypatch.setattr(discovery, "open", touched, raising=False)
    assert not run(raw, tmp_path / "out").needs_a_look
