"""The build: run the stages, write the dataset, leave markers; or only say what would run, and what is kept."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpuskit.cleaning.budget import Excess
from corpuskit.config import Config
from corpuskit.dataset import folder as folders
from corpuskit.dataset.card_file import CardFile, read_card_file
from corpuskit.dataset.release import Funnel
from corpuskit.dataset.upload import is_there, refuse_strangers, upload
from corpuskit.errors import DamagedError, UsageError, nearest
from corpuskit.metadata.aliases import Aliases
from corpuskit.model import Quarantined
from corpuskit.reviewing.decisions import Decisions, load_decisions
from corpuskit.run import digests, inputs, templates
from corpuskit.run.engine import Alone, Engine, Local, Progress, memory_share, run_tasks, silent
from corpuskit.run.planning import Due, Planned, Planner, reasons
from corpuskit.run.released import taken_down
from corpuskit.run.stages import STAGES, Made, Stages
from corpuskit.run.store import Freed, Marker, Store, mirror
from corpuskit.run.task import Task
from corpuskit.run.waiting import Say, unsaid
from corpuskit.sources.authors import load_aliases
from corpuskit.sources.hub import PREFIX, cached
from corpuskit.storage import Remote, place_of
from corpuskit.tasks.budget import read_exceeded
from corpuskit.tasks.spared import Spared

__all__ = ["STAGES", "Built", "Plan", "build", "clean_cache", "plan_of", "planned"]

_SMALL = 4 << 20  # bytes of input below which starting worker processes costs more than it saves
_UNSEEN = ("count", "dedup")  # stages without which a document is in the dataset: others hold or quarantine it


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did."""

    name: str
    folder: Path
    stage: str  #: the last stage that was asked for
    ran: int  #: tasks that ran
    reused: int  #: tasks whose outputs were there
    packaged: bool  #: whether the dataset folder was written
    funnel: Funnel | None
    digest: str  #: content digest of the dataset
    quarantined: tuple[Quarantined, ...]
    held: tuple[tuple[str, str], ...]  #: id and reason
    filtered: tuple[tuple[str, str, str], ...]  #: id, condition, and the values that decided
    withheld: tuple[tuple[str, str], ...] = ()  #: id, and what of the takedown list keeps it out
    unknown: tuple[str, ...] = ()  #: ids on the takedown list of which no text is known, so that copies are not told
    url: str = ""  #: of the dataset, where the output folder is storage by URL; `folder` is its copy on this machine
    exceeded: tuple[Excess, ...] = ()  #: sources, and rules in them, whose documents are held together
    unseen: tuple[tuple[str, Spared], ...] = ()  #: stages that left alone what is in the dataset all the same
    idle: tuple[str, ...] = ()  #: declared sources whose `files` match no file
    links: tuple[tuple[str, str], ...] = ()  #: links within the input that are passed over, and the files that are read for them

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should look at something: exit code 3."""
        return bool(self.quarantined or self.held or self.unknown or self.exceeded or self.unseen)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a build reads and writes, and with what options."""

    config: Config
    raw: Path | Remote
    place: folders.Place  #: where the dataset is written on this machine
    card: CardFile
    home: Path  #: from where relative paths in the options count
    aliases: Aliases = ()  #: of authors, as `[metadata] authors` states them
    remote: Remote | None = None  #: the output folder, where that is storage by URL
    decisions: Decisions = field(default_factory=Decisions)  #: about held documents, as `[clean] decisions` states them

    @property
    def published(self) -> Remote | None:
        """Where the dataset is put in storage by URL."""
        return self.remote / self.config.build.name if self.remote else None

    @property
    def store(self) -> Store:
        """What the build keeps for itself."""
        return Store(self.remote / f".build/{self.config.build.name}" if self.remote else self.place.workshop)


def plan_of(config: Config, home: Path) -> Plan:
    """Return the plan for a configuration whose relative paths count from `home`.

    Raises `UsageError`, `OutputError` or `ConfigError` for names and files that cannot be, `InputError` for a dataset
    that is to come from the cache of `datasets` and is not there.
    """
    config = dataclasses.replace(config, clean=config.clean.at(home))
    processed = place_of(config.build.processed, home)
    remote = processed if isinstance(processed, Remote) else None
    place = folders.place(mirror(processed) if isinstance(processed, Remote) else processed, config.build.name)
    card_path = home / "card.toml"
    card = read_card_file(card_path) if card_path.exists() else CardFile()
    aliases = load_aliases(home, config.metadata.authors)
    said = config.build.raw
    raw = cached(said) if said.startswith(PREFIX) else place_of(said, home)
    decisions = load_decisions(home, config.clean.decisions)
    if any("." in name for name in config.clean.disable):  # else there is no rule to be looked for
        from corpuskit.cleaning.chosen import known_rules
        from corpuskit.cleaning.rules.loader import read_own

        known_rules(config.clean, read_own(config.clean.own_rules))
    return Plan(config, raw, place, card, home, aliases, remote, decisions)


def build(
    plan: Plan, until: str = "package", progress: Progress = silent, retry: bool = False, say: Say = unsaid
) -> Built:
    """Run all stages up to `until` and return what was done. What is already done is not done again.

    With `retry`, what workers died on or code failed at in an earlier build, and is left alone since then, is tried again.
    What is waited for, another build or a cluster, is told to `say`. Raises
    `CorpuskitError` of the kind that fits: a missing input folder, an output that cannot be written, a dataset that
    does not load. The dataset folder that stood there stays in all these cases.
    """
    _known(until)
    store = plan.store
    with store.locked(say=say):
        store.prepare()
        folders.repair(plan.place)
        if until == "package":
            folders.refuse_strangers(plan.place.target)  # before hours of work, not behind them
            if plan.published:
                refuse_strangers(plan.published)
        if retry:
            store.spare_nothing()
        while True:
            run = _Run(plan, store, progress, say)
            try:
                return run.until(until)
            except DamagedError as error:  # once for each file at most: it goes
                say(str(error))
                store.discard(error.files)
            finally:
                run.engine.close()
                store.sweep()


def planned(plan: Plan, until: str = "package", retry: bool = False) -> Planned:
    """Return which tasks a build up to `until`, with or without `retry`, would run, and why. Nothing is run and nothing is
    written.
    """
    _known(until)
    store = plan.store
    store.refresh()
    if retry:
        store.spare_nothing(forget=False)
    planner = Planner(store)
    found = inputs.survey(plan.raw, plan.config.ingest, store, plan.published or plan.place.target)
    stages = Stages(plan.config, plan.home, plan.card, found, store, planner.run, plan.aliases, plan.decisions)
    made = stages.until(until)
    due, reused = planner.due, planner.reused
    if until == "package":
        if why := _package_reasons(plan, store, stages.package(made), waits=bool(due)):
            due = [*due, Due("package", plan.config.build.name, tuple(why), True)]
        elif due:
            due = [*due, Due("package", plan.config.build.name, (), False)]
        else:
            reused += 1
    return Planned(plan.config.build.name, until, tuple(due), reused, planner.gone())


def clean_cache(plan: Plan, everything: bool = False, say: Say = unsaid) -> Freed:
    """Remove the stage outputs that the last build does not need; with `everything`, those that it needs as well.

    The outputs that hold the text and ledger of held documents stay in any case: they are in no other place. That a
    build is waited for is told to `say`.
    """
    store = plan.store
    if store.remote is None and not store.tasks.is_dir():
        return Freed(0, 0, 0)
    with store.locked(say=say):
        store.prepare()
        keep = set(store.last().values())
        if everything:
            held = _held_shards(store)
            keep = {key for key in keep if _holds(store, key, held)}
        return store.trim(keep, 0)


def _held_shards(store: Store) -> set[str]:
    """The files of the last build, cleaned texts and fates, of shards some of whose documents are held."""
    from corpuskit.tasks import shards

    try:
        made = json.loads((store.root / "shards.json").read_bytes())
    except (OSError, ValueError):
        return set()
    found: set[str] = set()
    for names in made:
        path = store.fetch(store.path(names["fates"]))
        if path.exists() and "held" in shards.table(path, ["fate"]).column("fate").to_pylist():
            found |= {names["cleaned"], names["fates"]}
    return found


def _holds(store: Store, key: str, held: set[str]) -> bool:
    """Say whether a task's outputs are of documents some of which are held: they say so, or are among the files `held`."""
    from corpuskit.tasks import shards

    marker = store.marker(key)
    if marker and held & {file for _, file in marker.outputs}:
        return True
    for name in marker.names("cleaned") if marker else ():
        if marker:
            table = shards.table(store.fetch(store.path(marker.output(name))), ["status"])
            if "held" in table.column("status").to_pylist():
                return True
    return False


def _known(stage: str) -> None:
    if stage not in STAGES:
        raise UsageError(f"no stage is called {stage!r}{nearest(stage, STAGES)}")


def _package_reasons(plan: Plan, store: Store, task: Task, waits: bool = False) -> list[str]:
    """Return why the dataset folder has to be written; nothing when it is there as this task would write it."""
    said = _read_json(store.root / "package.json")
    target = plan.place.target
    if not target.is_dir():
        return ["there is no dataset yet"]
    listing = _listing(target)
    if said.get("files") != listing or (plan.published and not is_there(plan.published, listing)):
        return ["the dataset folder is not as it was written"]
    if said.get("key") == task.key:
        return []
    return reasons(said.get("of"), task, waits)


def engine_of(config: Config, size: int, store: Store, say: Say) -> Engine:
    """Return the engine for an input of `size` bytes, as the options have it; it tells `say` what it waits for."""
    small = size < _SMALL
    workers = config.build.workers or (1 if small else len(os.sched_getaffinity(0)))
    alone = small and workers == 1 and config.run.engine == "local"  # else even one worker is worth being watched
    if alone or (store.remote and store.remote.local_to_this_process()):
        return Alone(store, config.run.patience)
    if config.run.engine != "local":
        from corpuskit.run.cluster import Cluster

        return Cluster(store, config.run.engine, workers, config.run.memory_bytes, config.run.patience, say)
    return Local(store, workers, config.run.memory_bytes or memory_share(workers), config.run.patience)


class _Run:
    """One build under way."""

    def __init__(self, plan: Plan, store: Store, progress: Progress, say: Say) -> None:
        self.plan = plan
        self.store = store
        self.progress = progress
        found = inputs.survey(plan.raw, plan.config.ingest, store, plan.published or plan.place.target)
        inputs.keep(found, store)
        self.links = found.links
        self.idle = found.declared.idle([file.path for file in found.files])
        self.stages = Stages(plan.config, plan.home, plan.card, found, store, self.run, plan.aliases, plan.decisions)
        self.engine = engine_of(plan.config, found.bytes, store, say)
        self.ran = 0
        self.reused = 0
        self.slots: dict[str, str] = {}
        self.unseen: list[tuple[str, Spared]] = []

    def until(self, last: str) -> Built:
        made = self.stages.until(last)
        if last != "ingest":
            templates.keep(self.store, made.counted)
        funnel, digest, packaged = self.package(made) if last == "package" else (None, "", False)
        self.finish(last)
        if made.fates:
            self.remember(made)
        self.fetch(made.fates, made.quarantine)
        if made.decided and made.before.withdrawn:
            self.fetch([made.decided.withheld, made.before.withdrawn])
        left_out = _left_out(made.fates)
        return Built(
            self.plan.config.build.name,
            self.plan.place.target,
            last,
            self.ran,
            self.reused,
            packaged,
            funnel,
            digest,
            _quarantined(made.quarantine),
            tuple((id_, f"{reason}: {said}") for id_, fate, reason, said in left_out if fate == "held"),
            tuple((id_, reason, said) for id_, fate, reason, said in left_out if fate == "filtered"),
            *(taken_down(made.before, made.decided.withheld, made.fates) if made.decided else ((), ())),
            str(self.plan.published or ""),
            read_exceeded(self.store.fetch(made.judged.exceeded)) if made.cleaned else (),
            tuple(dict.fromkeys(self.unseen)),
            self.idle,
            self.links,
        )

    def run(self, tasks: Sequence[Task]) -> list[Marker]:
        tasks = self.store.relieved(tasks)
        done = sum(self.store.marker(task.key) is not None for task in tasks)
        markers = run_tasks(self.store, self.engine, tasks, self.progress)
        spared = [(task.stage, one) for task in self.store.relieved(tasks) for one in task.spared]
        self.unseen += [pair for pair in spared if pair[0] in _UNSEEN]
        self.reused += done
        self.ran += len(tasks) - done
        self.slots.update((task.slot, marker.key) for task, marker in zip(tasks, markers, strict=True))
        return markers

    def package(self, made: Made) -> tuple[Funnel, str, bool]:
        """Write the dataset, unless the one that stands there was made of the same things and is whole."""
        from corpuskit import __version__
        from corpuskit.tasks.package import Shards, package

        task = self.stages.package(made)
        kept = self.store.root / "package.json"
        if not _package_reasons(self.plan, self.store, task):
            said = _read_json(kept)
            funnel = Funnel(**{**said["funnel"], "reasons": tuple(tuple(one) for one in said["funnel"]["reasons"])})
            self.reused += 1
            return funnel, said["digest"], False
        self.progress("package", 0, 0, 0, task.label)
        decided = made.decided
        assert decided is not None  # noqa: S101  # package stands behind dedup
        self.fetch(made.documents, made.cleaned, made.enriched, made.fates, made.quarantine, made.overlaps)
        self.fetch(made.marked)
        self.fetch([made.counted.read] if made.counted.read else [])
        self.fetch([decided.stars, decided.withheld, decided.related])
        done = package(
            Shards(
                made.documents,
                made.cleaned,
                made.enriched,
                made.fates,
                made.quarantine,
                decided.stars,
                decided.withheld,
                decided.related,
                made.overlaps,
                made.counted.read,
                made.marked,
            ),
            self.plan.place,
            self.plan.config.package,
            self.stages.inputs.declared,
            self.plan.card,
            self.stages.steps(made),
            f"corpuskit {__version__}",
            self.store.work,
            made.before.releases,
            self.plan.config.split,
            self.plan.config.pii.masked,
            lambda done, total, what: self.progress("package", done, total, done, what),
        )
        if self.plan.published:
            upload(self.plan.place.target, self.plan.published)
        said = {
            "key": task.key,
            "of": task.account,
            "digest": done.digest,
            "files": _listing(self.plan.place.target),
            "funnel": dataclasses.asdict(done.funnel),
        }
        self.store.write(kept, json.dumps(said, sort_keys=True).encode())
        self.ran += 1
        self.progress("package", done.funnel.kept, done.funnel.kept, done.funnel.kept, "")
        return done.funnel, done.digest, True

    def fetch(self, *groups: Sequence[Path]) -> None:
        """Bring outputs that this process reads."""
        paths = [path for group in groups for path in group]
        self.store.require_sound(paths)
        for path in paths:
            self.store.fetch(path)

    def remember(self, made: Made) -> None:
        """Leave word of where the documents of this build are, for `explain`."""
        stages = ("documents", "cleaned", "enriched", "fates")
        shards = zip(*(getattr(made, stage) for stage in stages), strict=True)
        withheld = {"withheld": made.decided.withheld.name} if made.decided else {}
        names = [{stage: path.name for stage, path in zip(stages, paths, strict=True)} | withheld for paths in shards]
        self.store.write(self.store.root / "shards.json", json.dumps(names, indent=0).encode())

    def finish(self, last: str) -> None:
        """Leave a marker per stage, for make, whose content changes only when the stage's outputs do; trim the cache."""
        for stage in STAGES[: STAGES.index(last) + 1]:
            path = self.store.root / f"{stage}.done"
            text = digests.of_value([stage, list(self.slots.values())]).encode() + b"\n"
            if not path.exists() or path.read_bytes() != text:
                self.store.write(path, text)
        slots = self.slots if last == "package" else {**self.store.last(), **self.slots}
        self.store.keep_last(slots)
        limit = self.plan.config.run.cache_bytes
        if self.ran or self.store.passes(limit):  # the limit may have been lowered
            self.store.trim(set(slots.values()), limit)


def _listing(folder: Path) -> list[list[object]]:
    """Path, size and digest of each file of a dataset folder."""
    if not folder.is_dir():
        return []
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    return [[path.relative_to(folder).as_posix(), path.stat().st_size, digests.of_file(path)] for path in files]


def _read_json(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return said if isinstance(said, dict) else {}


def _quarantined(paths: Sequence[Path]) -> tuple[Quarantined, ...]:
    from corpuskit import schemas
    from corpuskit.tasks import shards

    rows = [row for path in paths for row in schemas.quarantined(shards.table(path))]
    return tuple(sorted(rows, key=lambda row: (row.path, row.record, row.offset, row.reason)))


def _left_out(paths: Sequence[Path]) -> list[tuple[str, str, str, str]]:
    """Id, fate, reason and evidence of the documents that are held or filtered, sorted by id."""
    import pyarrow as pa
    import pyarrow.compute as pc

    from corpuskit.tasks import shards

    found = []
    for path in paths:
        table = shards.table(path, ["id", "fate", "reason", "evidence"])
        table = table.filter(pc.is_in(table.column("fate"), pa.array(["held", "filtered"])))
        found += [(row["id"], row["fate"], row["reason"], row["evidence"]) for row in table.to_pylist()]
    return sorted(found)
