"""The progress line: what it says, and from what it tells the time that is left."""

from __future__ import annotations

import sys
import time

import pytest

from corpuskit.cli.progress import Bar


def test_time_left_counts_what_was_done_since_the_stage_began(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of it was there from an earlier build: 100 of the other 500 documents in ten seconds leave forty."""
    clock = 1000.0
    monkeypatch.setattr(time, "monotonic", lambda: clock)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    bar = Bar()
    bar("clean", 500, 1000, 500, "")
    clock += 10
    bar("clean", 600, 1000, 600, "a source")
    line = capsys.readouterr().err
    assert "60 %" in line
    assert "600 documents" in line
    assert "10/s" in line
    assert "0:40 left" in line
    assert line.rstrip().endswith("a source")
