"""What becomes of each document before copies are looked for: kept, held, filtered or quarantined, and why.

Filters act here, before dedup, because a text may only be dropped as a copy of one that is kept (law 5): a document
that a filter takes away later would take its copies with it. They act after cleaning and after the loss budget: the
words of a document that lost too many are not yet those by which it should be judged, so it stays held. A person's
decision releases it (see `reviewing.decisions`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import pyarrow as pa

from corpuskit import schemas
from corpuskit.cleaning.budget import Excess
from corpuskit.config import Config
from corpuskit.metadata.expressions import Expression, parse
from corpuskit.metadata.options import FilterOptions
from corpuskit.reviewing.decisions import Decisions
from corpuskit.tasks import shards
from corpuskit.tasks.budget import carried, read_exceeded
from corpuskit.tasks.job import Job
from corpuskit.tasks.spared import DEFECT, DIED, Spared

__all__ = ["EMPTY", "FatesOptions", "fates", "fates_batch", "options_of"]

#: Reason of a document of which cleaning left nothing.
EMPTY = "empty after cleaning"

_CLEANED = ("status", "reason", "edits")
_DOCUMENTS = ("id", "source", "path", "record")
_WEIGHED = ("known", "date_published")


@dataclass(frozen=True, slots=True)
class FatesOptions:
    """The filters, the loss budget of cleaning, which an emptied document has to keep to as well, and who is released."""

    filter: FilterOptions
    budget_words: float
    budget_share: float
    decisions: Decisions


def options_of(config: Config, decisions: Decisions) -> FatesOptions:
    """Return the options that a configuration and the decisions about held documents state."""
    return FatesOptions(config.filter, config.clean.budget_words, config.clean.budget_share, decisions)


def fates(job: Job) -> int:
    """In: `documents`, `cleaned`, `enriched`, `losses`, `refused` (ids claimed twice), `exceeded`. Out: fates.parquet."""
    options: FatesOptions = job.options
    refused = {(row.path, row.record) for row in schemas.quarantined(shards.table(job.one("refused")))}
    over = carried(job.one("losses"), read_exceeded(job.one("exceeded")), options.decisions)
    conditions = [parse(text) for text in options.filter.drop]
    columns = sorted({*_WEIGHED, *(name for one in conditions for name in one.columns)})

    def rows() -> Iterator[pa.RecordBatch]:
        parts = (
            shards.batches(job.one("documents"), _DOCUMENTS),
            shards.batches(job.one("cleaned"), _CLEANED),
            shards.batches(job.one("enriched"), columns),
        )
        for documents, cleaned, enriched in zip(*parts, strict=True):
            yield fates_batch(documents, cleaned, enriched, options, conditions, refused, job.spared, over)

    return shards.write(job.out / "fates.parquet", schemas.FATES, rows())


def fates_batch(
    documents: pa.RecordBatch,
    cleaned: pa.RecordBatch,
    enriched: pa.RecordBatch,
    options: FatesOptions,
    conditions: Sequence[Expression],
    refused: frozenset[tuple[str, str]] | set[tuple[str, str]] = frozenset(),
    spared: Mapping[str, Spared] = MappingProxyType({}),
    over: Mapping[str, Excess] = MappingProxyType({}),
) -> pa.RecordBatch:
    """Return rows of FATES for batches of DOCUMENTS, CLEANED and ENRICHED that stand row for row beside each other.

    `refused` are path and record of the documents whose id another one has. `spared` says for ids why they were not
    enriched; of others cleaning says that it left them alone. `over` says for ids which source or rule they are held
    with, because together they may have lost too much.
    """
    known = enriched.select([*dict.fromkeys((*_WEIGHED, *(name for one in conditions for name in one.columns)))])
    rows = known.to_pylist()
    status, reasons = (cleaned.column(name).to_pylist() for name in ("status", "reason"))
    edits = cleaned.column("edits")
    found: list[tuple[str, str, str]] = []
    ids = documents.column("id").to_pylist()
    released = frozenset(options.decisions.documents)
    for at, place in enumerate(zip(*(documents.column(name).to_pylist() for name in ("path", "record")), strict=True)):
        if place in refused:
            found.append(("quarantined", "duplicate-id", "another document has its id"))
        elif ids[at] in spared or reasons[at].partition(": ")[0] in (DIED, DEFECT):
            reason, _, error = str(spared.get(ids[at], reasons[at])).partition(": ")
            found.append(("held", reason, ": ".join(filter(None, (" ".join(filter(None, place)), error)))))
        elif status[at] == "held" and ids[at] in released and reasons[at].startswith("empty"):
            found.append(("filtered", EMPTY, reasons[at].partition(": ")[2]))
        elif ids[at] in over:
            found.append(("held", _together(over[ids[at]]), over[ids[at]].evidence))
        elif status[at] == "held" and ids[at] not in released:
            found.append(_held(reasons[at], edits[at].as_py(), options))
        else:
            found.append(_filtered(rows[at], conditions))
    columns = [documents.column(name) for name in ("id", "source")]
    columns += [pa.array([one[part] for one in found], pa.string()) for part in range(3)]
    columns += [known.column(name) for name in _WEIGHED]
    return pa.RecordBatch.from_arrays(columns, schema=schemas.FATES)


def _together(one: Excess) -> str:
    """The reason of a document that is held with others: what took too much of them."""
    where = f"the source {one.source}" if one.source else "documents without a source"
    return f"loss-budget of {one.rule} in {where}" if one.rule else f"loss-budget of {where}"


def _held(said: str, edits: Sequence[Mapping[str, Any]], options: FatesOptions) -> tuple[str, str, str]:
    """The fate of a document that cleaning holds: emptied ones are dropped, as far as the loss budget allows it."""
    reason, _, evidence = said.partition(": ")
    if reason != "empty" or not options.filter.empty:
        return "held", reason, evidence
    words = [len(edit["removed"].split()) for edit in edits]
    lost = sum(count * (1 - edit["confidence"]) for count, edit in zip(words, edits, strict=True))
    allowed = max(options.budget_words, options.budget_share * sum(words))
    if lost > allowed:
        return "held", "loss-budget", f"{evidence}; {lost:.1f} good words may be lost, {allowed:.1f} are allowed"
    return "filtered", EMPTY, evidence


def _filtered(row: Mapping[str, Any], conditions: Sequence[Expression]) -> tuple[str, str, str]:
    """The fate of a document that was cleaned: the first condition that holds drops it."""
    for one in conditions:
        if one.holds(row):
            return "filtered", one.text, one.evidence(row)
    return "kept", "", ""
