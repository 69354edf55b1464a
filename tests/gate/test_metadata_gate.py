"""The floors of metadata: a drop fails, and no floor is lowered unless asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import metadata


def measured(monkeypatch: pytest.MonkeyPatch, folder: Path, now: dict[str, float], floors: dict[str, float]) -> Path:
    """Let the gate measure `now` and find `floors` pinned."""
    path = folder / "floors.json"
    path.write_text(json.dumps(floors), encoding="utf-8")
    monkeypatch.setattr(metadata, "FLOORS", path)
    monkeypatch.setattr(metadata, "bench", lambda: folder)
    monkeypatch.setattr(metadata, "pinned", lambda: now)
    return path


def test_a_drop_fails_and_stays_pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is below its floor fails, and pinning does not lower it."""
    path = measured(monkeypatch, tmp_path, {"title": 0.8, "authors": 0.9}, {"title": 0.9, "authors": 0.85})
    assert (1, 1) == (metadata.gate(), metadata.gate(pin=True))
    assert {"title": 0.9, "authors": 0.85} == json.loads(path.read_text(encoding="utf-8"))
    assert metadata.gate(pin=True, lower=True) == 0
    assert {"title": 0.8, "authors": 0.9} == json.loads(path.read_text(encoding="utf-8"))


def test_a_rise_holds_and_can_be_pinned(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """What is above its floor holds; a measure that is gone does not."""
    path = measured(monkeypatch, tmp_path, {"title": 0.95}, {"title": 0.9})
    assert (0, 0) == (metadata.gate(), metadata.gate(pin=True))
    assert {"title": 0.95} == json.loads(path.read_text(encoding="utf-8"))
    measured(monkeypatch, tmp_path, {}, {"title": 0.9})
    assert metadata.gate() == 1


def test_without_the_data_it_is_skipped(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A clone without the labelled data says SKIPPED and why."""
    monkeypatch.setenv("CORPUSKIT_BENCH", str(tmp_path / "absent"))
    assert metadata.gate() == 0
    assert "SKIPPED" in capsys.readouterr().out
