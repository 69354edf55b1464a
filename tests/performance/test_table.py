"""What the tables of speed are made of: costs of commands, environments of peers, recorded copies, growth."""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import growth
import pairs
import peers
import pytest
from measure import Cost, measure, peaks

_MB = 1 << 20


def test_what_processes_below_a_command_take_is_counted() -> None:
    """CPU seconds and memory of a child, and of a grandchild that outlives its parent, belong to the command."""
    work = "import time; held = bytearray(64 << 20); until = time.process_time() + 0.3\nwhile time.process_time() < until: pass"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}])"
    left = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {work!r}]); print('{{\"left\": 7}}')"
    by_child = measure("child", [sys.executable, "-c", parent], 1)
    by_orphan = measure("orphan", [sys.executable, "-c", left], 1)
    assert by_child.cpu > 0.3
    assert by_orphan.cpu > 0.3
    assert by_child.peak > by_child.largest > 64 * _MB
    assert {"left": 7} == by_orphan.said


def test_memory_is_told_by_stage() -> None:
    """What a command held belongs to the stage that it says it was in; when it began is told, too."""
    work = (
        "import json, time; began = time.monotonic(); time.sleep(0.3); second = time.monotonic(); held = bytearray(64 << 20)\n"
        "time.sleep(0.3); print(json.dumps({'moments': [(began, 'first'), (second, 'second')]}))"
    )
    cost = measure("stages", [sys.executable, "-c", work], 1)
    assert cost.said["peaks"]["second"] == (cost.peak, cost.largest)
    assert cost.said["peaks"]["first"][1] + 32 * _MB < cost.largest
    assert cost.at
    assert cost.others is not None
    seen = peaks([(1.0, "a"), (2.0, "b"), (3.0, "a")], (0.5, 1.5, 2.5, 3.5), (10, 20, 30, 40), (5, 6, 9, 8))
    assert {"a": (40, 8), "b": (30, 9)} == seen


def test_a_command_that_fails_is_an_error_with_what_it_said() -> None:
    """A row without a number is not quietly a number."""
    with pytest.raises(RuntimeError, match="no such luck"):
        measure("failing", [sys.executable, "-c", "raise SystemExit('no such luck')"], 1)


def test_a_peer_that_cannot_be_installed_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The reason is the installer's own line, and the next run tries again."""
    (tmp_path / "peers").mkdir()
    (tmp_path / "peers" / "nobody.txt").write_text("a-package-that-is-nowhere==1.0\n")
    monkeypatch.setattr(peers, "HERE", tmp_path)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    for _ in range(2):
        with pytest.raises(peers.Skipped, match="a-package-that-is-nowhere"):
            peers.environment("nobody", tmp_path / "cache")


def test_requirements_of_peers_name_one_version_each() -> None:
    """What is measured today is what is measured tomorrow."""
    for peer in peers.PEERS:
        lines = (peers.HERE / "peers" / f"{peer.package}.txt").read_text().splitlines()
        assert all("==" in line for line in lines if not line.startswith("#"))
        assert (peers.HERE / "flows" / peer.flow).is_file()


def _gold(id_: str, of: str = "", kind: str = "original", rate: float = 0.0) -> dict[str, object]:
    return {"id": id_, "of": of, "kind": kind, "rate": rate}


def test_recorded_copies_are_counted_by_what_became_of_them() -> None:
    """Two copies of one original are of one family; a pair kept apart is weighed; what was left out does not count."""
    gold = [
        _gold("a"), _gold("b"), _gold("c"),
        _gold("a1", "a", "near", 0.02), _gold("a2", "a", "exact"), _gold("b1", "b", "near", 0.02),
        _gold("b2", "b", "near", 0.09), _gold("c1", "c", "exact"),
    ]  # fmt: skip
    kept = {"a": "a1", "a2": "a1", "b1": "c"}
    found = pairs.count(gold, kept, {frozenset(("b", "b2"))}, {"c1"})
    assert {
        pairs.Row("exact", 1, 1, 1),
        pairs.Row("near, 1.0% to 2.5% of the words changed", 2, 1, 1),
        pairs.Row("near, 7.5% to 10.0% of the words changed", 1, 0, 1),
    } == set(found.rows)
    assert (3, 2, (("b1", "c"),)) == (found.merges, found.right, found.foreign)


def test_growth_is_told_and_drawn() -> None:
    """Between sizes that are not ten times apart the step is what ten times would take; the picture holds both panels."""
    costs = [
        Cost("", 1_000, 10.0, 10.0, 500 * _MB, 300 * _MB),
        Cost("", 10_000, 100.0, 100.0, 600 * _MB, 300 * _MB),
        Cost("", 40_000, 400.0, 400.0, 600 * _MB, 300 * _MB),
    ]
    assert [10.0, 10.0] == [pytest.approx(times) for _, _, times in growth.steps(costs)]
    root = ET.fromstring(growth.picture(costs))
    texts = {one.text for one in root.iter("{http://www.w3.org/2000/svg}text")}
    assert {"Time", "Memory", "build", "largest process", "100,000", "documents"} <= texts
