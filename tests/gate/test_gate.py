"""The ratchet: floors go up by themselves and down only by name."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gate
import scoring
from gate import Floors, drops, raised

PINNED = {"a": {"removed": 0.5, "lost": 100.0, "f1": 0.9}, "a/class/nav": {"removed": 0.4}}

FLOOR = st.fixed_dictionaries(
    {}, optional={name: st.integers(0, 9).map(float) for name in ("removed", "lost", "f1", "neg merged")}
).filter(bool)  # fmt: skip
TABLE = st.dictionaries(st.sampled_from(["a", "a/lang/de", "a/class/nav", "b"]), FLOOR)


def test_equal_scores_hold() -> None:
    """What is exactly at its floor holds."""
    assert [] == drops(PINNED, PINNED)


@pytest.mark.parametrize(
    ("path", "name", "value"), [("a", "removed", 0.4999), ("a", "lost", 101), ("a", "f1", 0.8999)]
)
def test_a_drop_is_named(path: str, name: str, value: float) -> None:
    """Any score on the wrong side of its floor fails, and says where and by how much."""
    now = {**PINNED, path: {**PINNED[path], name: value}}
    assert [f"{path}: {name} {value:g}, pinned at {PINNED[path][name]:g}"] == drops(PINNED, now)


def test_what_is_not_measured_any_more_fails() -> None:
    """A cell or a score that vanishes is a drop; a new one without a floor is not silently free."""
    assert ["a/class/nav: no longer measured"] == drops(PINNED, {"a": PINNED["a"]})
    assert ["a: f1 is no longer measured"] == drops({"a": PINNED["a"]}, {"a": {"removed": 0.5, "lost": 1.0}})
    assert ["b: has no floor yet"] == drops({}, {"b": {"removed": 0.1}})


@given(TABLE, TABLE)
def test_an_update_never_lowers_a_floor(pinned: dict[str, dict[str, float]], now: dict[str, dict[str, float]]) -> None:
    """After an update every floor is at least as strict as before."""
    assert [] == [line for line in drops(pinned, raised(pinned, now)) if "has no floor" not in line]


@given(TABLE, TABLE)
def test_a_name_lowers_what_it_names_and_nothing_else(
    pinned: dict[str, dict[str, float]], now: dict[str, dict[str, float]]
) -> None:
    """`--lower a` makes the floors of a and all below it what is measured; the others are as without it."""
    plain, lowered = raised(pinned, now), raised(pinned, now, ["a"])
    named = {path for path in {*pinned, *now} if path == "a" or path.startswith("a/")}
    assert {path: now[path] for path in named if path in now} == {p: v for p, v in lowered.items() if p in named}
    assert {p: v for p, v in plain.items() if p not in named} == {p: v for p, v in lowered.items() if p not in named}


def test_floors_survive_writing(tmp_path: Path) -> None:
    """A file of floors reads back as it was written, and is JSON for others."""
    floors = Floors("abc", {"a": "123"}, PINNED)
    gate.write(tmp_path / "floors.json", floors)
    assert floors == gate.read(tmp_path / "floors.json")
    assert ["cleaning", "data", "floors"] == list(json.loads((tmp_path / "floors.json").read_text()))


def made_tree(root: Path) -> Path:
    """A package with a file of each kind that decides what cleaning does."""
    for name in ("model.py", "text.py", "words.py", "cleaning/phases.py", "cleaning/rules/data/nav/en.toml"):
        path = root / "src" / "corpuskit" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return root / "src" / "corpuskit"


def test_the_digest_sees_every_change_of_cleaning(tmp_path: Path) -> None:
    """A rule edited, added or renamed, a model file, a line of code: each changes the digest."""
    package = made_tree(tmp_path)
    seen = [gate.cleaning_digest(tmp_path)]
    (package / "cleaning" / "rules" / "data" / "nav" / "en.toml").write_text("other")
    seen.append(gate.cleaning_digest(tmp_path))
    (package / "cleaning" / "model.bin").write_bytes(b"1")
    seen.append(gate.cleaning_digest(tmp_path))
    (package / "cleaning" / "model.bin").rename(package / "cleaning" / "model2.bin")
    seen.append(gate.cleaning_digest(tmp_path))
    (package / "text.py").write_text("1")
    seen.append(gate.cleaning_digest(tmp_path))
    assert len(seen) == len(set(seen))


def test_the_digest_is_of_sources_alone(tmp_path: Path) -> None:
    """Compiled files and the stored form of the rules do not count: they follow from the sources."""
    package = made_tree(tmp_path)
    before = gate.cleaning_digest(tmp_path)
    (package / "cleaning" / "__pycache__").mkdir()
    (package / "cleaning" / "__pycache__" / "phases.pyc").write_bytes(b"1")
    for name in ("rules.json", "literals.json"):
        (package / "cleaning" / "rules" / "data" / name).write_text("{}")
    assert before == gate.cleaning_digest(tmp_path)


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A gold set of one document, files of floors of its own, and no labelled sets."""
    row = {"id": "x", "lang": "en", "keep": [1, 0], "cls": ["", "ad-marker"],
           "lines": ["The tide came in before the last bus had left.", "Advertisement"]}  # fmt: skip
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(json.dumps(row) + "\n")
    monkeypatch.setattr(gate, "GOLD_FLOORS", tmp_path / "gold.json")
    monkeypatch.setattr(gate, "BENCH_FLOORS", tmp_path / "bench.json")
    monkeypatch.setattr(gate, "COPIES_FLOORS", tmp_path / "copies.json")
    monkeypatch.setattr(gate, "ROOT", tmp_path)
    monkeypatch.setattr(gate, "cleaning_digest", lambda: "now")
    for module in (gate, scoring):
        monkeypatch.setattr(module, "gold_path", lambda _: corpus)
    monkeypatch.setenv("CORPUSKIT_BENCH", str(tmp_path / "nowhere"))
    gate.write(tmp_path / "bench.json", Floors("now", {}, {}))
    scoring.load.cache_clear()
    yield tmp_path
    scoring.load.cache_clear()


def test_a_fresh_floor_holds_and_a_higher_one_fails(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What an update has written holds at once; a floor above the score fails, and an update keeps it."""
    assert (1, 0, 0) == (gate.main(["--workers", "1"]), gate.main(["--update", "--workers", "1"]),
                         gate.main(["--workers", "1"]))  # fmt: skip
    floors = gate.read(small / "gold.json")
    high = {**floors.cells, "gold": {**floors.cells["gold"], "removed": 1.1}}
    gate.write(small / "gold.json", Floors("", floors.data, high))
    capsys.readouterr()
    assert (1, 1) == (gate.main(["--workers", "1"]), gate.main(["--update", "--workers", "1"]))
    assert "gold: removed 1, pinned at 1.1" in capsys.readouterr().err
    assert 1.1 == gate.read(small / "gold.json").cells["gold"]["removed"]
    assert 0 == gate.main(["--update", "--lower", "gold", "--workers", "1"])


def test_without_the_labelled_sets_the_gate_says_so(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """SKIPPED is said; it passes only when the labelled sets were measured with this very tree."""
    gate.main(["--update", "--workers", "1"])
    assert 0 == gate.main(["--workers", "1"])
    assert "SKIPPED" in capsys.readouterr().out
    gate.write(small / "bench.json", Floors("before", {}, {}))
    assert 1 == gate.main(["--workers", "1"])
    assert "cleaning has changed" in capsys.readouterr().err


def test_other_data_fails(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Scores on other documents are not compared in silence, and missing data is a failure."""
    gate.main(["--update", "--workers", "1"])
    with (small / "corpus.jsonl").open("a") as file:
        file.write("\n")
    assert 1 == gate.main(["--workers", "1"])
    assert "not that of the floors" in capsys.readouterr().err
    (small / "corpus.jsonl").unlink()
    assert 1 == gate.main(["--workers", "1"])
    assert "its data is missing" in capsys.readouterr().err


def write_copies(folder: Path) -> None:
    """Labelled copies in small: two pages, one of them through two extractors, and answers to one question."""
    ferry = " ".join(f"the {name} ferry left at {name} and came back with {name} aboard." for name in "abcdefgh")
    tower = " ".join(f"nobody climbs the {name} tower since the {name} stair gave way under {name}." for name in "abcdefgh")
    texts = {
        "natural.docs": [{"id": "n1", "text": ferry}, {"id": "n2", "text": ferry.upper()}, {"id": "n3", "text": tower}],
        "natural.pairs": [{"a": "n1", "b": "n2", "label": "dup"}, {"a": "n1", "b": "n3", "label": "neg"}],
        "renderings": [
            {"id": "f:one", "cluster": "made-f", "text": f"{ferry}\n"},
            {"id": "f:two", "cluster": "made-f", "text": f"The ferry of the harbour town\n\n{ferry}\n"},
            {"id": "t:one", "cluster": "made-t", "text": f"{tower}\n"},
        ],
        "clough_stevenson.docs": [{"id": "cut", "text": ferry[:400]}, {"id": "orig", "text": ferry}],
        "clough_stevenson.pairs": [{"a": "cut", "b": "orig", "label": "cut"}],
        "story_chains.docs": [{"id": "s1", "text": ferry}, {"id": "s2", "text": tower}],
    }
    folder.mkdir()
    for name, rows in texts.items():
        with gzip.open(folder / f"{name}.jsonl.gz", "wt") as file:
            file.writelines(json.dumps(row) + "\n" for row in rows)


def test_what_is_found_among_copies_is_held_too(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Figures of all sets are pinned with the data's digests; a copy that is found no more fails, and so do other data."""
    write_copies(small / "dedup")
    monkeypatch.setenv("CORPUSKIT_BENCH", str(small))
    assert 0 == gate.main(["--update", "--workers", "1"])
    floors = gate.read(small / "copies.json")
    assert {"dup found": 1.0, "neg merged": 0.0} == floors.cells["natural"]
    assert 1.0 == floors.cells["renderings"]["F1"] == floors.cells["cleaned"]["F1"]
    assert {"cut found": 1.0, "light merged": 0.0, "heavy merged": 0.0, "non merged": 0.0} == floors.cells["answers"]
    assert 0 == gate.main(["--workers", "1"])
    gate.write(small / "copies.json", Floors("", floors.data, {**floors.cells, "natural": {"dup found": 2, "neg merged": 0}}))
    capsys.readouterr()
    assert 1 == gate.main(["--workers", "1"])
    assert "natural: dup found 1, pinned at 2" in capsys.readouterr().err
    gate.write(small / "copies.json", Floors("", {**floors.data, "renderings": "0"}, floors.cells))
    assert 1 == gate.main(["--workers", "1"])
    assert "renderings: the data is not that of the floors" in capsys.readouterr().err
