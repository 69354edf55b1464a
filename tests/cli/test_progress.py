"""The progress line: what it says, and from what it tells the time that is left."""

from __future__ import annotations

import sys
import time

import pytest

from corpuskit.cli.progress import Bar


class Terminal:
    """A wide terminal, and a time that goes on when it is told to."""

    def __init__(self, patch: pytest.MonkeyPatch) -> None:
        self._patch = patch
        self.now = 1000.0
        patch.setattr(time, "monotonic", lambda: self.now)
        patch.setenv("COLUMNS", "200")

    def bar(self) -> Bar:
        """Return what draws on it."""
        self._patch.setattr(sys.stderr, "isatty", lambda: True)
        return Bar()


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """What a bar draws on."""
    return Terminal(monkeypatch)


def test_time_left_counts_what_was_done_since_the_stage_began(
    terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """Half of it was there from an earlier build: 100 of the other 500 documents in ten seconds leave forty."""
    bar = terminal.bar()
    bar("clean", 500, 1000, 500, "")
    terminal.now += 10
    bar("clean", 600, 1000, 600, "a source")
    line = capsys.readouterr().err
    assert "60 %" in line
    assert "600 documents" in line
    assert "10/s" in line
    assert "0:40 left" in line
    assert line.rstrip().endswith("a source")


@pytest.mark.parametrize("shards", [3, 500, 1000])
def test_each_step_of_a_stage_has_a_time_of_its_own(
    shards: int, terminal: Terminal, capsys: pytest.CaptureFixture[str]
) -> None:
    """Dedup sketches for ten minutes, then proposes pairs of 500 partitions, one a second: behind ten, eight minutes are left."""
    bar = terminal.bar()
    bar("dedup", 0, shards, 0, "sketch 1")
    terminal.now += 600
    bar("dedup", shards, shards, 0, "")
    bar("dedup", 0, 500, 0, "propose 1")
    terminal.now += 10
    capsys.readouterr()
    bar("dedup", 10, 500, 0, "propose 11")
    line = capsys.readouterr().err
    assert "2 % · 8:10 left · propose 11" in line
    assert "/s" not in line


def test_a_step_that_another_build_began_is_a_step_too(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """It may begin above what the step before it ended with: its total is another."""
    bar = terminal.bar()
    bar("clean", 0, 4, 0, "")
    terminal.now += 600
    bar("clean", 4, 4, 0, "")
    bar("clean", 5, 10, 0, "losses 6")
    terminal.now += 10
    bar("clean", 6, 10, 0, "losses 7")
    assert "60 % · 0:40 left" in capsys.readouterr().err


def test_where_a_step_begins_is_drawn_at_once(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """The line of the step before it does not stay while the proof takes minutes; one of no known size has no bar."""
    bar = terminal.bar()
    terminal.now += 60
    bar("package", 99, 100, 99, "data")
    bar("package", 0, 0, 0, "proof that it loads")
    assert capsys.readouterr().err.split("\r")[-1].rstrip() == "package  proof that it loads"


@pytest.mark.parametrize(
    ("columns", "line"),
    [
        (120, "clean    ██████████████░░░░░░░░░░ 60 % · 1,600 documents · 110/s · 0:40 left · 渡し舟と港の手紙/95.txt"),
        (90, "clean    ██████░░░░░ 60 % · 1,600 documents · 110/s · 0:40 left · 渡し舟と港の手紙/95.txt"),
        (80, "clean    60 % · 1,600 documents · 110/s · 0:40 left · 渡し舟と港の手紙/95.txt"),
        (40, "clean 60 % · 110/s · 0:40 left · 渡し舟"),
        (20, "clean 60 % · 110/s"),
    ],
)
def test_a_narrow_terminal_loses_the_bar_first(
    columns: int, line: str, terminal: Terminal, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A line that is wider than the terminal would not be drawn over, but scroll; Chinese takes two cells a letter."""
    monkeypatch.setenv("COLUMNS", str(columns))
    bar = terminal.bar()
    bar("clean", 500, 1000, 500, "")
    terminal.now += 10
    capsys.readouterr()
    bar("clean", 600, 1000, 1600, "渡し舟と港の手紙/95.txt")
    told = capsys.readouterr().err.strip("\r ")
    assert told.rstrip(" ·") == line


def test_a_log_gets_a_line_every_half_minute(terminal: Terminal, capsys: pytest.CaptureFixture[str]) -> None:
    """Where stderr is no terminal: no bar, no line that is drawn again, and of short builds nothing."""
    for quiet, drawn, lines in ((False, True, 2), (True, True, 0), (False, False, 0)):
        with Bar(quiet, drawn) as bar:
            for second in range(70):
                bar("clean", second * 10, 1000, second * 10, "a source")
                terminal.now += 1
        said = capsys.readouterr().err.splitlines()
        assert len(said) == lines
        assert said[:1] in ([], ["clean 30 % · 300 documents · 10/s · 1:10 left · a source"])
