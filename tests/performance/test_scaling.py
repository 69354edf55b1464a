"""The simulation of large builds runs, on few documents and in this process, and its arithmetic holds together."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import scaling
import traffic


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What 2,000 documents say; memory is that of this process, and says nothing."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(scaling, "alone", lambda function, *arguments: scaling.measured(function, arguments))
        return scaling.simulate(tmp_path_factory.mktemp("scaling"), 2000, 4, 2)


def test_the_simulation_runs(found: dict[str, Any]) -> None:
    """It writes what the tasks of the package read, as they are now."""
    assert found["documents"] == 2000
    assert 80 < found["keys_per_text"] < 140
    assert found["key_bytes_per_text"] > 12 * found["keys_per_text"]
    assert all(found[f"{task.__name__}_cpu_s"] > 0 for task in scaling.SINGLE)
    assert min(found["pairs"]) > 100


def test_the_arithmetic_follows_the_code(found: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """A change of how the work is cut changes the table."""
    table = scaling.sizes(10**7, found)
    assert table["partitions"] == 500
    assert table["files of sightings, thousands"] * 1e3 == pytest.approx(table["shards"] * 500)
    assert table["files between partitions, thousands"] == 750
    parts = [value for name, value in table.items() if name.startswith("moved") and "in all" not in name]
    assert table["moved by URL: in all, GB"] == pytest.approx(sum(parts))
    monkeypatch.setattr("corpuskit.run.dedup._PER_PART", 50_000)
    assert scaling.sizes(10**7, found)["partitions"] == 200


def test_what_a_build_by_url_moves_is_counted(tmp_path: Path) -> None:
    """The input comes twice, and all that tasks write goes out once under the name of its output."""
    texts = ["\n\n".join(f"Boat {at} left harbour {at * 7 + line} before dawn." for line in range(20)) for at in range(5)]
    path = tmp_path / "articles.jsonl"
    path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))
    size, moved = traffic.measure(path)
    assert size == sum(map(len, texts))
    assert moved.got["articles.jsonl"] == 2 * path.stat().st_size
    assert {"documents-*.parquet", "cleaned.parquet", "seen-*.parquet", "keys-*.parquet"} <= set(moved.put) & set(moved.got)
    assert moved.requests["documents-*.parquet"] == 9
