"""What dedup decided, as published rows: the copies with what holds them, and the pairs that share much."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from corpuskit import schemas
from corpuskit.dataset.earlier import Earlier, rows
from corpuskit.duplicates.options import DEFAULTS
from corpuskit.errors import LawError
from corpuskit.tasks import merge, shards

__all__ = ["clusters", "copies", "fuller", "related"]


_OF_STARS = ("member", "kept", "kind", "containment", "jaccard", "longest", "differs", "also")
_OF_MEMBERS = ("source", "path", "url", "title", "authors", "date_published", "clean_sha256")


def copies(stars: pa.Table, who: pa.Table, here: pa.Table, releases: Sequence[Earlier]) -> pa.Table:
    """Return the rows of the config `clusters`, by source and id of the kept document, then id of the copy, with the
    column `member_date`, which is not published there.

    `who` has what is told of each copy, `here` the ids and sources of this dataset. Raises `LawError` when a copy would hang
    on a document that is published nowhere (law 5).
    """
    columns = {name: stars.column(name).combine_chunks() for name in _OF_STARS}
    columns["cluster"] = columns["kept"]
    columns["kept_source"], columns["kept_release"] = _homes(columns["kept"], here, releases)
    of = pc.index_in(columns["member"], value_set=who.column("id").combine_chunks())
    if of.null_count:
        raise LawError(f"copies are not among the documents, such as {columns['member'].filter(of.is_null())[0].as_py()!r}")
    for name in _OF_MEMBERS:
        told = {"clean_sha256": "sha256", "date_published": "date"}.get(name, name)
        columns[f"member_{told}"] = who.column(name).combine_chunks().take(of)
    found = pa.table(columns).select([*schemas.CLUSTERS.names, "member_date"])
    return found.sort_by([(name, "ascending") for name in ("kept_source", "kept", "member")])


def _homes(kept: pa.Array, here: pa.Table, releases: Sequence[Earlier]) -> tuple[pa.Array, pa.Array]:
    """Return the source of each document that copies hang on, and the label of the release that holds it, null where this
    dataset does."""
    at = pc.index_in(kept, value_set=here.column("id").combine_chunks())
    sources = here.column("source").combine_chunks().take(at)
    wanted = set(kept.filter(at.is_null()).to_pylist())
    elsewhere: dict[str, tuple[str, str]] = {}
    for release in releases:
        for _, batch in rows(release, ["id", "source"]) if len(elsewhere) < len(wanted) else ():
            for id_, source in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                if id_ in wanted and id_ not in elsewhere:
                    elsewhere[id_] = (source or "", release.label)
    if lost := sorted(wanted - set(elsewhere)):
        raise LawError(f"copies hang on documents that are published nowhere, such as {lost[0]!r}")
    of = pc.index_in(kept, value_set=pa.array(elsewhere, pa.string()))
    other, label = (pa.array([one[side] for one in elsewhere.values()], pa.string()).take(of) for side in (0, 1))
    return pc.coalesce(sources, other), label


def clusters(found: pa.Table) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the `copies` as the rows of the config `clusters`."""
    for start in range(0, len(found), merge.SLICE):
        part = found.slice(start, merge.SLICE).select(schemas.CLUSTERS.names).cast(schemas.CLUSTERS)
        yield from (("train", batch) for batch in part.combine_chunks().to_batches())


def fuller(path: Path | None) -> list[tuple[str, str]]:
    """Return the pairs of kept texts of which the second has nearly all words of the first, and more: what a release
    holds stays beside the fuller text that comes later."""
    if path is None:
        return []
    pairs = shards.table(path, ["other", "id", "containment_back"])
    pairs = pairs.filter(pc.greater_equal(pairs.column("containment_back"), DEFAULTS.min_coverage))
    return list(zip(pairs.column("other").to_pylist(), pairs.column("id").to_pylist(), strict=True))


def related(path: Path | None, here: pa.Table) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of the config `related`: pairs of kept texts, in the order of their ids; `here` has these and their
    sources."""
    if path is None:
        return
    known, sources = (here.column(name).combine_chunks() for name in ("id", "source"))
    for batch in shards.batches(path):
        columns = {name: batch.column(name) for name in batch.schema.names}
        for name in ("id", "other"):
            prefix = "" if name == "id" else "other_"
            columns[f"{prefix}source"] = sources.take(pc.index_in(columns[name], value_set=known))
        yield (
            "train",
            pa.RecordBatch.from_arrays([columns[name] for name in schemas.RELATED.names], schema=schemas.RELATED),
        )
