"""What must not stand on both sides of a split: the members of one star, and texts that share long passages."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from corpuskit.dataset.front import Front, FrontConfig, FrontSplit
from corpuskit.dataset.lint import Finding, split_files
from corpuskit.duplicates.splits import Leak, Reader, leaks

__all__ = ["overlapping", "stars"]

_REMEDY = "build the dataset again from its texts"
_SHOWN = 5  # documents named in one finding


def stars(folder: Path, card: Front) -> list[Finding]:
    """Return what is wrong with ids and stars; nothing proves that each document stands in one split, no copy is
    published beside the document that holds it, and each of these is published.

    Memory: some forty bytes for each document and copy. Columns that are not there, in a folder of other making, are
    not checked.
    """
    texts = _columns(folder, _config(card, "default"), ("id",))
    if texts is None:
        return []
    where = card.configs[0].name
    ids = texts.column("id").combine_chunks()
    found = []
    twice = pc.value_counts(ids)
    twice = twice.filter(pc.greater(twice.field("counts"), 1)).field("values")
    if len(twice):
        found.append(_finding(where, "these ids stand in it more than once", twice))
    copies = _columns(folder, _config(card, "clusters"), ("member", "kept", "kept_release"))
    if copies is None:
        return found
    member, kept = (copies.column(name).combine_chunks() for name in ("member", "kept"))
    both = member.filter(pc.is_in(member, value_set=ids))
    if len(both):
        found.append(_finding("clusters", "these copies are published beside the document that holds them", both))
    here = kept.filter(copies.column("kept_release").combine_chunks().is_null())
    lost = here.filter(pc.invert(pc.is_in(here, value_set=ids)))
    if len(lost):
        found.append(_finding("clusters", "these documents are named as kept and are not there", pc.unique(lost)))
    return found


def _finding(where: str, what: str, ids: pa.Array) -> Finding:
    named = ", ".join(repr(id_) for id_ in ids[:_SHOWN].to_pylist())
    return Finding("error", where, f"{what}: {named}{' …' if len(ids) > _SHOWN else ''}", _REMEDY)


def overlapping(folder: Path, card: Front, share: float) -> Iterator[Leak]:
    """Yield each pair of texts of different splits of which the common 13-word sequences make up at least `share` of
    either. The largest split is streamed past the others; see `leaks` for memory.
    """
    config = _config(card, "default")
    if config is None:
        return
    sizes = {split.name: sum(path.stat().st_size for path in split_files(folder, split)) for split in config.splits}
    ordered = sorted(config.splits, key=lambda split: (sizes[split.name], split.name))
    yield from leaks([(split.name, _reader(folder, split)) for split in ordered], share)


def _reader(folder: Path, split: FrontSplit) -> Reader:
    def batches() -> Iterator[tuple[list[str], list[str]]]:
        for path in split_files(folder, split):
            with pq.ParquetFile(path) as file:
                for batch in file.iter_batches(batch_size=256, columns=["id", "text"], use_threads=False):
                    yield batch.column("id").to_pylist(), [text or "" for text in batch.column("text").to_pylist()]

    return batches


def _config(card: Front, name: str) -> FrontConfig | None:
    return next((config for config in card.configs if config.name == name), None)


def _columns(folder: Path, config: FrontConfig | None, names: tuple[str, ...]) -> pa.Table | None:
    """The columns of all files of a config, or None where there are none."""
    paths = [path for split in config.splits for path in split_files(folder, split)] if config else []
    if not paths or any(set(names) - set(pq.read_schema(path).names) for path in paths):
        return None
    tables = [pq.read_table(path, columns=list(names), use_threads=False, partitioning=None) for path in paths]
    return pa.concat_tables(tables).cast(pa.schema([(name, pa.string()) for name in names]))
