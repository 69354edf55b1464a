"""The stages of a build: which tasks there are and what each depends on. Nothing here runs one.

ingest ─▶ identify ─▶ count ─▶ clean ─▶ enrich ─▶ dedup ─▶ package
(per bucket)  (all)     (all)  (per shard) (per shard)  (all)    (all)
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from corpuskit import __version__
from corpuskit.config import Config
from corpuskit.dataset.card_file import CardFile
from corpuskit.dataset.release import Step
from corpuskit.metadata.aliases import Aliases
from corpuskit.reviewing.decisions import Decisions
from corpuskit.run import digests
from corpuskit.run.budget import Judged, judge
from corpuskit.run.decontaminate import decontaminate
from corpuskit.run.dedup import Decided, dedup
from corpuskit.run.inputs import Inputs
from corpuskit.run.passages import passages
from corpuskit.run.released import Before, before
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.run.templates import Counted, count
from corpuskit.sources import InputFile, Part, Seen

if TYPE_CHECKING:
    from corpuskit.cleaning.rules.loader import RuleFile

__all__ = ["STAGES", "Made", "Stages"]

STAGES = ("ingest", "count", "clean", "enrich", "dedup", "package")

#: What packaging runs of other rooms: names and addresses are masked there, and sources told, once more than in enrich.
_PACKAGED = ("duplicates/splits.py", *(f"metadata/{name}.py" for name in ("hints", "masking", "pii", "rights", "urls")))

#: Runs tasks and returns their markers: an engine, or what only looks.
Run = Callable[[Sequence[Task]], list[Marker]]


@dataclass(frozen=True, slots=True)
class Made:
    """The outputs of the stages that were asked for, shard for shard."""

    labels: tuple[str, ...]
    documents: tuple[Path, ...]
    quarantine: tuple[Path, ...]  #: of ingest, and of identify
    counted: Counted
    cleaned: tuple[Path, ...] = ()
    judged: Judged = field(default_factory=Judged)  #: the loss budget of sources and rules
    enriched: tuple[Path, ...] = ()
    fates: tuple[Path, ...] = ()  #: what becomes of each document before copies are looked for
    overlaps: tuple[Path, ...] = ()  #: with evaluation texts
    marked: tuple[Path, ...] = ()  #: ledgers with the passages that several documents of a source have
    before: Before = field(default_factory=Before)  #: earlier releases and the takedown list
    decided: Decided | None = None  #: by dedup


@dataclass(frozen=True, slots=True)
class Stages:
    """Makes the tasks of a build and hands them to `run`, stage by stage."""

    config: Config
    home: Path  #: from where relative paths in the options count
    card: CardFile
    inputs: Inputs
    store: Store
    run: Run
    aliases: Aliases = ()  #: of authors
    decisions: Decisions = field(default_factory=Decisions)  #: about held documents

    def until(self, last: str) -> Made:
        """Run the stages up to `last` and return their outputs; package is not among them."""
        stages = STAGES[: STAGES.index(last) + 1]
        reading = self._ingest()
        ingested = self.run(reading)
        documents, sizes = self._shards(reading, ingested)
        refused = self.run([self._identify(list(documents.values()))])[0]
        made = Made(
            tuple(documents),
            tuple(documents.values()),
            tuple(self._path(marker, "quarantine.parquet") for marker in (*ingested, refused)),
            Counted((), None),
        )
        total = sum(one.documents for one in ingested)
        if "count" in stages:
            counted = count(documents, sizes, self.config.clean, self.home, self.store, self.run)
            made = dataclasses.replace(made, counted=counted)
        if "clean" in stages:
            lists, own = made.counted.lists, self._own_rules()
            tasks = [self._clean(*pair, lists[at : at + 1], own) for at, pair in enumerate(documents.items())]
            tasks = [dataclasses.replace(task, documents=sizes[task.label]) for task in tasks]
            cleaned = tuple(self._path(marker, "cleaned.parquet") for marker in self.run(tasks))
            shards = list(zip(documents, documents.values(), cleaned, strict=True))
            judged = judge(shards, self.config.clean, self.decisions, self.store, self.run)
            made = dataclasses.replace(made, cleaned=cleaned, judged=judged)
        if "enrich" in stages:
            quarantine = self._path(refused, "quarantine.parquet")
            tasks = [
                self._enrich(label, path, clean)
                for (label, path), clean in zip(documents.items(), made.cleaned, strict=True)
            ]
            tasks = [dataclasses.replace(task, documents=sizes[task.label]) for task in tasks]
            enriched = tuple(self._path(marker, "enriched.parquet") for marker in self.run(tasks))
            spared = [task.spared for task in self.store.relieved(tasks)]
            tasks = [
                dataclasses.replace(self._fates(label, paths, quarantine, made.judged.exceeded), spared=one)
                for label, *paths, one in zip(
                    documents, documents.values(), made.cleaned, enriched, made.judged.losses, spared, strict=True
                )
            ]
            fates = tuple(self._path(marker, "fates.parquet") for marker in self.run(tasks))
            made = dataclasses.replace(made, enriched=enriched, fates=fates)
        if "dedup" in stages:
            made = self._dedup(made, total)
        return made

    def _path(self, marker: Marker, name: str) -> Path:
        return self.store.path(marker.output(name))

    def _ingest(self) -> list[Task]:
        """One task per bucket of files, and one per part of a large file."""
        tasks = []
        for number in range(self.inputs.buckets):
            if files := self.inputs.bucket(number):
                tasks.append(self._read(f"bucket {number + 1} of {self.inputs.buckets}", files))
        large = self.inputs.large()
        for (file, seen), marker in zip(large, self.run([self._cut(*one) for one in large]), strict=True):
            parts: list[Part | None] = [*self._parts(marker)] or [None]
            for number, part in enumerate(parts, 1):
                label = f"{file.path}, part {number} of {len(parts)}"
                task = self._read(label, [(dataclasses.replace(file, part=part), seen)])
                tasks.append(dataclasses.replace(task, bytes=file.size // len(parts)))
        return tasks

    def _read(self, label: str, files: Sequence[tuple[InputFile, Seen]]) -> Task:
        from corpuskit.tasks.ingest import IngestOptions

        return Task(
            stage="ingest",
            label=label,
            function="ingest:ingest",
            inputs=(),
            digests=tuple((f"the file {file.path}", seen.digest) for file, seen in files),
            options=IngestOptions(tuple(file for file, _ in files), self.inputs.declared, self.config.ingest),
            code=("sources",),
            libraries=("pyarrow", "charset-normalizer", "zstandard", "orjson", "pyyaml"),
            outputs=("documents-0000.parquet", "quarantine.parquet"),
            root=self.inputs.address,
            seen=tuple(seen for _, seen in files),
            bytes=sum(file.size for file, _ in files),
        )

    def _cut(self, file: InputFile, seen: Seen) -> Task:
        from corpuskit.tasks.ingest import CutOptions

        return Task(
            stage="ingest",
            label=f"cuts of {file.path}",
            function="ingest:cut",
            inputs=(),
            digests=((f"the file {file.path}", seen.digest),),
            options=CutOptions(file, self.config.ingest, self.inputs.part),
            code=("sources",),
            libraries=("pyarrow",),
            root=self.inputs.address,
            seen=(seen,),
        )

    def _parts(self, marker: Marker) -> list[Part]:
        """Return the parts that were found; none while that has not been looked for."""
        path = self.store.fetch(self._path(marker, "parts.json"))
        return [Part(*one) for one in json.loads(path.read_bytes())] if path.exists() else []

    def _shards(self, tasks: Sequence[Task], ingested: Sequence[Marker]) -> tuple[dict[str, Path], dict[str, int]]:
        """Return the shards of documents, and about how many are in each, under a label that stays from build to build."""
        found: dict[str, Path] = {}
        sizes: dict[str, int] = {}
        for task, marker in zip(tasks, ingested, strict=True):
            names = marker.names("documents")
            for number, name in enumerate(names, 1):
                label = task.label if len(names) == 1 else f"{task.label}, shard {number}"
                found[label] = self._path(marker, name)
                sizes[label] = marker.documents * number // len(names) - marker.documents * (number - 1) // len(names)
        return found, sizes

    def _identify(self, documents: Sequence[Path]) -> Task:
        return from_outputs("ingest", "ids", "ingest:identify", {"documents": documents}, None, ("sources",))

    def _own_rules(self) -> tuple[RuleFile, ...]:
        """Return the files of `[clean] rules` as they are now: tasks take them along, whoever edits them meanwhile."""
        if not self.config.clean.rules:
            return ()
        from corpuskit.cleaning.rules.loader import read_own

        read = read_own(self.config.clean.own_rules)
        return tuple(dataclasses.replace(one, path=Path(*one.path.parts[-2:])) for one in read)  # wherever they lie

    def _clean(self, label: str, documents: Path, templates: Sequence[Path], own: tuple[RuleFile, ...]) -> Task:
        from corpuskit.tasks.clean import CleanOptions

        return from_outputs(
            "clean",
            label,
            "clean:clean",
            {"documents": [documents], "templates": templates},
            # what the list of templates and rules of one's own say counts, and neither where they stand nor who made them
            CleanOptions(dataclasses.replace(self.config.clean.alone, rules=()), self.config.pii.masked, own),
            ("cleaning", "metadata/masking.py", "metadata/pii.py"),
            ("ftfy", "google-re2", "numpy"),
            [("rules of your own", digests.of_value(own))],
        )

    def _enrich(self, label: str, documents: Path, cleaned: Path) -> Task:
        from corpuskit.tasks.enrich import EnrichOptions

        return from_outputs(
            "enrich",
            label,
            "enrich:enrich",
            {"documents": [documents], "cleaned": [cleaned]},
            # what the file of aliases says counts, and not where it lies
            EnrichOptions(
                dataclasses.replace(self.config.metadata, authors=""), self.inputs.declared, self.config.pii, self.aliases
            ),
            ("metadata", "sources/declared.py"),
            ("langdetect", "py3langid", "numpy"),
        )

    def _fates(
        self, label: str, shard: Sequence[Path], refused: Path, exceeded: Path
    ) -> Task:
        """A task of its own, so that another filter redoes no more than what comes after it."""
        from corpuskit.tasks.fates import options_of

        return from_outputs(
            "enrich",
            f"fates of {label}",
            "fates:fates",
            {
                **dict(zip(("documents", "cleaned", "enriched", "losses"), ([path] for path in shard), strict=True)),
                "refused": [refused],
                "exceeded": [exceeded],
            },
            options_of(self.config, self.decisions),
            ("metadata/expressions.py", "cleaning/budget.py", "reviewing/decisions.py"),
        )

    def _dedup(self, made: Made, count: int) -> Made:
        from corpuskit.tasks.dedup import Shard

        asked = self.config.decontaminate
        if asked.against:
            labelled = list(zip(made.labels, made.cleaned, made.fates, strict=True))
            overlaps, fates = decontaminate(labelled, asked, self.home, self.store, self.run)
            made = dataclasses.replace(made, overlaps=overlaps, fates=fates)
        known = before(self.config.dedup, self.home, self.store, self.run)
        inputs = [Shard(clean, fates) for clean, fates in zip(made.cleaned, made.fates, strict=True)]
        # what the files hold counts, and neither where they lie nor what they are called
        options = dataclasses.replace(self.config.dedup, against=(), takedown="", passages=0)
        decided = dedup([*inputs, *known.shards], count + known.documents, options, self.store, self.run)
        marked: tuple[Path, ...] = ()
        if self.config.dedup.passages:
            labelled = list(zip(made.labels, made.cleaned, made.fates, strict=True))
            marked = passages(labelled, count, self.config.dedup.passages, decided, self.store, self.run)
        return dataclasses.replace(made, before=known, decided=decided, marked=marked)

    def package(self, made: Made) -> Task:
        """Return the task that writes the dataset; a build runs it in its own process."""
        decided = made.decided
        inputs = {
            "documents": made.documents,
            "cleaned": made.cleaned,
            "enriched": made.enriched,
            "fates": made.fates,
            "quarantine": made.quarantine,
            "overlaps": made.overlaps,
            "marked": made.marked,
            "templates": [made.counted.read] if made.counted.read else [],
            "decided": [decided.stars, decided.withheld, decided.related] if decided else [],
        }
        return from_outputs(
            "package",
            self.config.build.name,
            "package:package",
            inputs,
            self.config.package,
            ("dataset", *_PACKAGED),
            ("datasets",),
            [
                ("the version of corpuskit", __version__),  # the card names it; no digest of code holds it
                ("sources.toml", self.inputs.declared.digest),
                ("card.toml", digests.of_value(self.card)),
                ("name", self.config.build.name),
                ("personal data", digests.of_value(self.config.pii)),
                ("splits", digests.of_value(self.config.split)),
                ("releases", digests.of_value([release.label for release in made.before.releases])),
                ("what the card says of the stages", digests.of_value(self.steps(made))),
            ],
        )

    def steps(self, made: Made) -> list[Step]:
        """What the card says about how the dataset was made."""
        clean, copies = self.config.clean, self.config.dedup
        links = len(self.inputs.links)
        read = len(self.inputs.files) - links
        files = f"{read} file{' was' if read == 1 else 's were'} read"
        passed = f" and {links} link{' to one of them was' if links == 1 else 's to them were'} passed over" if links else ""
        return [
            Step(
                "ingest",
                f"{files}{passed}; encodings were detected for each file or record.",
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
            *_filter_step(self.config.filter.drop),
            Step(
                "dedup",
                "Copies were proposed by MinHash sketches and decided on the texts: a document was left out only when "
                "its text is contained in one that is kept.",
                settings=(
                    ("shingle", f"{copies.shingle} words"),
                    ("bands × rows", f"{copies.bands} × {copies.rows}"),
                    ("least coverage", f"{copies.min_coverage:g}"),
                    *(("against the release", release.label) for release in made.before.releases),
                ),
            ),
            *self._evaluated(),
            Step(
                "package",
                "Parquet files were written from one schema, and loaded with `datasets`, plain and streaming.",
                versions=digests.versions("pyarrow", "datasets"),
            ),
        ]

    def _evaluated(self) -> Iterator[Step]:
        asked = self.config.decontaminate
        if asked.against:
            done = "were left out" if asked.action == "drop" else "are listed and stay"
            yield Step(
                "decontaminate",
                f"Documents that share long word sequences with texts kept for evaluation {done}.",
                settings=(("words in a sequence", str(asked.words)), ("least share", f"{asked.share:g}")),
            )


def _filter_step(drop: Sequence[str]) -> list[Step]:
    """What the card says about filters, when there are any."""
    if not drop:
        return []
    summary = (
        "Documents of which one of these conditions holds were left out, before copies were looked for, so that "
        "no text is missing as a copy of one that is not there; `dropped` names each with the values that decided."
    )
    return [Step("filter", summary, settings=tuple((f"drop {at}:", text) for at, text in enumerate(drop, 1)))]
