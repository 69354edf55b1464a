"""What dedup decided, as published rows: the copies with what holds them, and the pairs that share much."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from corpuskit import schemas
from corpuskit.dataset.earlier import Earlier, rows
from corpuskit.duplicates.options import DEFAULTS
from corpuskit.errors import LawError
from corpuskit.tasks import merge, shards

__all__ = ["Home", "clusters", "fuller", "homes", "related"]


@dataclass(frozen=True, slots=True)
class Home:
    """Where a kept document is published."""

    source: str
    release: str | None = None  #: label of the earlier release that holds it; None: this dataset


def homes(stars: Sequence[Mapping[str, Any]], here: Mapping[str, str], releases: Sequence[Earlier]) -> dict[str, Home]:
    """Return where the document that each star hangs on is published; `here` gives the sources of this dataset.

    Raises `LawError` when a copy would hang on a document that is published nowhere (law 5).
    """
    wanted = {row["kept"] for row in stars}
    found = {id_: Home(here[id_]) for id_ in wanted if id_ in here}
    for release in releases:
        for _, batch in rows(release, ["id", "source"]) if len(found) < len(wanted) else ():
            for id_, source in zip(*(column.to_pylist() for column in batch.columns), strict=True):
                if id_ in wanted and id_ not in found:
                    found[id_] = Home(source or "", release.label)
    if lost := sorted(wanted - set(found)):
        raise LawError(f"copies hang on documents that are published nowhere, such as {lost[0]!r}")
    return found


_OF_STARS = ("kept", "member", "kind", "containment", "jaccard", "longest", "differs", "also")


def clusters(
    stars: Sequence[Mapping[str, Any]], who: Mapping[str, Mapping[str, Any]], where: Mapping[str, Home]
) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of the config `clusters`, by source and id of the kept document, then id of the copy."""
    made = [
        {
            "cluster": row["kept"],
            **{name: row[name] for name in _OF_STARS},
            "kept_source": where[row["kept"]].source,
            "kept_release": where[row["kept"]].release,
            "member_source": who[row["member"]]["source"],
            "member_path": who[row["member"]]["path"],
            "member_url": who[row["member"]]["url"],
            "member_title": who[row["member"]]["title"],
            "member_authors": who[row["member"]]["authors"],
            "member_sha256": who[row["member"]]["clean_sha256"],
        }
        for row in sorted(stars, key=lambda row: (where[row["kept"]].source, row["kept"], row["member"]))
    ]
    for start in range(0, len(made), merge.SLICE):
        yield "train", pa.RecordBatch.from_pylist(made[start : start + merge.SLICE], schema=schemas.CLUSTERS)


def fuller(path: Path | None) -> list[tuple[str, str]]:
    """Return the pairs of kept texts of which the second has nearly all words of the first, and more: what a release
    holds stays beside the fuller text that comes later."""
    if path is None:
        return []
    pairs = shards.table(path, ["other", "id", "containment_back"])
    pairs = pairs.filter(pc.greater_equal(pairs.column("containment_back"), DEFAULTS.min_coverage))
    return list(zip(pairs.column("other").to_pylist(), pairs.column("id").to_pylist(), strict=True))


def related(path: Path | None, here: Mapping[str, str]) -> Iterator[tuple[str, pa.RecordBatch]]:
    """Yield the rows of the config `related`: pairs of kept texts, in the order of their ids."""
    if path is None:
        return
    known = pa.array(here, pa.string())
    sources = pa.array(here.values(), pa.string())
    for batch in shards.batches(path):
        columns = {name: batch.column(name) for name in batch.schema.names}
        for name in ("id", "other"):
            prefix = "" if name == "id" else "other_"
            columns[f"{prefix}source"] = sources.take(pc.index_in(columns[name], value_set=known))
        yield (
            "train",
            pa.RecordBatch.from_arrays([columns[name] for name in schemas.RELATED.names], schema=schemas.RELATED),
        )
