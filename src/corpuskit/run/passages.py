"""Repeated passages as tasks: sighted in each shard, joined by digest, marked in each shard."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from corpuskit.run.dedup import Decided
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.tasks.passages import PassageOptions

__all__ = ["passages"]

_PER_PART = 20_000  # documents whose paragraphs make up one partition
_CODE = ("duplicates/passages.py", "duplicates/shingles.py")


def passages(
    shards: Sequence[tuple[str, Path, Path]],
    count: int,
    least: int,
    decided: Decided,
    store: Store,
    run: Callable[[Sequence[Task]], list[Marker]],
) -> tuple[Path, ...]:
    """Return, for each of `shards` (label, cleaned, fates) of `count` documents, where its ledgers lie with the repeated
    passages of at least `least` words marked.
    """
    options = PassageOptions(least, max(1, -(-count // _PER_PART)))
    seen = run(
        [
            from_outputs(
                "dedup",
                f"passages, {label}",
                "passages:sight",
                {"cleaned": [cleaned], "fates": [fates]},
                options,
                _CODE,
                ("numpy",),
            )
            for label, cleaned, fates in shards
        ]
    )
    gone = {"stars": [decided.stars], "withheld": [decided.withheld]}
    joined = run(
        [
            from_outputs(
                "dedup",
                f"passages, part {part + 1}",
                "passages:join",
                {"seen": [store.path(marker.output(f"seen-{part:04d}.parquet")) for marker in seen], **gone},
                None,
                _CODE,
            )
            for part in range(options.parts)
        ]
    )
    repeated = [store.path(marker.output("repeated.parquet")) for marker in joined]
    marked = run(
        [
            from_outputs(
                "dedup",
                f"marks, {label}",
                "passages:mark",
                {"cleaned": [cleaned], "repeated": repeated},
                None,
                _CODE,
            )
            for label, cleaned, _ in shards
        ]
    )
    return tuple(store.path(marker.output("marked.parquet")) for marker in marked)
