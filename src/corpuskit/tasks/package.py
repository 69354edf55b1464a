"""Package: the shards of all stages become one dataset folder, built aside, proved to load, then put in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from corpuskit import schemas
from corpuskit.cleaning import Templates
from corpuskit.dataset import card as cards
from corpuskit.dataset import folder as folders
from corpuskit.dataset.card_file import CardFile
from corpuskit.dataset.earlier import Earlier
from corpuskit.dataset.options import Options
from corpuskit.dataset.release import Funnel, Release, Step, survey
from corpuskit.dataset.verify import Report, verify
from corpuskit.dataset.writer import write_config
from corpuskit.duplicates.passages import FAMILY
from corpuskit.duplicates.splits import SplitOptions
from corpuskit.errors import LawError, UsageError
from corpuskit.metadata.masking import BLOT, blotted, mask_address
from corpuskit.sources import Sources
from corpuskit.tasks import merge, shards
from corpuskit.tasks.clusters import clusters as cluster_rows
from corpuskit.tasks.clusters import fuller, homes
from corpuskit.tasks.clusters import related as related_rows
from corpuskit.tasks.decontaminate import rows as overlap_rows
from corpuskit.tasks.source_rows import Tally, count_documents, source_rows
from corpuskit.tasks.splits import columns, place, told
from corpuskit.tasks.templates import read_list

__all__ = ["Packaged", "Shards", "package"]

_NAMES = ("path", "record", "member_path", "evidence")  # `evidence` where it is one sentence, not a list
_OF_DOCUMENTS = ("id", "source", "path", "record", "encoding", "bytes_sha256")
_OF_ENRICHED = tuple(
    name for name in schemas.ENRICHED.names if name in schemas.DATA.names and name not in _OF_DOCUMENTS
)


@dataclass(frozen=True, slots=True)
class Shards:
    """The outputs of the stages before, bucket for bucket."""

    documents: tuple[Path, ...]
    cleaned: tuple[Path, ...]
    enriched: tuple[Path, ...]
    fates: tuple[Path, ...]
    quarantine: tuple[Path, ...]  #: of ingest, and of identify
    stars: Path
    withheld: Path | None = None  #: the columns of the stars: what the takedown list keeps out
    related: Path | None = None  #: pairs of kept texts that share much
    overlaps: tuple[Path, ...] = ()  #: with evaluation texts
    templates: Path | None = None  #: the list of lines that sources repeat
    marked: tuple[Path, ...] = ()  #: ledgers with the passages that several documents of a source have; none: not looked for


@dataclass(frozen=True, slots=True)
class Packaged:
    """What was written."""

    folder: Path
    funnel: Funnel
    digest: str
    report: Report


def package(
    made: Shards,
    where: folders.Place,
    options: Options,
    declared: Sources,
    card_file: CardFile,
    steps: Sequence[Step],
    tool: str,
    scratch: Path,
    releases: Sequence[Earlier] = (),
    split: SplitOptions | None = None,
    mask: tuple[str, ...] = (),
) -> Packaged:
    """Write, verify and publish the dataset folder of `where`; `scratch` takes the throw-away cache, and `releases` hold
    what copies may hang on besides this dataset. Personal data of kinds `mask` is told nowhere.

    Raises `UsageError` when nothing is kept (a dataset without rows does not load), `VerifyError` when the folder
    does not load, `OutputError` when it cannot be written; the folder that stood there before stays then.
    """
    table = merge.keys(made.fates, ["source", "id", "fate", "reason"])
    table, order = merge.order(table)
    stars = shards.table(made.stars).to_pylist()
    ids: list[str] = table.column("id").to_pylist()
    fates, reasons = _fates(made, table, stars)
    funnel = _funnel(fates, reasons, _quarantined(made.quarantine))
    if not funnel.kept:
        raise UsageError(
            f"nothing to publish: of {funnel.read} documents read, {funnel.quarantined} are quarantined, {funnel.held} held, "
            f"{funnel.filtered} filtered, {funnel.merged} copies; `corpuskit build --json` lists the reasons"
        )
    kept = np.array([fate == "kept" for fate in fates], dtype=np.bool_)
    members = np.array([fate == "merged" for fate in fates], dtype=np.bool_)

    target = folders.prepare(where)
    counts: dict[str, Tally] = {}
    for source, fate in zip(table.column("source").to_pylist(), fates, strict=True):
        counts.setdefault(source, Tally()).fates[fate] += 1
    who = _members(made, order.where(members), scratch)
    here = {
        id_: source
        for id_, source, fate in zip(ids, table.column("source").to_pylist(), fates, strict=True)
        if fate == "kept"
    }
    where_kept = homes(stars, here, releases)
    copies: dict[str, list[dict[str, Any]]] = {}
    for row in stars:
        copies.setdefault(row["kept"], []).append(row)

    split = split or SplitOptions()
    held = [*((row["member"], row["kept"]) for row in stars), *fuller(made.related)]
    splits = place(_split_by(made, order.where(kept), split, scratch), held, releases, split)
    texts = (_masked(batch, mask) for batch in _data(made, order.where(kept), copies, who, counts, scratch))
    data = write_config(
        target, "default", (one for batch in texts for one in splits.cut(batch)), schemas.DATA, options
    )
    removed = write_config(target, "removed", _removed(made, order.where(kept), counts, scratch), schemas.REMOVED, options)
    merged = ((part, _masked(batch, mask)) for part, batch in cluster_rows(stars, who, where_kept))
    clusters = write_config(target, "clusters", merged, schemas.CLUSTERS, options)
    related = write_config(target, "related", related_rows(made.related, here), schemas.RELATED, options)
    left_out = order.where(np.array([fate in ("filtered", "held") for fate in fates], dtype=np.bool_))
    refused = ((part, _masked(batch, mask)) for part, batch in _dropped(made, left_out, scratch))
    dropped = write_config(target, "dropped", refused, schemas.DROPPED, options)
    overlaps = write_config(target, "overlaps", overlap_rows(made.overlaps, here), schemas.OVERLAPS, options)
    templates = read_list(made.templates) if made.templates else Templates()
    sources = write_config(target, "sources", source_rows(counts, declared, templates, mask), schemas.SOURCES, options)
    written = (data, removed, clusters, related, dropped, overlaps, sources)
    configs = tuple(config for config in written if config.splits)
    release = Release(
        name=where.target.name,
        version=options.version,
        date=options.date,
        tool=tool,
        configs=configs,
        funnel=funnel,
        numbers=survey(target, configs),
        steps=(*steps, *told(splits, split)),
        card=card_file,
    )
    cards.write_card(target, release)
    report = verify(target, scratch=scratch).require()
    folders.publish(where)
    return Packaged(where.target, funnel, release.digest, report)


def _quarantined(paths: Sequence[Path]) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for path in paths:
        reasons.update(shards.table(path, ["reason"]).column("reason").to_pylist())
    return reasons


def _fates(made: Shards, table: pa.Table, stars: Sequence[Mapping[str, Any]]) -> tuple[list[str], list[str]]:
    """Return what became of each document of `table`, and why, now that dedup has decided."""
    columns = [table.column(name).to_pylist() for name in ("id", "fate", "reason")]
    taking_part = {id_ for id_, fate, _ in zip(*columns, strict=True) if fate == "kept"}
    told = {
        row["member"]: ("merged", row["kind"] if row["kept"] in taking_part else f"{row['kind']}, in an earlier release")
        for row in stars
    }
    if made.withheld:
        for id_ in shards.table(made.withheld, ["member"]).column("member").to_pylist():
            told[id_] = ("filtered", "takedown")
    decided = [
        told.get(id_, (fate, reason)) if fate == "kept" else (fate, reason)
        for id_, fate, reason in zip(*columns, strict=True)
    ]
    return [fate for fate, _ in decided], [reason for _, reason in decided]


def _funnel(fates: Sequence[str], reasons: Sequence[str], quarantined: Counter[str]) -> Funnel:
    """Law 3: what was read is kept, dropped or quarantined. An id claimed twice is a document *and* an entry."""
    tally = Counter(fates)
    why: Counter[tuple[str, str]] = Counter()
    for fate, reason in zip(fates, reasons, strict=True):
        if fate in ("held", "filtered", "merged"):
            why[fate, reason] += 1
    why.update({("quarantined", reason): count for reason, count in quarantined.items()})
    if tally["quarantined"] != quarantined["duplicate-id"]:
        raise LawError(
            f"{tally['quarantined']} documents lost their id, {quarantined['duplicate-id']} are in quarantine"
        )
    return Funnel(
        read=len(fates) - tally["quarantined"] + sum(quarantined.values()),
        quarantined=sum(quarantined.values()),
        held=tally["held"],
        filtered=tally["filtered"],
        merged=tally["merged"],
        kept=tally["kept"],
        reasons=tuple((fate, reason, count) for (fate, reason), count in sorted(why.items())),
    )


def _split_by(made: Shards, order: merge.Order, options: SplitOptions, scratch: Path) -> Iterator[dict[str, Any]]:
    """What decides the split of each kept document."""
    files = [((path, columns(options)),) for path in made.enriched]
    return (row for part in merge.rows(files, order, scratch) for row in part.to_pylist())


def _members(made: Shards, order: merge.Order, scratch: Path) -> dict[str, dict[str, Any]]:
    """What is told of each copy."""
    files = [
        (
            (documents, ("id", "source", "path")),
            (enriched, ("url", "title", "authors", "date_published", "clean_sha256")),
        )
        for documents, enriched in zip(made.documents, made.enriched, strict=True)
    ]
    return {row["id"]: row for part in merge.rows(files, order, scratch) for row in part.to_pylist()}


def _data(
    made: Shards,
    order: merge.Order,
    copies: Mapping[str, list[dict[str, Any]]],
    who: Mapping[str, dict[str, Any]],
    counts: dict[str, Tally],
    scratch: Path,
) -> Iterator[pa.RecordBatch]:
    files = [
        ((documents, _OF_DOCUMENTS), (cleaned, ("text",)), (enriched, _OF_ENRICHED))
        for documents, cleaned, enriched in zip(made.documents, made.cleaned, made.enriched, strict=True)
    ]
    for part in merge.rows(files, order, scratch):
        lists = [
            [
                {
                    "id": row["member"],
                    "source": who[row["member"]]["source"],
                    "url": who[row["member"]]["url"],
                    "kind": row["kind"],
                }
                for row in sorted(copies.get(id_, ()), key=lambda row: row["member"])
            ]
            for id_ in part.column("id").to_pylist()
        ]
        if any(lists):
            told = [
                [
                    *evidence,
                    *(entry for copy in here for entry in _inherited(copy["id"], copy["kind"], who[copy["id"]])),
                ]
                for evidence, here in zip(part.column("evidence").to_pylist(), lists, strict=True)
            ]
            at = part.schema.get_field_index("evidence")
            part = part.set_column(at, "evidence", pa.array(told, type=pa.list_(schemas.EVIDENCE)))
        part = part.append_column("copies", pa.array(lists, type=pa.list_(schemas.COPY)))
        count_documents(part, counts)
        yield from part.select(schemas.DATA.names).cast(schemas.DATA).combine_chunks().to_batches()


def _inherited(member: str, kind: str, known: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a copy says of the work as evidence of origin "copy"; it changes no field that is chosen already."""
    said = [(name, known[name]) for name in ("source", "url", "title", "date_published")]
    said += [("author", author) for author in known["authors"] or ()]
    for name, value in said:
        if value:
            yield {
                "field": name, "value": value, "origin": "copy", "evidence": f"copy {member}", "rule": f"dedup.{kind}",
                "start": -1, "end": -1, "confidence": 1.0, "chosen": False,
            }  # fmt: skip


def _removed(
    made: Shards, order: merge.Order, counts: dict[str, Tally], scratch: Path
) -> Iterator[tuple[str, pa.RecordBatch]]:
    files: list[list[tuple[Path, Sequence[str]]]] = [
        [(documents, ("id", "source")), (cleaned, ("edits", "private"))]
        for documents, cleaned in zip(made.documents, made.cleaned, strict=True)
    ]
    for shard, path in zip(files, made.marked, strict=False):
        shard.append((path, ("marked",)))
    for part in merge.rows(files, order, scratch):
        part = part.combine_chunks()
        edits = part.column("edits").chunk(0) if part.num_rows else pa.array([], part.column("edits").type)
        if made.marked and part.num_rows:
            marked = part.column("marked").chunk(0)
            edits = pc.if_else(pc.greater(pc.list_value_length(marked), 0), marked, edits)
        owners = pc.list_parent_indices(edits)
        flat = edits.flatten()
        rules = flat.field("rule")
        family = pc.list_element(pc.split_pattern(rules, ".", max_splits=1), 0) if len(rules) else rules
        columns = {
            "id": part.column("id").chunk(0).take(owners) if len(rules) else rules,
            "source": part.column("source").chunk(0).take(owners) if len(rules) else rules,
            "family": family,
        }
        for name in ("rule", "start", "end", "confidence", "evidence", "removed", "inserted"):
            columns[name] = flat.field(name)
        columns["removed"] = _readable(part.column("private"), owners, columns)
        batch = pa.RecordBatch.from_arrays([columns[name] for name in schemas.REMOVED.names], schema=schemas.REMOVED)
        sizes = pc.subtract(columns["end"], columns["start"]).to_pylist()
        for source, name, size in zip(columns["source"].to_pylist(), family.to_pylist(), sizes, strict=True):
            if name == FAMILY:
                continue
            tally = counts[source].removed.setdefault(name, [0, 0])
            tally[0] += 1
            tally[1] += size
        yield "train", batch


def _dropped(made: Shards, order: merge.Order, scratch: Path) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield what was filtered or held, then what could not be read, each with the reason and what says so.

    Of what was taken down nothing is told but the id.
    """
    files = [
        ((documents, ("path", "record", "bytes_sha256")), (fates, ("id", "source", "fate", "reason", "evidence")))
        for documents, fates in zip(made.documents, made.fates, strict=True)
    ]
    nothing = dict.fromkeys(schemas.DROPPED.names)
    for part in merge.rows(files, order, scratch):
        found = [
            {**nothing, "id": row["id"], "fate": "filtered", "reason": "takedown"} if row["fate"] == "kept" else row
            for row in part.to_pylist()
        ]
        yield "train", pa.RecordBatch.from_pylist(found, schema=schemas.DROPPED)
    refused = [row for path in made.quarantine for row in schemas.quarantined(shards.table(path))]
    rows = [
        {**nothing, "path": row.path, "record": row.record, "fate": "quarantined", "reason": row.reason,
         "evidence": row.message}
        for row in sorted(refused, key=lambda row: (row.path, row.record, row.offset, row.reason))
    ]  # fmt: skip
    for start in range(0, len(rows), merge.SLICE):
        yield "train", pa.RecordBatch.from_pylist(rows[start : start + merge.SLICE], schema=schemas.DROPPED)


def _masked(batch: pa.RecordBatch, mask: tuple[str, ...]) -> pa.RecordBatch:
    """Return `batch` without the e-mail addresses that files, archive members and what is told of them are named by."""
    for at, field in enumerate(batch.schema):
        if not mask or field.name not in _NAMES or field.type != pa.string():
            continue
        if pc.any(pc.match_substring_regex(batch.column(at), "@|%40")).as_py():
            told = [value and mask_address(value, mask) for value in batch.column(at).to_pylist()]
            batch = batch.set_column(at, field, pa.array(told, field.type))
    return batch


def _readable(private: pa.ChunkedArray, owners: pa.Array, columns: Mapping[str, pa.Array]) -> pa.Array:
    """What edits removed, as it may be read: private stretches blotted out, and null where nothing else was removed."""
    texts = columns["removed"]
    hidden = pc.is_in(columns["family"], pa.array(["pii"]))
    if not pc.any(hidden).as_py() and not pc.any(pc.greater(pc.list_value_length(private), 0)).as_py():
        return texts
    spans = [[(span["start"], span["end"]) for span in one] for one in private.to_pylist()]
    shown = [
        None if whole else blotted(text, start, spans[owner]) if spans[owner] else text
        for text, start, owner, whole in zip(
            *(column.to_pylist() for column in (texts, columns["start"], owners, hidden)), strict=True
        )
    ]
    return pa.array([None if text and not text.strip(BLOT) else text for text in shown], texts.type)
