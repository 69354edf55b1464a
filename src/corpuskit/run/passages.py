"""Repeated passages as tasks: sighted in each shard, joined by digest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from corpuskit.run.dedup import Decided
from corpuskit.run.store import Marker, Store
from corpuskit.run.task import Task, from_outputs
from corpuskit.tasks.passages import PassageOptions

__all__ = ["passages"]

_PER_PART = 50_000  # documents whose paragraphs make up one partition
_CODE = ("duplicates/passages.py", "duplicates/shingles.py")


def passages(
    shards: Sequence[tuple[str, Path, Path]],
    count: int,
    least: int,
    decided: Decided,
    store: Store,
    run: Callable[[Sequence[Task]], list[Marker]],
) -> tuple[Path, ...]:
    """Return where the repeated passages of at least `least` words are listed, for shards (label, cleaned, fates) of
    `count` documents.
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
    return tuple(store.path(marker.output("passages.parquet")) for marker in joined)
