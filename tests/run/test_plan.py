"""`build --plan` says what would run and why, and the cache of outputs keeps to its limit."""

from __future__ import annotations

import dataclasses
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from click.testing import CliRunner

from corpuskit.cleaning import Options as CleanOptions
from corpuskit.cli import cli
from corpuskit.config import BuildOptions, Config, RunOptions
from corpuskit.dataset.options import Options as PackageOptions
from corpuskit.errors import ConfigError
from corpuskit.metadata.options import FilterOptions
from corpuskit.run import digests, inputs
from corpuskit.run.build import Plan, build, clean_cache, plan_of, planned
from corpuskit.run.planning import Planner
from corpuskit.run.stages import Stages
from corpuskit.run.store import Marker
from corpuskit.run.task import Task
from corpuskit.tasks.spared import Spared


@pytest.fixture
def plan(tmp_path: Path) -> Plan:
    """A build of three texts, one of which is held, that has run."""
    raw = tmp_path / "raw"
    raw.mkdir()
    for name, line in (("ash", "The ash was cut in March."), ("birch", "Two birches stand at the gate.")):
        (raw / f"{name}.txt").write_text(f"{line}\nNobody remembers who planted it, or when.\n")
    (raw / "held.txt").write_text("Advertisement\n")
    where = BuildOptions(raw=str(raw), processed=str(tmp_path / "out"), workers=1)
    found = plan_of(Config(build=where, filter=FilterOptions(empty=False)), tmp_path)
    build(found)
    return found


def tree(root: Path) -> dict[str, bytes]:
    """Every file below `root`."""
    return {path.relative_to(root).as_posix(): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_nothing_changed_plans_nothing(plan: Plan) -> None:
    """After a build there is nothing to do, and saying so writes nothing."""
    before = tree(plan.home)
    found = planned(plan)
    assert (found.due, found.reused > 10) == ((), True)
    assert tree(plan.home) == before


def test_before_the_first_build_all_tasks_are_certain(plan: Plan) -> None:
    """Each has never run, also those whose inputs are not there yet; as many run as were planned."""
    place = dataclasses.replace(plan.config.build, name="second")
    second = plan_of(dataclasses.replace(plan.config, build=place), plan.home)
    found = planned(second)
    assert {(one.certain, one.why) for one in found.due if one.stage != "package"} == {(True, ("it has never run",))}
    assert {one.stage for one in found.due} == {"ingest", "count", "clean", "enrich", "dedup", "package"}
    arguments = ["--raw", str(plan.raw), "--processed", str(plan.place.target.parent), "--name", "second"]
    told = CliRunner().invoke(cli, ["build", "--plan", *arguments]).stdout
    assert told.startswith(f"at least {len(found.due)} tasks would run; 0 are done already\n")
    assert "comes out otherwise" not in told
    built = build(second)
    assert (built.ran, built.reused) == (len(found.due), 0)


@pytest.mark.parametrize("stage", ["ingest", "enrich"])
def test_the_plan_of_a_retry(plan: Plan, stage: str) -> None:
    """With --retry the plan is that of a build that tries again what workers died on, and still forgets nothing."""
    found: list[Task] = []
    planner = Planner(plan.store)
    read = inputs.survey(plan.raw, plan.config.ingest, plan.store, plan.place.target)

    def run(tasks: Sequence[Task]) -> list[Marker]:
        found.extend(tasks)
        return planner.run(tasks)

    Stages(plan.config, plan.home, plan.card, read, plan.store, run).until("enrich")
    ids = {row["path"]: row["id"] for row in _documents(plan)}
    what = "ash.txt" if stage == "ingest" else ids["ash.txt"]
    for one in found:
        if one.function == f"{stage}:{stage}":
            plan.store.spare(one, [Spared(what, "the worker died")])
    assert {why for one in planned(plan).due for why in one.why if one.stage == stage} == {
        f"{what} is left alone"
    }
    build(plan)
    clean_cache(plan)  # of what the build before it, which spared nothing, had made
    before = tree(plan.home)
    assert planned(plan).due == ()
    due = planned(plan, retry=True).due
    assert {why for one in due for why in one.why} == {f"{what} is tried again"}
    place = ["--raw", str(plan.raw), "--processed", str(plan.place.target.parent)]
    assert f"{what} is tried again" in CliRunner().invoke(cli, ["build", "--plan", "--retry", *place]).stdout
    assert tree(plan.home) == before
    assert 0 < build(plan, retry=True).ran <= len(due)


def _documents(plan: Plan) -> list[dict[str, str]]:
    """The rows of the dataset."""
    import pyarrow.parquet as pq

    return pq.read_table(plan.place.target / "data", columns=["id", "path"]).to_pylist()


def test_the_plan_names_new_changed_and_deleted_files(plan: Plan) -> None:
    """Each file that changes is named with what happened to it; what stands behind is due only if outputs change."""
    (plan.raw / "ash.txt").write_text("The ash fell.\nNobody heard it.\n")
    (plan.raw / "cedar.txt").write_text("A cedar came.\nIt was a gift.\n")
    (plan.raw / "birch.txt").unlink()
    found = planned(plan)
    due = found.due
    said = {why for one in due if one.stage == "ingest" for why in one.why} | set(found.gone)
    assert {"the file ash.txt is changed", "the file birch.txt is gone"} <= said
    assert "the file cedar.txt is new" in said or "it has never run" in said
    assert {one.certain for one in due if one.stage in ("dedup", "package")} == {False}
    first = build(plan)
    assert first.ran <= len(due)
    assert planned(plan).due == ()


def test_the_plan_names_options_rules_and_versions(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """A changed threshold, changed rules and another version of a library are each named as such."""
    careful = dataclasses.replace(plan.config, clean=CleanOptions(threshold="careful"))
    due = planned(dataclasses.replace(plan, config=careful)).due
    assert {one.stage for one in due if one.certain} == {"clean"}
    assert {one.why for one in due if one.certain} == {("option clean.threshold: standard → careful",)}

    true_code, true_versions = digests.of_code, digests.versions
    monkeypatch.setattr(digests, "of_code", lambda *parts: tuple(
        (kind, "other" if kind == "rules" else digest) for kind, digest in true_code(*parts)))
    assert {one.why for one in planned(plan).due if one.certain} == {("rules changed",)}
    monkeypatch.setattr(digests, "of_code", true_code)
    monkeypatch.setattr(digests, "versions", lambda *names: tuple(
        (name, "0.0" if name == "langdetect" else version) for name, version in true_versions(*names)))
    certain = [one for one in planned(plan).due if one.certain]
    assert {one.stage for one in certain} == {"enrich"}
    assert all(one.why[0].startswith("langdetect ") and one.why[0].endswith(" → 0.0") for one in certain)


def test_another_version_writes_another_card(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """The card names the version that wrote it, also where no stage comes out otherwise."""
    monkeypatch.setattr("corpuskit.__version__", "0.1.0.post1")
    monkeypatch.setattr("corpuskit.run.stages.__version__", "0.1.0.post1")
    assert [(one.stage, one.why) for one in planned(plan).due] == [
        ("package", ("the version of corpuskit is changed",))
    ]
    assert "corpuskit 0.1.0.post1" in (build(plan).folder / "README.md").read_text()


def test_packaging_is_due_for_the_code_that_masks(plan: Plan, monkeypatch: pytest.MonkeyPatch) -> None:
    """It masks what the other stages do not see, so that a repair there must reach a dataset whose stages stay as they are."""
    files = [(name, "other" if name == "metadata/masking.py" else digest) for name, digest in digests._own_files()]
    monkeypatch.setattr(digests, "_own_files", lambda: files)
    monkeypatch.setattr(digests, "of_code", digests.of_code.__wrapped__)
    (due,) = [one for one in planned(plan).due if one.stage == "package"]
    assert (due.certain, due.why) == (True, ("the code of metadata changed",))


def test_the_plan_is_what_then_runs(plan: Plan) -> None:
    """Tasks that are certain run, and no task runs that was not planned."""
    config = dataclasses.replace(plan.config, dedup=dataclasses.replace(plan.config.dedup, min_coverage=0.9))
    changed = dataclasses.replace(plan, config=config)
    found = planned(changed)
    certain = sum(one.certain for one in found.due)
    assert {one.stage for one in found.due if one.certain} == {"dedup"}
    built = build(changed)
    assert certain <= built.ran <= len(found.due)


def test_a_damaged_folder_is_a_reason(plan: Plan) -> None:
    """A dataset folder that was changed by hand is due, and nothing else is."""
    (plan.place.target / "README.md").write_text("gone\n- corpuskit\n")
    due = planned(plan).due
    assert [(one.stage, one.why) for one in due] == [("package", ("the dataset folder is not as it was written",))]


def test_the_command_prints_the_plan(plan: Plan) -> None:
    """`corpuskit build --plan --json` gives stages, labels and reasons, and runs nothing."""
    (plan.raw / "ash.txt").write_text("The ash fell.\nNobody heard it.\n")
    place = ["--raw", str(plan.raw), "--processed", str(plan.place.target.parent)]
    before = tree(plan.home)
    done = CliRunner().invoke(cli, ["build", "--plan", "--json", *place])
    assert done.exit_code == 0, done.output
    said = json.loads(done.stdout)
    assert ["the file ash.txt is changed"] in [one["why"] for one in said["due"]]
    told = CliRunner().invoke(cli, ["build", "--plan", *place])
    assert "the file ash.txt is changed" in told.stdout
    assert tree(plan.home) == before


def test_outputs_of_earlier_builds_are_reused_within_the_limit(plan: Plan) -> None:
    """Going back to an option finds the outputs of then; with no room for them they are made again."""
    careful = dataclasses.replace(plan.config, clean=CleanOptions(threshold="careful"))
    build(dataclasses.replace(plan, config=careful), "clean")
    assert planned(plan, "dedup").due == ()
    none = RunOptions(cache="0")
    build(dataclasses.replace(plan, config=dataclasses.replace(careful, run=none)))
    build(dataclasses.replace(plan, config=dataclasses.replace(careful, run=none)), "ingest")
    later = dataclasses.replace(careful, run=none, clean=CleanOptions(threshold="thorough"))
    build(dataclasses.replace(plan, config=later))
    assert {one.stage for one in planned(dataclasses.replace(plan, config=careful)).due if one.certain} == {"clean"}


def test_a_lower_limit_acts_at_once(plan: Plan) -> None:
    """Also in a build that has nothing to do; what killed processes left of small files goes with the rest."""
    careful = dataclasses.replace(plan.config, clean=CleanOptions(threshold="careful"))
    build(dataclasses.replace(plan, config=careful))
    build(plan)
    before = len(list(plan.store.objects.iterdir()))
    half = plan.store.tasks / "0000.json.4711.tmp"
    half.write_bytes(b"{")
    assert build(dataclasses.replace(plan, config=dataclasses.replace(plan.config, run=RunOptions(cache="0")))).ran == 0
    assert len(list(plan.store.objects.iterdir())) < before
    assert not half.exists()
    assert planned(plan).due == ()


def test_clean_cache_keeps_what_the_last_build_needs(plan: Plan) -> None:
    """Without --all, what goes is not missed: the next build does nothing."""
    careful = dataclasses.replace(plan, config=dataclasses.replace(plan.config, clean=CleanOptions("careful")))
    build(careful)
    freed = clean_cache(careful)
    assert freed.files > 0
    assert planned(careful).due == ()
    assert any(one.stage == "clean" for one in planned(plan).due)


def test_clean_cache_never_takes_the_ledger_of_held_documents(plan: Plan) -> None:
    """With --all the cleaned text of the bucket that holds a held document and its fate stay, and nothing else."""
    held = build(plan).held
    assert len(held) == 1
    done = CliRunner().invoke(
        cli, ["clean-cache", "--all", "--json", "--raw", str(plan.raw), "--processed", str(plan.place.target.parent)]
    )
    assert done.exit_code == 0, done.output
    kept = list(plan.store.objects.iterdir())
    import pyarrow.parquet as pq

    said = {name for path in kept for name in ("status", "fate") if name in pq.read_schema(path).names}
    assert (2, {"status", "fate"}) == (len(kept), said)
    assert json.loads(done.stdout)["kept"] == sum(path.stat().st_size for path in kept)
    assert clean_cache(plan, everything=True).files == 0
    shutil.rmtree(plan.place.target)
    assert build(plan).packaged


@pytest.mark.parametrize("damage", [lambda data: bytes([data[0] ^ 1]) + data[1:], lambda data: b""])
@pytest.mark.parametrize("reader", ["dedup", "package"])
def test_damaged_outputs_are_made_again(plan: Plan, reader: str, damage: Callable[[bytes], bytes]) -> None:
    """A flipped bit, or a file that a power cut left empty, is found before anything is made of it, and told."""
    out = plan.place.target.parent
    options = dataclasses.replace(plan.config.dedup, min_coverage=0.9 if reader == "dedup" else 0.8)
    config = dataclasses.replace(plan.config, dedup=options, package=PackageOptions(level=4))
    shutil.copytree(out, plan.home / "whole")
    where = dataclasses.replace(config.build, processed=str(plan.home / "whole"))
    whole = build(plan_of(dataclasses.replace(config, build=where), plan.home))
    for path in plan.store.objects.iterdir():
        path.write_bytes(damage(path.read_bytes()))
    said: list[str] = []
    built = build(dataclasses.replace(plan, config=config), say=said.append)
    assert said
    assert {one.rpartition(": ")[2] for one in said} == {
        "the bytes are not those that its name promises; a build makes it again"
    }
    assert tree(built.folder) == tree(whole.folder)


def test_a_limit_that_is_no_size_is_refused() -> None:
    """`[run] cache` takes sizes with their units."""
    assert RunOptions(cache="1.5 GB").cache_bytes == 1_500_000_000
    assert RunOptions(cache="0").cache_bytes == 0
    with pytest.raises(ConfigError, match="20 GB"):
        RunOptions(cache="a lot")
