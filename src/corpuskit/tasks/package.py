"""Package: the shards of all stages become one dataset folder, built aside, proved to load, then put in place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

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
from corpuskit.errors import InputError, LawError
from corpuskit.metadata.masking import BLOT, blotted, mask_address
from corpuskit.process import give_back
from corpuskit.sources import Sources
from corpuskit.tasks import merge, shards
from corpuskit.tasks.clusters import clusters as cluster_rows
from corpuskit.tasks.clusters import copies as copies_of
from corpuskit.tasks.clusters import fuller
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
_OF_MEMBERS = pa.schema(
    [(name, pa.string()) for name in ("id", "source", "path", "url", "title")]
    + [("authors", pa.list_(pa.string())), ("date_published", pa.string()), ("clean_sha256", pa.string())]
)


#: Called with how many of how many kept documents are written (0 of 0 before and behind that), and what is done now.
Tell = Callable[[int, int, str], None]


def _nobody(done: int, total: int, what: str) -> None:
    """Tell nobody."""


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
    refused: tuple[Path, ...] = ()  #: quarantine of rows that never were documents, a second row of one id among them


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
    tell: Tell = _nobody,
) -> Packaged:
    """Write, verify and publish the dataset folder of `where`; `scratch` takes the throw-away cache and rows on
    their way into order, and `releases` hold what copies may hang on besides this dataset. Personal data of kinds `mask`
    is told nowhere. How far it is goes to `tell`.

    Raises `InputError` when nothing is kept (a dataset without rows does not load), `VerifyError` when the folder
    does not load, `OutputError` when it cannot be written; the folder that stood there before stays then.
    """
    table, order = merge.order(merge.keys(made.fates, ["source", "id", "fate", "reason"]))
    stars = shards.table(made.stars)
    table = _decided(made, table, stars)
    funnel = _funnel(table, _quarantined(made.quarantine), _quarantined(made.refused))
    if not funnel.kept:
        raise InputError(
            f"nothing to publish: of {funnel.read} documents read, {funnel.quarantined} are quarantined, {funnel.held} held, "
            f"{funnel.filtered} filtered, {funnel.merged} copies; `corpuskit build --json` lists the reasons"
        )

    target = folders.prepare(where)
    counts: dict[str, Tally] = {}
    for (source, fate), number in _counted(table, ("source", "fate")).items():
        counts.setdefault(source, Tally()).fates[fate] = number
    kept, members, left_out = (_are(table, fates) for fates in (("kept",), ("merged",), ("filtered", "held")))
    here = table.select(["id", "source"]).filter(pa.array(kept)).combine_chunks()
    del table
    copies = copies_of(stars, _members(made, order.where(members), scratch), here, releases)

    split = split or SplitOptions()
    held = chain(zip(*(stars.column(name).to_pylist() for name in ("member", "kept")), strict=True), fuller(made.related))
    splits = place(_split_by(made, order.where(kept), split, scratch), held, releases, split)
    texts = (_masked(batch, mask) for batch in _data(made, order.where(kept), copies, here, counts, scratch))
    told_of = _telling(texts, funnel.kept, tell)
    data = write_config(
        target, "default", (one for batch in told_of for one in splits.cut(batch)), schemas.DATA, options
    )
    give_back()
    tell(0, 0, "what was removed")
    removed = write_config(target, "removed", _removed(made, order.where(kept), counts, scratch), schemas.REMOVED, options)
    merged = ((part, _masked(batch, mask)) for part, batch in cluster_rows(copies))
    clusters = write_config(target, "clusters", merged, schemas.CLUSTERS, options)
    related = write_config(target, "related", related_rows(made.related, here), schemas.RELATED, options)
    refused = ((part, _masked(batch, mask)) for part, batch in _dropped(made, order.where(left_out), scratch))
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
    give_back()
    tell(0, 0, "proof that it loads")
    report = verify(target, scratch=scratch, fresh=True).require()
    folders.publish(where)
    return Packaged(where.target, funnel, release.digest, report)


def _telling(batches: Iterator[pa.RecordBatch], total: int, tell: Tell) -> Iterator[pa.RecordBatch]:
    """Pass batches on, and tell how many of `total` rows have passed."""
    done = 0
    for batch in batches:
        tell(done, total, "data")
        done += len(batch)
        yield batch


def _quarantined(paths: Sequence[Path]) -> Counter[str]:
    reasons: Counter[str] = Counter()
    for path in paths:
        reasons.update(shards.table(path, ["reason"]).column("reason").to_pylist())
    return reasons


def _decided(made: Shards, table: pa.Table, stars: pa.Table) -> pa.Table:
    """Return `table` with what became of each document, and why, now that dedup has decided."""
    ids, fates, reasons = (table.column(name).combine_chunks() for name in ("id", "fate", "reason"))
    taking_part = pc.equal(fates, "kept")
    here = pc.is_in(stars.column("kept"), value_set=ids.filter(taking_part))
    kinds = stars.column("kind")
    why = pc.if_else(here, kinds, pc.binary_join_element_wise(kinds, "in an earlier release", ", ")).combine_chunks()
    star = pc.index_in(ids, value_set=stars.column("member").combine_chunks())
    merged = pc.and_(taking_part, star.is_valid())
    fates = pc.if_else(merged, "merged", fates)
    reasons = pc.if_else(merged, why.take(star), reasons)
    if made.withheld:
        withheld = shards.table(made.withheld, ["member"]).column("member").combine_chunks()
        out = pc.and_(taking_part, pc.is_in(ids, value_set=withheld))
        fates, reasons = pc.if_else(out, "filtered", fates), pc.if_else(out, "takedown", reasons)
    return pa.table({"id": ids, "source": table.column("source"), "fate": fates, "reason": reasons})


def _are(table: pa.Table, fates: Sequence[str]) -> NDArray[np.bool_]:
    """Say of each document whether its fate is among `fates`."""
    found = pc.is_in(table.column("fate"), value_set=pa.array(fates))
    return np.asarray(found.to_numpy(), dtype=np.bool_)


def _counted(table: pa.Table, columns: tuple[str, str]) -> dict[tuple[str, str], int]:
    """Return how many rows there are of each two values of two columns."""
    found = table.group_by(list(columns), use_threads=False).aggregate([([], "count_all")]).to_pylist()
    return {(row[columns[0]], row[columns[1]]): row["count_all"] for row in found}


def _funnel(table: pa.Table, quarantined: Counter[str], refused: Counter[str]) -> Funnel:
    """Law 3: what was read is kept, dropped or quarantined.

    An id claimed twice is a document *and* an entry in `quarantined`; what is `refused` was never a document.
    """
    counted = _counted(table, ("fate", "reason"))
    tally: Counter[str] = Counter()
    for (fate, _), count in counted.items():
        tally[fate] += count
    why = {pair: count for pair, count in counted.items() if pair[0] in ("held", "filtered", "merged")}
    if tally["quarantined"] != quarantined["duplicate-id"]:
        raise LawError(
            f"{tally['quarantined']} documents lost their id, {quarantined['duplicate-id']} are in quarantine"
        )
    quarantined = quarantined + refused
    why.update({("quarantined", reason): count for reason, count in quarantined.items()})
    return Funnel(
        read=len(table) - tally["quarantined"] + sum(quarantined.values()),
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


def _members(made: Shards, order: merge.Order, scratch: Path) -> pa.Table:
    """What is told of each copy."""
    files = [
        ((documents, tuple(_OF_MEMBERS.names[:3])), (enriched, tuple(_OF_MEMBERS.names[3:])))
        for documents, enriched in zip(made.documents, made.enriched, strict=True)
    ]
    parts = [part.cast(_OF_MEMBERS) for part in merge.rows(files, order, scratch)]
    return pa.concat_tables(parts or [_OF_MEMBERS.empty_table()])


def _data(
    made: Shards,
    order: merge.Order,
    copies: pa.Table,
    here: pa.Table,
    counts: dict[str, Tally],
    scratch: Path,
) -> Iterator[pa.RecordBatch]:
    """Yield the rows of the texts; the `copies` stand in the order of the documents `here` that hold them."""
    files = [
        ((documents, _OF_DOCUMENTS), (cleaned, ("text",)), (enriched, _OF_ENRICHED))
        for documents, cleaned, enriched in zip(made.documents, made.cleaned, made.enriched, strict=True)
    ]
    holders = pc.index_in(copies.column("kept").combine_chunks(), value_set=here.column("id").combine_chunks())
    copies = copies.filter(holders.is_valid())
    places = holders.drop_null().to_numpy()
    done = 0
    for part in merge.rows(files, order, scratch):
        first, last = np.searchsorted(places, (done, done + len(part))).tolist()
        held: list[list[dict[str, Any]]] = [[] for _ in range(len(part))]
        for at, row in zip(places[first:last].tolist(), copies.slice(first, last - first).to_pylist(), strict=True):
            held[at - done].append(row)
        done += len(part)
        if first < last:
            told = [
                [*evidence, *(entry for copy in own for entry in _inherited(copy))]
                for evidence, own in zip(part.column("evidence").to_pylist(), held, strict=True)
            ]
            at = part.schema.get_field_index("evidence")
            part = part.set_column(at, "evidence", pa.array(told, type=pa.list_(schemas.EVIDENCE)))
        lists = [
            [{"id": row["member"], "source": row["member_source"], "url": row["member_url"], "kind": row["kind"]} for row in own]
            for own in held
        ]
        part = part.append_column("copies", pa.array(lists, type=pa.list_(schemas.COPY)))
        count_documents(part, counts)
        yield from part.select(schemas.DATA.names).cast(schemas.DATA).combine_chunks().to_batches()


def _inherited(copy: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield what a copy says of the work as evidence of origin "copy"; it changes no field that is chosen already."""
    said = [(name, copy[f"member_{name}"]) for name in ("source", "url", "title")]
    said += [("date_published", copy["member_date"])]
    said += [("author", author) for author in copy["member_authors"] or ()]
    for name, value in said:
        if value:
            yield {
                "field": name, "value": value, "origin": "copy", "evidence": f"copy {copy['member']}",
                "rule": f"dedup.{copy['kind']}",
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
    refused = [row for path in (*made.quarantine, *made.refused) for row in schemas.quarantined(shards.table(path))]
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
