"""What workers die on, or code fails at, is named and left alone in whole builds: documents, files, parts of files."""

from __future__ import annotations

import importlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from corpuskit.run import inputs, worker
from corpuskit.run.build import Plan, build
from corpuskit.run.planning import Planner
from corpuskit.run.stages import Stages
from corpuskit.run.store import Marker
from corpuskit.run.task import Task
from corpuskit.tasks.spared import Spared

from . import misbehaving
from .test_build import digest
from .test_workers import corpus, plan_for


@pytest.mark.parametrize("error", ["", "KeyError: 'x' (page.py, line 7)"])
@pytest.mark.parametrize("stage", ["ingest", "clean", "enrich"])
def test_what_is_spared_is_held_or_quarantined_by_name(tmp_path: Path, stage: str, error: str) -> None:
    """Whatever the stage, the file is named, the account adds up, and --retry brings the document back."""
    raw = corpus(tmp_path / "raw", 5)
    plan = plan_for(raw, tmp_path / "out", 1)
    folder = build(plan).folder
    before = digest(folder)
    tasks = [one for one in tasks_of(plan) if one.function == f"{stage}:{stage}"]
    for one in tasks:
        plan.store.spare(one, [Spared(what, error) for what in ("source-3/3.txt", id_of(folder, "source-3/3.txt"))])
    built = build(plan)
    assert built.needs_a_look
    if stage == "ingest":
        (row,) = built.quarantined
        assert (row.path, row.reason) == ("source-3/3.txt", "defect" if error else "worker-died")
        assert (error or "Worker processes died") in row.message
    else:
        assert [why for _, why in built.held] == [f"defect: source-3/3.txt: {error}" if error else "worker-died: source-3/3.txt"]
    assert built.funnel is not None
    assert (built.funnel.read, built.funnel.kept + built.funnel.merged) == (5, 4)
    assert build(plan).ran == 0
    assert digest(build(plan, retry=True).folder) == before


@pytest.mark.parametrize(
    ("place", "named"),
    [
        ("sources.reading._document", "quarantined"),
        ("schemas.documents_batch", "quarantined"),
        ("cleaning.phases.repair", "held"),
    ],
)
def test_a_build_in_one_process_names_the_file_at_which_code_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str, named: str
) -> None:
    """The others are in the dataset; when the code is mended, --retry has the dataset that was to be."""
    raw = corpus(tmp_path / "raw", 5)
    plan = plan_for(raw, tmp_path / "out", 1)
    module, _, name = f"corpuskit.{place}".rpartition(".")
    sound = getattr(importlib.import_module(module), name)
    plan.store.prepare()
    (plan.store.root / "buckets").write_text("1")  # so that others stand beside it and behind it

    def fails(first: Any, *rest: Any) -> Any:
        if "number 3." in str(first):
            raise ZeroDivisionError("nobody expected this")
        return sound(first, *rest)

    with monkeypatch.context() as patch:
        patch.setattr(importlib.import_module(module), name, fails)
        built = build(plan)
    said = [f"{row.path}: {row.message}" for row in built.quarantined] + [why for _, why in built.held]
    assert len(said) == 1
    assert "source-3/3.txt: " in said[0]
    assert "ZeroDivisionError: nobody expected this (test_spared.py, line " in said[0]
    assert (named == "quarantined") == bool(built.quarantined)
    assert build(plan).ran == 0
    assert digest(build(plan, retry=True).folder) == digest(build(plan_for(raw, tmp_path / "peace", 1)).folder)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """A folder with one file of 60 rows, some 110 bytes each."""
    raw = tmp_path / "raw"
    raw.mkdir()
    texts = [f"In the year {1900 + row} the ferry left at {row}, and nobody waited at the quay for it." for row in range(60)]
    lines = [json.dumps({"text": text, "id": f"r{row}"}) + "\n" for row, text in enumerate(texts)]
    (raw / "big.jsonl").write_text("".join(lines))
    return raw


def cut_up(raw: Path, home: Path) -> Plan:
    """A build of `raw` by two workers, which cuts files into parts of 2,000 bytes."""
    plan = plan_for(raw, home, 2)
    plan.store.prepare()
    (plan.store.root / "part").write_text("2000")
    return plan


def sabotage(monkeypatch: pytest.MonkeyPatch, name: str, offset: int) -> None:
    """Let workers die when ingest calls `name` for a file or the part of one that holds `offset`."""
    first = misbehaving.SABOTAGE.format(module=misbehaving.__name__, name=name, offset=offset)
    monkeypatch.setattr(worker, "_START", worker._START.replace("serve(*", f"{first}serve(*"))


def test_a_file_that_cannot_be_cut_is_read_as_a_whole(rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where workers die only in looking for the cuts, nothing is lost and nothing is to be told."""
    sabotage(monkeypatch, "cuts", 0)
    built = build(cut_up(rows, tmp_path / "out"))
    assert built.funnel is not None
    assert (built.needs_a_look, built.funnel.kept + built.funnel.merged) == (False, 60)


def test_a_part_that_kills_is_quarantined_as_a_part(rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says which bytes and from which record on; the rows of the other parts are in the dataset."""
    sabotage(monkeypatch, "read", 3000)
    built = build(cut_up(rows, tmp_path / "out"))
    (row,) = built.quarantined
    assert (row.path, row.reason) == ("big.jsonl", "worker-died")
    lines = (rows / "big.jsonl").read_bytes().splitlines(keepends=True)
    first = int(row.record.removesuffix("-"))
    assert row.offset == sum(map(len, lines[: first - 1])) >= 2000
    assert re.search(rf"bytes {row.offset} to \d+ of this file, from record {first} on\. .* count as one", row.message)
    assert built.funnel is not None
    assert first > 1
    assert built.funnel.quarantined == 1
    assert 30 < built.funnel.kept + built.funnel.merged < 60


@pytest.mark.parametrize(("function", "stage"), [("templates:sight", "count"), ("dedup:sketch_shard", "dedup")])
def test_what_a_stage_has_not_seen_is_told_though_it_is_kept(tmp_path: Path, function: str, stage: str) -> None:
    """A document on which copies could not be looked for stays in the dataset: each build says so, until --retry."""
    plan = plan_for(corpus(tmp_path / "raw", 5), tmp_path / "out", 1)
    folder = build(plan).folder
    before, one = digest(folder), Spared(id_of(folder, "source-3/3.txt"), "KeyError: 'x' (page.py, line 7)")
    for task in tasks_of(plan):
        if task.function == function:
            plan.store.spare(task, [one])
    for _ in range(2):
        built = build(plan)
        assert (built.unseen, built.needs_a_look) == (((stage, one),), True)
        assert built.funnel is not None
        assert built.funnel.kept + built.funnel.merged == 5
    built = build(plan, retry=True)
    assert (built.unseen, built.needs_a_look, digest(built.folder)) == ((), False, before)


def id_of(folder: Path, path: str) -> str:
    """The id of a document that is kept, or of a copy."""
    import pyarrow.parquet as pq

    rows = [*pq.read_table(folder / "data", columns=["id", "path"]).to_pylist()]
    if (folder / "clusters").is_dir():
        copies = pq.read_table(folder / "clusters", columns=["member", "member_path"]).to_pylist()
        rows += [{"id": row["member"], "path": row["member_path"]} for row in copies]
    return next(row["id"] for row in rows if row["path"] == path)


def tasks_of(plan: Plan) -> list[Task]:
    """All tasks of a build that is done."""
    found: list[Task] = []
    planner = Planner(plan.store)

    def run(tasks: Sequence[Task]) -> list[Marker]:
        found.extend(tasks)
        return planner.run(tasks)

    read = inputs.survey(plan.raw, plan.config.ingest, plan.store, plan.place.target)
    Stages(plan.config, plan.home, plan.card, read, plan.store, run).until("dedup")
    return found
