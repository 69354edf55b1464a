"""The floors of metadata: a drop fails, no floor is lowered unless named, what cannot be measured is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import metadata_gate
from metadata_gate import Part, main


@pytest.fixture
def floors(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return a file of floors for two parts: of "text" the data is there, of "pages" it can be taken away."""
    path = tmp_path / "floors.json"
    (tmp_path / "lines").mkdir()
    (tmp_path / "html").mkdir()
    monkeypatch.setattr(metadata_gate, "FLOORS", path)
    monkeypatch.setattr(metadata_gate, "bench", lambda: tmp_path)
    monkeypatch.setattr(metadata_gate, "PARTS", (
        Part(("text",), ("lines",), lambda _: {"text.title": 0.9, "text.date": 0.8, "text.docs_per_second": 7.0}),
        Part(("pages",), ("html",), lambda _: {"pages.date": 85.0}),
    ))  # fmt: skip
    return path


def pin(path: Path, **values: float) -> None:
    """Pin these floors; "_" in a name stands for the dot."""
    path.write_text(json.dumps({name.replace("_", "."): value for name, value in values.items()}), encoding="utf-8")


def pinned(path: Path) -> dict[str, float]:
    """Return the floors in the file."""
    return dict(json.loads(path.read_text(encoding="utf-8")))


def test_a_drop_fails_and_is_lowered_only_by_name(floors: Path) -> None:
    """What is below its floor fails; an update raises the others, and lowers what is named."""
    pin(floors, text_title=0.95, text_date=0.7, pages_date=85.0)
    assert main([]) == 1
    assert main(["--update"]) == 1
    assert pinned(floors) == {"text.title": 0.95, "text.date": 0.8, "pages.date": 85.0}
    assert main(["--update", "--lower", "pages"]) == 1
    assert main(["--update", "--lower", "text.title"]) == 0
    assert pinned(floors) == {"text.title": 0.9, "text.date": 0.8, "pages.date": 85.0}
    assert main([]) == 0


def test_what_is_not_measured_any_more_and_what_is_new_fail(floors: Path) -> None:
    """A measure cannot be dropped in silence, and a new one is to be pinned."""
    pin(floors, text_title=0.9, text_date=0.8, text_gone=0.5, pages_date=85.0)
    assert main([]) == 1
    pin(floors, text_title=0.9, text_date=0.8)
    assert main([]) == 1
    assert main(["--update"]) == 0
    assert pinned(floors) == {"text.title": 0.9, "text.date": 0.8, "pages.date": 85.0}


def test_a_part_without_its_data_is_skipped_and_keeps_its_floors(floors: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Missing data is said and fails nothing; an update without it lowers nothing, not even what is named."""
    pin(floors, text_title=0.9, text_date=0.8, pages_date=99.0)
    (floors.parent / "html").rmdir()
    assert (main([]), main(["--update", "--lower", "pages"])) == (0, 0)
    assert "SKIPPED pages" in capsys.readouterr().out
    assert pinned(floors)["pages.date"] == 99.0


def test_a_part_without_its_extra_is_skipped(
    floors: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The message has the command that installs it."""
    pin(floors, pages_date=99.0)
    monkeypatch.setattr("corpuskit.sources.extras.find_spec", lambda name: None)
    monkeypatch.setattr(metadata_gate, "PARTS", (Part(("pages",), ("html",), lambda _: {}, "html"),))
    assert main([]) == 0
    assert "pip install 'corpuskit[html]'" in capsys.readouterr().out


def test_lowering_goes_with_an_update(floors: Path) -> None:
    """A comparison alone never writes."""
    pin(floors, text_title=0.95)
    with pytest.raises(SystemExit) as stopped:
        main(["--lower", "text"])
    assert stopped.value.code == 2
