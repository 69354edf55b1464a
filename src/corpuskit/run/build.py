"""The build: which tasks there are, what each depends on, and the order of the stages.

ingest ─▶ identify ─▶ count ─▶ clean ─▶ enrich ─▶ dedup ─▶ package
(per bucket)  (all)     (all)   (per bucket) (per bucket)  (all)    (all)
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpuskit.config import Config
from corpuskit.dataset import folder as folders
from corpuskit.dataset.card_file import CardFile, read_card_file
from corpuskit.dataset.release import Funnel, Step
from corpuskit.errors import UsageError, nearest
from corpuskit.model import Quarantined
from corpuskit.run import digests
from corpuskit.run.dedup import Decided, dedup
from corpuskit.run.engine import Progress, Task, run_tasks, silent
from corpuskit.run.inputs import Inputs, survey
from corpuskit.run.released import Before, before, taken_down
from corpuskit.run.store import Marker, Store
from corpuskit.run.stored import from_outputs

__all__ = ["STAGES", "Built", "Plan", "build", "plan_of"]

STAGES = ("ingest", "count", "clean", "enrich", "dedup", "package")

_SMALL = 4 << 20  # bytes of input below which starting worker processes costs more than it saves


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
    withheld: tuple[tuple[str, str], ...] = ()  #: id, and what of the takedown list keeps it out
    unknown: tuple[str, ...] = ()  #: ids on the takedown list of which no text is known, so that copies are not told

    @property
    def needs_a_look(self) -> bool:
        """Whether a person should look at something: exit code 3."""
        return bool(self.quarantined or self.held or self.unknown)


@dataclass(frozen=True, slots=True)
class Plan:
    """Where a build reads and writes, and with what options."""

    config: Config
    raw: Path
    place: folders.Place
    card: CardFile
    home: Path  #: from where relative paths in the options count

    @property
    def store(self) -> Store:
        """What the build keeps for itself."""
        return Store(self.place.workshop)


def plan_of(config: Config, home: Path) -> Plan:
    """Return the plan for a configuration whose relative paths count from `home`.

    Raises `UsageError`, `OutputError` or `ConfigError` for names and files that cannot be.
    """
    place = folders.place(home / config.build.processed, config.build.name)
    card_path = home / "card.toml"
    card = read_card_file(card_path) if card_path.exists() else CardFile()
    return Plan(config, home / config.build.raw, place, card, home)


def build(plan: Plan, until: str = "package", progress: Progress = silent) -> Built:
    """Run all stages up to `until` and return what was done. What is already done is not done again.

    Raises `CorpuskitError` of the kind that fits: a missing input folder, an output that cannot be written, a
    dataset that does not load. The dataset folder that stood there stays in all these cases.
    """
    if until not in STAGES:
        raise UsageError(f"no stage is called {until!r}{nearest(until, STAGES)}")
    store = plan.store
    with store.locked():
        store.prepare()
        folders.repair(plan.place)
        return _Run(plan, store, progress).until(until)


class _Run:
    """One build under way: the markers of the stages that are done."""

    def __init__(self, plan: Plan, store: Store, progress: Progress) -> None:
        self.plan = plan
        self.config = plan.config
        self.store = store
        self.progress = progress
        self.inputs: Inputs = survey(plan.raw, plan.config.ingest, store)
        workers = plan.config.build.workers
        if not workers:
            import os

            workers = 1 if self.inputs.bytes < _SMALL else len(os.sched_getaffinity(0))
        self.workers = workers
        self.ran = 0
        self.reused = 0
        self.keys: list[str] = []
        self.before = Before()
        self.taken_down: tuple[tuple[tuple[str, str], ...], tuple[str, ...]] = ((), ())

    def until(self, last: str) -> Built:
        stages = STAGES[: STAGES.index(last) + 1]
        ingested = self.run(self.ingest_tasks())
        documents = [self.path(marker, "documents.parquet") for marker in ingested]
        refused = self.run([self.identifyfrom_outputs(documents)])[0]
        funnel, digest, packaged = None, "", False
        enriched: list[Marker] = []
        lists: list[Path] = []
        if "count" in stages:
            lists = self.count(documents, sum(one.documents for one in ingested))
        if "clean" in stages:
            cleaned = self.run([self.cleanfrom_outputs(path, lists[at : at + 1]) for at, path in enumerate(documents)])
        if "enrich" in stages:
            enriched = self.run(
                [
                    self.enrichfrom_outputs(
                        path, self.path(one, "cleaned.parquet"), self.path(refused, "quarantine.parquet")
                    )
                    for path, one in zip(documents, cleaned, strict=True)
                ]
            )
        if "dedup" in stages:
            decided = self.dedup(cleaned, enriched)
        if "package" in stages:
            funnel, digest, packaged = self.package(ingested, refused, cleaned, enriched, decided)
        self.mark(stages)
        quarantine = [self.path(marker, "quarantine.parquet") for marker in (*ingested, refused)]
        return Built(
            self.config.build.name,
            self.plan.place.target,
            last,
            self.ran,
            self.reused,
            packaged,
            funnel,
            digest,
            _quarantined(quarantine),
            _held([self.path(marker, "enriched.parquet") for marker in enriched]),
            *self.taken_down,
        )

    def run(self, tasks: Sequence[Task]) -> list[Marker]:
        keys = [task.key for task in tasks]
        done = sum(self.store.marker(key) is not None for key in keys)
        markers = run_tasks(self.store, tasks, self.workers, self.progress)
        self.reused += done
        self.ran += len(keys) - done
        self.keys += keys
        return markers

    def path(self, marker: Marker, name: str) -> Path:
        return self.store.path(marker.output(name))

    # ------------------------------------------------------------------------------------------ the tasks

    def ingest_tasks(self) -> list[Task]:
        from corpuskit.tasks.ingest import IngestOptions

        tasks = []
        for number in range(self.inputs.buckets):
            files = self.inputs.bucket(number)
            if files:
                tasks.append(
                    Task(
                        stage="ingest",
                        label=f"bucket {number + 1} of {self.inputs.buckets}",
                        function="ingest:ingest",
                        inputs=(("root", (str(self.inputs.root.absolute()),)),),
                        digest=digests.of_value([digest for _, digest in files]),
                        options=IngestOptions(
                            tuple(file for file, _ in files), self.inputs.declared, self.config.ingest
                        ),
                        code=("sources",),
                        libraries=("pyarrow", "charset-normalizer", "zstandard", "orjson", "pyyaml"),
                        outputs=("documents.parquet", "quarantine.parquet"),
                    )
                )
        return tasks

    def identifyfrom_outputs(self, documents: Sequence[Path]) -> Task:
        return from_outputs("ingest", "ids", "ingest:identify", {"documents": documents}, None, ("sources",))

    def count(self, documents: Sequence[Path], total: int) -> list[Path]:
        from corpuskit.run.templates import count

        return count(documents, total, self.config.clean, self.plan.home, self.store, self.run)

    def cleanfrom_outputs(self, documents: Path, templates: Sequence[Path]) -> Task:
        return from_outputs(
            "clean",
            documents.name[:12],
            "clean:clean",
            {"documents": [documents], "templates": templates},
            # what the list says counts, and neither where it stands nor whether it was learnt
            dataclasses.replace(self.config.clean, templates="", learn_templates=True),
            ("cleaning",),
            ("ftfy", "google-re2", "numpy"),
            _rules_of(self.config.clean.rules),
        )

    def enrichfrom_outputs(self, documents: Path, cleaned: Path, refused: Path) -> Task:
        from corpuskit.tasks.enrich import EnrichOptions

        return from_outputs(
            "enrich",
            documents.name[:12],
            "enrich:enrich",
            {"documents": [documents], "cleaned": [cleaned], "refused": [refused]},
            EnrichOptions(self.config.enrich, self.inputs.declared),
            ("metadata", "sources/declared.py"),
            ("langdetect", "py3langid", "numpy"),
        )

    def dedup(self, cleaned: Sequence[Marker], enriched: Sequence[Marker]) -> Decided:
        from corpuskit.tasks.dedup import Shard

        self.before = before(self.config.dedup, self.plan.home, self.store, self.run)
        inputs = [
            Shard(self.path(clean, "cleaned.parquet"), self.path(rich, "enriched.parquet"))
            for clean, rich in zip(cleaned, enriched, strict=True)
        ]
        count = sum(one.documents for one in cleaned) + self.before.documents
        # what the files hold counts, and neither where they lie nor what they are called
        options = dataclasses.replace(self.config.dedup, against=(), takedown="")
        decided = dedup([*inputs, *self.before.shards], count, options, self.store, self.run)
        self.taken_down = taken_down(self.before, decided.withheld, [one.facts for one in inputs if one.facts])
        return decided

    def package(
        self,
        ingested: Sequence[Marker],
        refused: Marker,
        cleaned: Sequence[Marker],
        enriched: Sequence[Marker],
        decided: Decided,
    ) -> tuple[Funnel, str, bool]:
        """Write the dataset, unless the one that stands there was made of the same things and is whole."""
        from corpuskit.tasks.package import Shards, package

        made = Shards(
            tuple(self.path(one, "documents.parquet") for one in ingested),
            tuple(self.path(one, "cleaned.parquet") for one in cleaned),
            tuple(self.path(one, "enriched.parquet") for one in enriched),
            tuple(self.path(one, "quarantine.parquet") for one in (*ingested, refused)),
            decided.stars,
            decided.withheld,
            decided.related,
        )
        key = digests.of_value(
            [
                made.names(),
                [release.label for release in self.before.releases],
                self.config.package,
                self.inputs.declared,
                self.plan.card,
                self.config.build.name,
                digests.of_code("tasks", "dataset"),
                digests.versions("pyarrow", "datasets"),
            ]
        )
        kept = self.store.root / "package.json"
        target = self.plan.place.target
        said = _read_json(kept)
        if said.get("key") == key and said.get("files") == _listing(target):
            funnel = Funnel(**{**said["funnel"], "reasons": tuple(tuple(one) for one in said["funnel"]["reasons"])})
            self.reused += 1
            return funnel, said["digest"], False
        self.progress("package", 0, 1, 0)
        from corpuskit import __version__

        done = package(
            made,
            self.plan.place,
            self.config.package,
            self.inputs.declared,
            self.plan.card,
            self.steps(),
            f"corpuskit {__version__}",
            self.store.work,
            self.before.releases,
        )
        self.store.write(
            kept,
            json.dumps(
                {
                    "key": key,
                    "digest": done.digest,
                    "files": _listing(target),
                    "funnel": dataclasses.asdict(done.funnel),
                },
                sort_keys=True,
            ).encode(),
        )
        self.ran += 1
        self.progress("package", 1, 1, done.funnel.kept)
        self.store.prune(self.keys)
        return done.funnel, done.digest, True

    def steps(self) -> list[Step]:
        """What the card says about how the dataset was made."""
        clean, dedup = self.config.clean, self.config.dedup
        return [
            Step(
                "ingest",
                f"{len(self.inputs.files)} files were read; encodings were detected for each file or record.",
                versions=digests.versions("charset-normalizer"),
            ),
            Step(
                "clean",
                "Broken encoding was repaired and residue removed by rules; every change stands in the ledger, and "
                "that text and ledger give back the raw text was proved for each document.",
                settings=(("threshold", str(clean.threshold)), ("least confidence", f"{clean.least:g}")),
                versions=digests.versions("ftfy", "google-re2"),
            ),
            Step(
                "enrich",
                "Fields were taken from the input, from what was removed, and from the text, each with its evidence.",
                versions=digests.versions("langdetect", "py3langid"),
            ),
            Step(
                "dedup",
                "Copies were proposed by MinHash sketches and decided on the texts: a document was left out only when "
                "its text is contained in one that is kept.",
                settings=(
                    ("shingle", f"{dedup.shingle} words"),
                    ("bands × rows", f"{dedup.bands} × {dedup.rows}"),
                    ("least coverage", f"{dedup.min_coverage:g}"),
                    *(("against the release", release.label) for release in self.before.releases),
                ),
            ),
            Step(
                "package",
                "Parquet files were written from one schema, and loaded with `datasets`, plain and streaming.",
                versions=digests.versions("pyarrow", "datasets"),
            ),
        ]

    def mark(self, stages: Sequence[str]) -> None:
        """Leave a marker per stage, for make; its content changes only when the stage's outputs do."""
        for stage in stages:
            path = self.store.root / f"{stage}.done"
            text = digests.of_value([stage, self.keys]).encode() + b"\n"
            if not path.exists() or path.read_bytes() != text:
                self.store.write(path, text)


def _rules_of(folders_: Sequence[str]) -> str:
    """The digest of a user's own rule files."""
    files = [path for folder in folders_ for path in sorted(Path(folder).rglob("*.toml"))]
    return digests.of_value([[path.name, digests.of_file(path)] for path in files])


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


def _held(paths: Sequence[Path]) -> tuple[tuple[str, str], ...]:
    from corpuskit.tasks import shards

    found = []
    for path in paths:
        rows = shards.table(path, ["id", "fate", "fate_reason"]).to_pylist()
        found += [(row["id"], row["fate_reason"]) for row in rows if row["fate"] == "held"]
    return tuple(sorted(found))
