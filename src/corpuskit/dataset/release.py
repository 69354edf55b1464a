"""All that a card says about a dataset, as one frozen value; later files beside the card share it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpuskit.dataset.card_file import CardFile
from corpuskit.dataset.content import combine
from corpuskit.dataset.writer import ConfigFacts
from corpuskit.duplicates.passages import FAMILY, RULE
from corpuskit.errors import LawError
from corpuskit.schemas import PERSONAL

__all__ = ["Funnel", "Numbers", "Release", "Removal", "SourceFacts", "Step", "survey"]

#: A date that sorts as text: whole, or without day, or without month and day.
_ISO_DATE = "^[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?(?:T|$)"

#: Sources shown on the card; the config `sources` has all.
SOURCES_SHOWN = 20


@dataclass(frozen=True, slots=True)
class Funnel:
    """What became of everything that was read. Raises `LawError` when it does not add up (law 3)."""

    read: int
    quarantined: int = 0
    held: int = 0
    filtered: int = 0
    merged: int = 0
    kept: int = 0
    reasons: tuple[tuple[str, str, int], ...] = ()  #: fate, reason, documents

    def __post_init__(self) -> None:
        rest = self.quarantined + self.held + self.filtered + self.merged + self.kept
        if self.read != rest:
            raise LawError(f"{self.read} documents were read, but {rest} are accounted for")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the build, for "How it was made"."""

    name: str  #: "clean"
    summary: str  #: one sentence, Markdown
    settings: tuple[tuple[str, str], ...] = ()  #: thresholds, seeds, rule counts
    versions: tuple[tuple[str, str], ...] = ()  #: libraries that took part


@dataclass(frozen=True, slots=True)
class Removal:
    """What one rule, or one family of rules, changed."""

    name: str
    edits: int
    characters: int  #: code points of the raw texts that were taken or replaced
    documents: int


@dataclass(frozen=True, slots=True)
class SourceFacts:
    """One source, as the card's table shows it."""

    name: str
    url: str
    license: str
    read: int
    kept: int
    words: int
    dates: tuple[str, str]


@dataclass(frozen=True, slots=True)
class Numbers:
    """What the written files hold. Counters are sorted by count, then name; ``""`` counts the nulls."""

    documents: int
    words: int
    characters: int
    raw_characters: int
    authors: int  #: distinct names
    languages: tuple[tuple[str, int], ...]
    licenses: tuple[tuple[str, int], ...]
    dates: tuple[str, str]  #: earliest and latest, empty when none is known
    families: tuple[Removal, ...]
    rules: tuple[Removal, ...]
    marked: int  #: places where passages stand that several documents of a source have; nothing was changed there
    copies: tuple[tuple[str, int], ...]  #: kind of copy, documents
    personal: tuple[tuple[str, int, int], ...]  #: kind of personal data, finds, documents with any
    sources: int  #: those with a name
    largest: tuple[SourceFacts, ...]  #: the sources with the most words kept


@dataclass(frozen=True, slots=True)
class Release:
    """One state of a dataset, ready to be described."""

    name: str  #: of the folder
    version: str  #: x.y.z
    date: str  #: ISO, or empty: there is no clock
    tool: str  #: "corpuskit 0.1.0"
    configs: tuple[ConfigFacts, ...]  #: those that have rows, `default` first
    funnel: Funnel
    numbers: Numbers
    steps: tuple[Step, ...] = ()
    limits: tuple[str, ...] = ()  #: known limits that the build found out, Markdown
    card: CardFile = field(default_factory=CardFile)

    @property
    def digest(self) -> str:
        """The content digest of the dataset: of its configs' names and digests."""
        return combine((config.name, config.digest) for config in self.configs)


def survey(folder: Path, configs: tuple[ConfigFacts, ...]) -> Numbers:
    """Count what the card tells, from the files as they were written; only the columns needed are read.

    Memory grows with the number of distinct authors, rules and sources, not with the number of documents.
    """
    by_name = {config.name: config for config in configs}
    texts = _texts(folder, by_name.get("default"))
    families, rules = _removals(folder, by_name.get("removed"))
    kinds: Counter[str] = Counter()
    for batch in _batches(folder, by_name.get("clusters"), ["kind"]):
        _tally(kinds, batch.column("kind"))
    count, largest = _sources(folder, by_name.get("sources"))
    return Numbers(
        documents=texts.documents,
        words=texts.words,
        characters=texts.characters,
        raw_characters=texts.raw_characters,
        authors=len(texts.authors),
        languages=_ranked(texts.languages),
        licenses=_ranked(texts.licenses),
        dates=(texts.first, texts.last),
        families=tuple(family for family in families if family.name != FAMILY),
        rules=tuple(rule for rule in rules if rule.name != RULE),
        marked=sum(family.edits for family in families if family.name == FAMILY),
        copies=_ranked(kinds),
        personal=tuple((kind, *texts.personal[kind]) for kind in sorted(texts.personal)),
        sources=count,
        largest=largest,
    )


def _batches(folder: Path, config: ConfigFacts | None, columns: list[str]) -> Iterator[pa.RecordBatch]:
    for file in config.files if config else ():
        with pq.ParquetFile(folder / file.path) as handle:
            yield from handle.iter_batches(columns=columns)


def _tally(counts: Counter[str], column: pa.Array) -> None:
    for pair in pc.value_counts(column).to_pylist():
        counts[pair["values"] or ""] += pair["counts"]


def _ranked(counts: Counter[str]) -> tuple[tuple[str, int], ...]:
    return tuple(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


@dataclass(slots=True)
class _Texts:
    documents: int
    words: int
    characters: int
    raw_characters: int
    authors: set[str]
    languages: Counter[str]
    licenses: Counter[str]
    first: str
    last: str
    personal: dict[str, tuple[int, int]] = field(default_factory=dict)


def _texts(folder: Path, config: ConfigFacts | None) -> _Texts:
    found = _Texts(0, 0, 0, 0, set(), Counter(), Counter(), "", "")
    columns = ["authors", "language", "license", "date_published", "words", "characters", "raw_characters"]
    columns += [name for name, _ in PERSONAL]
    for batch in _batches(folder, config, columns):
        found.documents += batch.num_rows
        found.words += pc.sum(batch.column("words")).as_py() or 0
        found.characters += pc.sum(batch.column("characters")).as_py() or 0
        found.raw_characters += pc.sum(batch.column("raw_characters")).as_py() or 0
        found.authors.update(pc.unique(batch.column("authors").flatten()).drop_null().to_pylist())
        _tally(found.languages, batch.column("language"))
        _tally(found.licenses, batch.column("license"))
        for name, _ in PERSONAL:
            kind, column = name.removeprefix("pii_"), pc.fill_null(batch.column(name), 0)
            finds, documents = found.personal.get(kind, (0, 0))
            with_any = pc.sum(pc.greater(column, 0)).as_py() or 0
            found.personal[kind] = (finds + (pc.sum(column).as_py() or 0), documents + with_any)
        dates = batch.column("date_published")
        ends = pc.min_max(dates.filter(pc.match_substring_regex(dates, _ISO_DATE))).as_py()
        if ends["min"]:
            found.first = min(found.first or ends["min"], ends["min"])
            found.last = max(found.last, ends["max"])
    return found


def _removals(folder: Path, config: ConfigFacts | None) -> tuple[tuple[Removal, ...], tuple[Removal, ...]]:
    """Count changes by family and by rule.

    The rows of one document stand together: documents are counted by the last one seen for each name.
    """
    totals: dict[tuple[str, str], list[int]] = {}
    last = ""
    seen: set[tuple[str, str]] = set()  # names counted for the document that the batch before ended with
    for batch in _batches(folder, config, ["id", "family", "rule", "start", "end"]):
        rows = pa.Table.from_batches([batch])
        rows = rows.append_column("size", pc.subtract(rows["end"], rows["start"]))
        first, final = rows["id"][0].as_py(), rows["id"][-1].as_py()
        again = seen if first == last else set()
        begun = _names(rows.filter(pc.equal(rows["id"], first)))
        for name in ("family", "rule"):
            grouped = rows.group_by(name, use_threads=False).aggregate(
                [("size", "sum"), ("size", "count"), ("id", "count_distinct")]
            )
            for found in grouped.to_pylist():
                key = (name, found[name])
                total = totals.setdefault(key, [0, 0, 0])
                total[0] += found["size_count"]
                total[1] += found["size_sum"]
                total[2] += found["id_count_distinct"] - (key in again and key in begun)
        seen = _names(rows.filter(pc.equal(rows["id"], final))) | (again if final == last else set())
        last = final
    made = {
        name: tuple(
            sorted(
                (Removal(key[1], *total) for key, total in totals.items() if key[0] == name),
                key=lambda removal: (-removal.characters, removal.name),
            )
        )
        for name in ("family", "rule")
    }
    return made["family"], made["rule"]


def _names(rows: pa.Table) -> set[tuple[str, str]]:
    """The families and rules that `rows` name."""
    return {(name, value) for name in ("family", "rule") for value in pc.unique(rows[name]).to_pylist()}


def _without_name(column: pa.Array) -> int:
    return int(pc.sum(pc.equal(pc.fill_null(column, ""), "")).as_py() or 0)


def _sources(folder: Path, config: ConfigFacts | None) -> tuple[int, tuple[SourceFacts, ...]]:
    columns = [
        "source",
        "url",
        "license",
        "documents_read",
        "documents_kept",
        "words",
        "date_from",
        "date_to",
    ]
    number = 0
    largest: list[SourceFacts] = []
    for batch in _batches(folder, config, columns):
        number += batch.num_rows - _without_name(batch.column("source"))
        largest += [
            SourceFacts(
                row["source"] or "",
                row["url"] or "",
                row["license"] or "",
                row["documents_read"] or 0,
                row["documents_kept"] or 0,
                row["words"] or 0,
                (row["date_from"] or "", row["date_to"] or ""),
            )
            for row in batch.to_pylist()
        ]
        largest = sorted(largest, key=lambda source: (-source.words, source.name))[:SOURCES_SHOWN]
    return number, tuple(largest)
